import { z } from 'zod';
import { eventKinds, eventSeverities } from '../../core/event.ts';
import { parseDuration } from '../../policy/time.ts';
import { strict } from './strict.ts';

const mostReceivers = 20;

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const httpAddress = 'an http:// or https:// address without credentials';
const address = z.string({ error: httpAddress }).refine(isAddress, { error: httpAddress });
const aTime = 'a time such as 30s, 5m or 7d';
const time = z.string({ error: aTime }).refine((value) => milliseconds(value) !== null, { error: aTime });
const perHour = z
  .int({ error: 'a whole number from 1 to 100000' })
  .min(1, { error: 'a whole number from 1 to 100000' })
  .max(100_000, { error: 'a whole number from 1 to 100000' });

const base = {
  name: z
    .string({ error: 'a name of lower case letters, digits and -' })
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, { error: 'a name of lower case letters, digits and -' }),
  kinds: z
    .array(z.enum(eventKinds, { error: eventKinds.join(', ') }), { error: 'a list of kinds of events' })
    .min(1, { error: 'at least one kind of events' })
    .optional(),
  minSeverity: z.enum(eventSeverities, { error: eventSeverities.join(', ') }).default('notice'),
  groupFor: time.optional(),
};
/** An address that is a secret comes from a file or from the environment. */
const target = {
  url: address.optional(),
  urlFile: text.optional(),
  urlEnv: text.optional(),
  ca: text.optional(),
};
const token = { tokenFile: text.optional(), tokenEnv: text.optional() };

const falcosidekick = strict({
  ...base,
  ...target,
  ...token,
  type: z.literal('falcosidekick'),
  perHour: perHour.optional(),
});
const slack = strict({
  ...base,
  type: z.literal('slack'),
  urlFile: text.optional(),
  urlEnv: text.optional(),
  ca: text.optional(),
  perHour: perHour.optional(),
});
const alertmanager = strict({
  ...base,
  ...target,
  ...token,
  type: z.literal('alertmanager'),
  alertFor: time.optional(),
});
const webhook = strict({
  ...base,
  ...target,
  ...token,
  type: z.literal('webhook'),
  format: z.enum(['message', 'cloudevents'], { error: 'message or cloudevents' }).default('message'),
  secretFile: text.optional(),
  secretEnv: text.optional(),
  perHour: perHour.optional(),
});
const file = strict({
  ...base,
  type: z.literal('file'),
  path: text,
  maxBytes: z
    .int({ error: 'a whole number of bytes from 65536' })
    .min(65_536, { error: 'a whole number of bytes from 65536' })
    .optional(),
});

const types = 'falcosidekick, slack, alertmanager, webhook or file';
const receiver = z.discriminatedUnion('type', [falcosidekick, slack, alertmanager, webhook, file], {
  error: (issue) => (issue.code === 'invalid_union' ? types : `a map with type ${types}`),
});

/** Who is told of what happens. Without receivers nobody is. */
export const eventsSchema = strict({
  receivers: z
    .array(receiver, { error: 'a list of receivers' })
    .max(mostReceivers, { error: `at most ${mostReceivers} receivers` })
    .default([]),
  warnBefore: time.default('7d'),
  staleAfter: time.default('2d'),
});

export type EventsFile = z.infer<typeof eventsSchema>;
export type ReceiverFile = EventsFile['receivers'][number];

/** Milliseconds; null: no time. */
export function milliseconds(value: string): number | null {
  return /^[1-9][0-9]{0,4}s$/.test(value) ? Number(value.slice(0, -1)) * 1000 : parseDuration(value);
}

export function isAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, hash } = new URL(value);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '' && hash === '';
}

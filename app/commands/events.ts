import { hostname } from 'node:os';
import { PratiqueError } from '../../core/errors.ts';
import { noSubject } from '../../core/event.ts';
import { openStateBeside } from '../../db/state.ts';
import { type Message, messageOf } from '../../events/message.ts';
import { createSend } from '../../events/send.ts';
import { readMessage, whenever } from '../../events/waiting.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { deadText, type ReceiverStatus, receiversText } from '../report/events-report.ts';
import { withState } from './state-beside.ts';

interface Place {
  readonly sources: ConfigSources;
}
interface Printed extends Place {
  readonly format: 'table' | 'json';
}

const mostDead = 1000;

/** `pratique events status`. @throws PratiqueError `config-invalid`, `data-unusable` */
export function eventsStatus({ format, sources }: Printed, console: Console): Promise<number> {
  const { data, events } = loadConfig(sources);
  const receivers = withState(dataPaths(data).state, openStateBeside, (state): ReceiverStatus[] => {
    const counts = new Map(state.waitingMessages().map((entry) => [entry.receiver, entry]));
    const names = new Set([...events.receivers.map(({ name }) => name), ...counts.keys()]);
    return [...names].map((name) => {
      const [oldest] = state.dueMessages(name, whenever, 1);
      return {
        name,
        type: events.receivers.find((receiver) => receiver.name === name)?.type ?? null,
        waiting: counts.get(name)?.waiting ?? 0,
        dead: counts.get(name)?.dead ?? 0,
        since: oldest?.createdAt ?? null,
        problem: oldest?.problem ?? null,
      };
    });
  });
  console.out(
    format === 'json' ? JSON.stringify({ schemaVersion: 1, receivers }, null, 2) : receiversText(receivers),
  );
  return Promise.resolve(exitCodes.ok);
}

/** `pratique events dead`. @throws PratiqueError `config-invalid`, `data-unusable` */
export function eventsDead({ format, sources }: Printed, console: Console): Promise<number> {
  const file = dataPaths(loadConfig(sources).data).state;
  const dead = withState(file, openStateBeside, (state) =>
    state.deadLetters(mostDead).map(({ body, ...letter }) => ({ ...letter, message: readMessage({ body }) })),
  );
  console.out(format === 'json' ? JSON.stringify({ schemaVersion: 1, dead }, null, 2) : deadText(dead));
  return Promise.resolve(exitCodes.ok);
}

/** `pratique events retry`. @throws PratiqueError `usage-invalid`, `config-invalid`, `data-unusable`, `data-locked` */
export function eventsRetry(
  { id, sources }: Place & { readonly id: string | null },
  console: Console,
): Promise<number> {
  if (id !== null && !/^[1-9][0-9]{0,14}$/.test(id))
    throw new PratiqueError('usage-invalid', `found "${id}", allowed an id of "pratique events dead"`);
  const file = dataPaths(loadConfig(sources).data).state;
  const count = withState(file, openStateBeside, (state) =>
    state.retryDead(id === null ? null : Number(id), new Date().toISOString()),
  );
  if (id !== null && count === 0)
    throw new PratiqueError(
      'usage-invalid',
      `no message with the id ${id} was given up: see "pratique events dead"`,
    );
  console.out(count === 1 ? '1 message was put back.' : `${count} messages were put back.`);
  return Promise.resolve(exitCodes.ok);
}

/** `pratique events test`: needs no server and no state. @throws PratiqueError `usage-invalid`, `config-invalid` */
export async function eventsTest(
  { receiver, sources }: Place & { readonly receiver: string | null },
  console: Console,
): Promise<number> {
  const { events, proxies } = loadConfig(sources);
  const { receivers } = events;
  const asked = receivers.filter(({ name }) => receiver === null || name === receiver);
  if (asked.length === 0) {
    const names = receivers.map(({ name }) => name).join(', ');
    const allowed = names === '' ? 'a receiver of the configuration: it has none' : names;
    throw new PratiqueError('usage-invalid', `found the receiver "${receiver ?? ''}", allowed ${allowed}`);
  }
  const message = testMessage(new Date().toISOString());
  const outcomes = await Promise.all(
    asked.map(async (one) => {
      const send = createSend(one, { hostname: hostname(), now: Date.now, proxies });
      return { one, outcome: await send(message, new AbortController().signal) };
    }),
  );
  for (const { one, outcome } of outcomes)
    console.out(`${one.name} (${one.type}): ${outcome.kind === 'delivered' ? 'delivered' : outcome.problem}`);
  return outcomes.every(({ outcome }) => outcome.kind === 'delivered') ? exitCodes.ok : exitCodes.undecided;
}

function testMessage(at: string): Message {
  const message = messageOf(
    {
      kind: 'policy-invalid',
      severity: 'notice',
      at,
      group: 'test',
      title: 'A test message of Pratique',
      reasons: [],
      subject: noSubject,
    },
    at,
  );
  return { ...message, kind: 'test' };
}

import { z } from 'zod';
import { packageTypes } from '../../core/inventory.ts';
import { parseDuration } from '../../policy/time.ts';
import { checkKeys } from './checks-schema.ts';
import { loginSchema, secretSchema } from './login-schema.ts';
import { strict } from './strict.ts';

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const aTime = 'a time such as 10m or 24h';
const time = z.string({ error: aTime }).refine((value) => parseDuration(value) !== null, { error: aTime });
const aServer = 'an http:// or https:// address without credentials and query';
const server = z.string({ error: aServer }).refine(isServer, { error: aServer });
const listenText = 'HOST:PORT';
const listenPattern = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$/;
const aCommand = 'the name of a program, or its path';
const command = z
  .string({ error: aCommand })
  .min(1, { error: aCommand })
  .max(4096, { error: aCommand })
  .refine((value) => !value.startsWith('-') && !value.includes('\0'), { error: aCommand });
const scans = 'a whole number from 1 to 32';

/** What a scanner may be said to know advisories of: operating systems, and kinds of packages. */
const coveredText = `a list of ${['os', ...packageTypes].join(', ')}`;

/** How images are looked at, which scanner decides, and how others are reached. */
export const scannerSchema = strict({
  ...checkKeys,
  engine: z
    .enum(['builtin', 'trivy', 'grype', 'harbor'], { error: 'builtin, trivy, grype or harbor' })
    .default('builtin'),
  /** After that, what another scanner has said counts no more. */
  maxAge: time.default('24h'),
  timeout: time.default('10m'),
  concurrency: z.int({ error: scans }).min(1, { error: scans }).max(32, { error: scans }).optional(),
  covers: z
    .array(z.enum(['os', ...packageTypes], { error: coveredText }), { error: coveredText })
    .default([]),
  /** Where other scanners pull what they scan. */
  pull: strict({
    listen: z
      .string({ error: listenText })
      .refine(
        (value) => listenPattern.test(value) && Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535,
        {
          error: listenText,
        },
      )
      .default('127.0.0.1:0'),
    /** Where scanners on other machines reach that. */
    url: server.optional(),
  }).prefault({}),
  trivy: strict({
    command: command.default('trivy'),
    server: server.optional(),
    token: secretSchema.optional(),
  })
    .refine((value) => value.token === undefined || value.server !== undefined, {
      error: 'a token for a server, which has to be named',
    })
    .prefault({}),
  grype: strict({ command: command.default('grype') }).prefault({}),
  harbor: strict({ url: server, auth: loginSchema.default('none'), ca: text.optional() }).optional(),
});

export type ScannerFile = z.infer<typeof scannerSchema>;

function isServer(value: string): boolean {
  if (!/^https?:\/\/[^\s]+$/.test(value) || !URL.canParse(value)) return false;
  const { username, password, search, hash } = new URL(value);
  return username === '' && password === '' && search === '' && hash === '';
}

import { z } from 'zod';
import { proxyAddress } from '../../core/http-proxy.ts';
import { parsePlatform } from '../../core/platform.ts';
import { repositoryPathPattern } from '../../core/reference.ts';
import { parseDuration } from '../../policy/time.ts';
import { isRepositoryPattern } from '../../registry/repository-pattern.ts';
import { strict } from './strict.ts';
import { tagKeys } from './tags-schema.ts';

const hostPattern = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?$/;
const secondsPattern = /^[1-9][0-9]{0,4}s$/;
const mostMirrors = 10;
const mostPatterns = 500;

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const host = z
  .string({ error: 'a host, with its port if it has one' })
  .regex(hostPattern, { error: 'a host, with its port if it has one' });
const hosts = z.array(host, { error: 'a list of hosts' }).max(100, { error: 'at most 100 hosts' });
const timeText = 'a time such as 30s or 5m';
const time = z
  .string({ error: timeText })
  .refine((value) => secondsPattern.test(value) || parseDuration(value) !== null, { error: timeText });
const count = z.int({ error: 'a whole number above 0' }).positive({ error: 'a whole number above 0' });
const rateText = 'a number of requests above 0 and at most 10000';
const patternText = 'a pattern of repository paths such as library/* or team/**';
const patterns = z
  .array(z.string({ error: patternText }).refine(isRepositoryPattern, { error: patternText }), {
    error: 'a list of repository patterns',
  })
  .max(mostPatterns, { error: `at most ${mostPatterns} repository patterns` });

/** A platform of an index. */
export const platformSchema = z
  .string({ error: 'os/architecture or os/architecture/variant' })
  .refine((value) => parsePlatform(value) !== null, { error: 'os/architecture or os/architecture/variant' });

const oneKind =
  'username with exactly one of passwordFile, passwordEnv; or exactly one of tokenFile, tokenEnv, file, dockerConfig';

/** Secrets come from files or from the environment, never from this file. */
const credentials = strict({
  username: text.optional(),
  passwordFile: text.optional(),
  passwordEnv: text.optional(),
  tokenFile: text.optional(),
  tokenEnv: text.optional(),
  file: text.optional(),
  dockerConfig: text.optional(),
}).refine(
  ({ username, ...sources }) => {
    const given = Object.values(sources).filter((source) => source !== undefined);
    const isPassword = sources.passwordFile !== undefined || sources.passwordEnv !== undefined;
    return given.length === 1 && isPassword === (username !== undefined);
  },
  { error: oneKind },
);

/** How one registry is reached, an upstream's own or one of its mirrors. */
const place = {
  url: z
    .string({ error: 'an http:// or https:// address' })
    .refine(isOrigin, { error: 'an http:// or https:// address without path, query or credentials' }),
  credentials: credentials.optional(),
  ca: text.optional(),
  certificate: text.optional(),
  key: text.optional(),
  realms: hosts.optional(),
  privateHosts: hosts.optional(),
  proxy: z
    .string({ error: 'an http:// or https:// address of a proxy, or "off"' })
    .refine((value) => value === 'off' || (value.includes('://') && proxyAddress(value) !== null), {
      error: 'an http:// or https:// address of a proxy, or "off"',
    })
    .optional(),
};
const together = { error: 'certificate and key together, or neither' };
const isWhole = (value: { certificate?: string | undefined; key?: string | undefined }): boolean =>
  (value.certificate === undefined) === (value.key === undefined);

const mirror = strict({
  ...place,
  tags: z.boolean({ error: 'true or false' }).default(false),
}).refine(isWhole, together);

export const upstreamSchema = strict({
  name: z
    .string({ error: 'a path alias such as docker.io' })
    .regex(repositoryPathPattern, { error: 'a path alias such as docker.io: lower case, no colon' })
    .refine((value) => value !== 'hosted' && !value.startsWith('hosted/'), {
      error: 'any name but the reserved "hosted"',
    }),
  namespace: host.optional(),
  ...place,
  push: z.enum(['off', 'gate', 'record'], { error: 'off, gate or record' }).default('off'),
  private: z.boolean({ error: 'true or false' }).optional(),
  ...tagKeys,
  platforms: z
    .array(platformSchema, { error: 'a list of platforms' })
    .min(1, { error: 'at least one platform' })
    .optional(),
  repositories: strict({ allow: patterns.default([]), deny: patterns.default([]) }).optional(),
  limits: strict({
    concurrency: count.optional(),
    requestsPerSecond: z
      .number({ error: rateText })
      .positive({ error: rateText })
      .max(10_000, { error: rateText })
      .optional(),
    /** Bytes per second. */
    leastPace: count.optional(),
  }).optional(),
  timeouts: strict({
    connect: time.optional(),
    headers: time.optional(),
    idle: time.optional(),
    manifest: time.optional(),
    blob: time.optional(),
  }).optional(),
  mirrors: z
    .array(mirror, { error: 'a list of mirrors' })
    .max(mostMirrors, { error: `at most ${mostMirrors} mirrors` })
    .optional(),
}).refine(isWhole, together);

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return (
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.pathname === '/' &&
    url.search === '' &&
    url.username === '' &&
    url.password === ''
  );
}

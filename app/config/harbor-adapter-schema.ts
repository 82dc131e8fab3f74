import { z } from 'zod';
import { parseDuration } from '../../policy/time.ts';
import { loginSchema } from './login-schema.ts';
import { strict } from './strict.ts';

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const hostPattern = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/;
const anyHost = 'a host in lower case, with its port if it is not the usual one';
const host = z.string({ error: anyHost }).regex(hostPattern, { error: anyHost });
const hosts = z
  .array(host, { error: 'a list of hosts' })
  .min(1, { error: 'at least one host' })
  .max(100, { error: 'at most 100 hosts' });
const aTime = 'a time such as 30m or 2h';

/** Harbor's scanner adapter. Without it the adapter answers everybody, on loopback alone. */
export const harborAdapterSchema = strict({
  auth: loginSchema.optional(),
  tls: strict({ certificate: text, key: text }).optional(),
  sbom: z.boolean({ error: 'true or false' }).default(true),
  uncovered: z.enum(['fail', 'report'], { error: 'fail or report' }).default('fail'),
  registryAuthorization: z.enum(['basic', 'bearer'], { error: 'basic or bearer' }).default('basic'),
  deadline: z
    .string({ error: aTime })
    .refine((value) => parseDuration(value) !== null, { error: aTime })
    .default('1h'),
  concurrency: z
    .int({ error: 'a whole number from 1 to 64' })
    .min(1, { error: 'a whole number from 1 to 64' })
    .max(64, { error: 'a whole number from 1 to 64' })
    .default(4),
  registries: hosts.optional(),
  ca: text.optional(),
  names: z.record(host, host, { error: 'a map from hosts to hosts' }).default({}),
  realms: hosts.optional(),
});

export type HarborAdapterFile = z.infer<typeof harborAdapterSchema>;

import { z } from 'zod';
import { tlsSchema } from './registry-port-schema.ts';
import { strict } from './strict.ts';

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const clusterText = 'a name of at most 253 letters, digits, dots, hyphens and underscores';
const hostText = 'a host name or an IP address';

/** Other gates of Pratique, which run on their own: who they are, and what this one shows them. */
export const gatesSchema = strict({
  tokens: z
    .array(
      strict({
        cluster: z.string({ error: clusterText }).regex(/^[A-Za-z0-9._-]{1,253}$/, { error: clusterText }),
        tokenFile: text.optional(),
        tokenEnv: text.optional(),
      }).refine((value) => (value.tokenFile === undefined) !== (value.tokenEnv === undefined), {
        error: 'exactly one of tokenFile, tokenEnv',
      }),
      { error: 'a list of tokens' },
    )
    .max(200, { error: 'at most 200 tokens' })
    .default([]),
  clientCa: text.optional(),
  require: z.enum(['either', 'both'], { error: 'either or both' }).default('either'),
  tls: z.union([z.literal('off'), tlsSchema], { error: 'off, or a map with certificate and key' }).optional(),
  names: z
    .array(z.string({ error: hostText }).min(1, { error: hostText }), { error: 'a list of names' })
    .default([]),
}).prefault({});

export type GatesFile = z.infer<typeof gatesSchema>;

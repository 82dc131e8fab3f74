import { z } from 'zod';
import { canonicalHost } from '../../core/reference.ts';
import type { BasicCredentials } from './config.ts';

/** What a `config.json` of Docker's holds for a registry. */
export interface DockerLogin {
  readonly credentials: BasicCredentials | null;
  /** What stands there and is not used, as the end of a sentence about the file; null: nothing. */
  readonly unused: string | null;
}

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});
const fileSchema = z.object({
  auths: z.record(z.string(), entrySchema).optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});

/**
 * Looks a registry up (`registry.corp:5000`, `docker.io`). Programs that the file names to keep secrets are not run.
 * @throws Error that shows nothing of what stands in the text
 */
export function dockerLoginIn(text: string, registry: string): DockerLogin {
  const config = parse(text);
  const entry = Object.entries(config.auths ?? {}).find(([key]) => hostOf(key) === registry)?.[1];
  const credentials = credentialsOf(entry);
  if (credentials !== null) return { credentials, unused: null };
  const helper =
    Object.entries(config.credHelpers ?? {}).find(([key]) => hostOf(key) === registry)?.[1] ??
    (entry === undefined ? undefined : config.credsStore);
  if (helper !== undefined) return { credentials: null, unused: `leaves them to "${helper}"` };
  if (entry?.identitytoken !== undefined) return { credentials: null, unused: 'has an identity token' };
  return { credentials: null, unused: null };
}

function parse(text: string): z.infer<typeof fileSchema> {
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw new Error('it is not as it has to be');
  }
}

/** Keys are hosts, or addresses with a scheme and `/v1/` after it, as for Docker Hub. */
function hostOf(key: string): string | null {
  const bare = key.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
  return canonicalHost(bare);
}

function credentialsOf(entry: z.infer<typeof entrySchema> | undefined): BasicCredentials | null {
  if (entry === undefined) return null;
  const { username, password, auth } = entry;
  if (username !== undefined && password !== undefined && username !== '') return { username, password };
  if (auth === undefined || auth === '') return null;
  return pairOf(Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, ''));
}

/** `user:password`; null: it is none. */
export function pairOf(text: string): BasicCredentials | null {
  const colon = text.indexOf(':');
  return colon <= 0 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { canonicalHost } from '../../core/reference.ts';
import type { BasicCredentials } from '../../registry/upstream/config.ts';

/** What `docker login` and its like have left for a registry. */
export interface DockerLogin {
  readonly credentials: BasicCredentials | null;
  /** What stands there and is not read here, as a sentence for a person; null: nothing. */
  readonly note: string | null;
}

const largestFile = 1024 ** 2;
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
 * Looks a registry up in `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. Programs that it names to keep
 * secrets are not run.
 * @throws PratiqueError `config-invalid` where the file is none
 */
export function dockerLogin(
  registry: string,
  env: Readonly<Record<string, string | undefined>>,
): DockerLogin {
  const folder = env.DOCKER_CONFIG ?? join(homedir(), '.docker');
  const file = join(folder, 'config.json');
  const config = read(file);
  if (config === null) return { credentials: null, note: null };
  const entry = Object.entries(config.auths ?? {}).find(([key]) => hostOf(key) === registry)?.[1];
  const credentials = credentialsOf(entry);
  if (credentials !== null) return { credentials, note: null };
  const helper =
    Object.entries(config.credHelpers ?? {}).find(([key]) => hostOf(key) === registry)?.[1] ??
    (entry === undefined ? undefined : config.credsStore);
  if (helper !== undefined) return { credentials: null, note: noteOn(file, `leaves them to "${helper}"`) };
  if (entry?.identitytoken !== undefined) {
    return { credentials: null, note: noteOn(file, 'has an identity token') };
  }
  return { credentials: null, note: null };
}

function noteOn(file: string, what: string): string {
  return `credentials: ${file} ${what}, which is not used here; give --username and --password-stdin`;
}

function read(file: string): z.infer<typeof fileSchema> | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  try {
    if (stat.size > largestFile) throw new Error(`it has more than ${largestFile} bytes`);
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    // Its words would show what stands in the file.
    const why =
      error instanceof SyntaxError || error instanceof z.ZodError
        ? 'it is not as it has to be'
        : errorText(error);
    throw new PratiqueError('config-invalid', `the credentials in ${file} cannot be read: ${why}`, { file });
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
  const pair = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = pair.indexOf(':');
  return colon <= 0 ? null : { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

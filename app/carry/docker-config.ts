import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { BasicCredentials } from '../../registry/upstream/config.ts';
import { dockerLoginIn, type DockerLogin as Found } from '../../registry/upstream/docker-auths.ts';

/** What `docker login` and its like have left for a registry. */
export interface DockerLogin {
  readonly credentials: BasicCredentials | null;
  /** What stands there and is not read here, as a sentence for a person; null: nothing. */
  readonly note: string | null;
}

const largestFile = 1024 ** 2;

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
  const { credentials, unused } = read(file, registry) ?? { credentials: null, unused: null };
  return { credentials, note: unused === null ? null : noteOn(file, unused) };
}

function noteOn(file: string, what: string): string {
  return `credentials: ${file} ${what}, which is not used here; give --username and --password-stdin`;
}

function read(file: string, registry: string): Found | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  try {
    if (stat.size > largestFile) throw new Error(`it has more than ${largestFile} bytes`);
    return dockerLoginIn(readFileSync(file, 'utf8'), registry);
  } catch (error) {
    throw new PratiqueError(
      'config-invalid',
      `the credentials in ${file} cannot be read: ${errorText(error)}`,
      {
        file,
      },
    );
  }
}

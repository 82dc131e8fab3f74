import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { PratiqueError } from '../../core/errors.ts';
import type { BasicCredentials } from '../../registry/upstream/config.ts';
import type { OciAccess } from '../carry/oci-place.ts';
import type { Config } from '../config/config.ts';
import type { ConfigSources } from '../config/load.ts';

/** How a registry is reached. */
export interface OciFlags {
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly plainHttp?: boolean;
}

/** Bytes. */
const longestPassword = 64 * 1024;

export function ociFlags(command: Command): Command {
  return command
    .option('--username <name>', 'who logs in at the registry (default: what "docker login" left behind)')
    .option('--password-stdin', 'read the password from standard input')
    .option('--plain-http', 'speak HTTP with the registry, as with one on this machine');
}

/** @throws PratiqueError `usage-invalid` */
export async function ociAccess(
  flags: OciFlags,
  config: Config,
  sources: ConfigSources,
  stdin: Readable = process.stdin,
): Promise<OciAccess> {
  return {
    upstreams: config.upstreams,
    proxies: config.proxies,
    env: sources.env,
    credentials: await credentialsOf(flags, stdin),
    plainHttp: flags.plainHttp === true,
  };
}

async function credentialsOf(flags: OciFlags, stdin: Readable): Promise<BasicCredentials | null> {
  const { username, passwordStdin = false } = flags;
  if (username === undefined && !passwordStdin) return null;
  if (username === undefined || username === '' || !passwordStdin) {
    throw new PratiqueError(
      'usage-invalid',
      '--username and --password-stdin go together: one of them is missing',
    );
  }
  let text = Buffer.alloc(0);
  for await (const piece of stdin) {
    text = Buffer.concat([text, Buffer.from(piece as Uint8Array)]);
    if (text.length > longestPassword) {
      throw new PratiqueError(
        'usage-invalid',
        `standard input holds more than a password: over ${longestPassword} bytes`,
      );
    }
  }
  const password = text.toString('utf8').replace(/\r?\n$/, '');
  if (password === '') throw new PratiqueError('usage-invalid', 'standard input holds no password');
  return { username, password };
}

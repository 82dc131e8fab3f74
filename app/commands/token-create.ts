import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { openStateBeside } from '../../db/state.ts';
import { parseDuration } from '../../policy/time.ts';
import { parseHtpasswd, type Users } from '../../proxy/auth/htpasswd.ts';
import { hashOfSecret, secretOf } from '../../proxy/auth/known-tokens.ts';
import { parseRights } from '../../proxy/auth/rights.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { leftText } from '../report/exception-report.ts';
import { withState } from './state-beside.ts';

/** What `token create` is given, as it was typed. */
export interface TokenFlags {
  readonly name: string;
  readonly user?: string;
  readonly rights: string;
  readonly expires: string;
  readonly note?: string;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._+@-]{0,127}$/;
/** Milliseconds. */
const longest = 3660 * 86_400_000;
const longestNote = 1000;

/**
 * `pratique token create`. The secret is printed once the token is on disk, and never again.
 * @throws PratiqueError `usage-invalid`, `config-invalid`, `data-unusable`, `data-locked`
 */
export function createToken(
  options: { readonly flags: TokenFlags; readonly sources: ConfigSources },
  console: Console,
): Promise<number> {
  const { flags } = options;
  const config = loadConfig(options.sources);
  const at = Date.now();
  const { name, user = null, note = '' } = flags;
  const problems: string[] = [];
  const rights = parseRights(flags.rights);
  const time = parseDuration(flags.expires);
  if (!namePattern.test(name))
    problems.push(`--name: found "${name.slice(0, 150)}", allowed letters, digits and . _ + @ -`);
  if (typeof rights === 'string') problems.push(`--rights: ${rights}`);
  if (time === null || time <= 0 || time > longest)
    problems.push(
      `--expires: found "${flags.expires.slice(0, 50)}", allowed a time such as 12h or 90d, at most ten years`,
    );
  if (note.length > longestNote) problems.push(`--note: allowed at most ${longestNote} characters`);
  const users = usersOf(config);
  if (user !== null && !users.has(user))
    problems.push(`--user: found "${user}", who is not in the users file`);
  if (users.has(name) && name !== user)
    problems.push(
      `--name: found "${name}", which is a user: take another, so that nobody mistakes one for the other`,
    );
  if (problems.length > 0 || typeof rights === 'string' || time === null)
    throw new PratiqueError('usage-invalid', problems.join('\n'));

  const id = randomBytes(6).toString('hex');
  const secret = secretOf(id, randomBytes(32));
  const token = {
    id,
    name,
    user,
    rights,
    hash: hashOfSecret(secret),
    createdAt: new Date(at).toISOString(),
    endsAt: at + time,
    note,
    revoked: null,
  };
  withState(dataPaths(config.data).state, openStateBeside, (state) => state.addAccessToken(token));
  console.out(secret);
  console.err(
    [
      `${id}: log in as "${name}" with this password; it is shown once, and ends ${new Date(token.endsAt).toISOString()} (${leftText(time)})`,
      user === null
        ? 'It may what its rights say, whatever auth.access says.'
        : `It may what its rights say and ${user} may as well.`,
      'A running server takes it up within a second. It ends before with:',
      `  pratique token revoke ${id} --by WHO --reason WHY`,
    ].join('\n'),
  );
  return Promise.resolve(exitCodes.ok);
}

/** @throws PratiqueError `config-invalid` */
function usersOf(config: Config): Users {
  if (config.auth === null) {
    throw new PratiqueError(
      'config-invalid',
      'access tokens need auth.users in the configuration: without it everybody may pull, and nobody logs in',
    );
  }
  const file = config.auth.users;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const message = `the users file ${file} cannot be read: ${errorText(error)}`;
    throw new PratiqueError('config-invalid', message, { file }, error);
  }
  return parseHtpasswd(text, file);
}

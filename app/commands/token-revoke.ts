import { PratiqueError } from '../../core/errors.ts';
import { openStateBeside } from '../../db/state.ts';
import { loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import type { RevokeOptions } from './exception-revoke.ts';
import { withState } from './state-beside.ts';

/**
 * `pratique token revoke TOKEN`, by its id or its name.
 * @throws PratiqueError `usage-invalid` where no such token is in force, `data-unusable`, `data-locked`
 */
export function revokeToken({ id, by, reason, sources }: RevokeOptions, console: Console): Promise<number> {
  for (const [option, value] of Object.entries({ by, reason })) {
    if (value.trim() === '' || value.length > 1000)
      throw new PratiqueError('usage-invalid', `--${option}: allowed is a text of 1 to 1000 characters`);
  }
  const at = new Date().toISOString();
  const revoked = withState(dataPaths(loadConfig(sources).data).state, openStateBeside, (state) =>
    state.revokeAccessToken(id, by, reason, at),
  );
  if (!revoked) {
    throw new PratiqueError(
      'usage-invalid',
      `no access token ${id} is in force: "pratique token list --all" shows those that are, that have ended and that were revoked`,
      { id },
    );
  }
  console.out(`${id} is revoked: a running server takes it no more within a second`);
  return Promise.resolve(exitCodes.ok);
}

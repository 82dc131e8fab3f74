import { PratiqueError } from '../../core/errors.ts';
import { openStateBeside } from '../../db/state.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { withState } from './state-beside.ts';

export interface RevokeOptions {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly sources: ConfigSources;
}

/**
 * `pratique exception revoke ID`.
 * @throws PratiqueError `usage-invalid` where no such exception holds, `data-unusable`, `data-locked`
 */
export function revokeException(options: RevokeOptions, console: Console): Promise<number> {
  const { id, by, reason } = options;
  for (const [option, value] of Object.entries({ by, reason })) {
    if (value.trim() === '' || value.length > 1000)
      throw new PratiqueError('usage-invalid', `--${option}: allowed is a text of 1 to 1000 characters`);
  }
  const file = dataPaths(loadConfig(options.sources).data).state;
  const at = new Date().toISOString();
  const revoked = withState(file, openStateBeside, (state) => state.revokeException(id, by, reason, at));
  if (!revoked) {
    throw new PratiqueError(
      'usage-invalid',
      `no exception ${id} holds: "pratique exception list --all" shows those that do, that have ended and that were revoked. One of a policy file is taken out there`,
      { id },
    );
  }
  console.out(`${id} is revoked: a running server judges anew within seconds`);
  return Promise.resolve(exitCodes.ok);
}

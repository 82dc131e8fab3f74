import { openStateBeside } from '../../db/state.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { withState } from './state-beside.ts';

/**
 * `pratique advisories rematch`: leaves word that the server sees within a second, or at its next start.
 * @throws PratiqueError `config-invalid`, `data-unusable`, `data-locked`
 */
export function askRematch(
  { sources }: { readonly sources: ConfigSources },
  console: Console,
): Promise<number> {
  const file = dataPaths(loadConfig(sources).data).state;
  withState(file, openStateBeside, (state) => state.askRematch(new Date().toISOString()));
  console.out(
    'asked: a running server matches all recorded inventories again and judges them, as "GET /api/v1/status" tells; without one its next start does',
  );
  return Promise.resolve(exitCodes.ok);
}

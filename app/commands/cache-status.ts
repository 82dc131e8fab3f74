import { openStateReadOnly } from '../../db/state.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { standingText } from '../report/cache-report.ts';
import { withState } from './state-beside.ts';

/** Repositories that are told. */
const top = 20;

/** `pratique cache status`. @throws PratiqueError `config-invalid`, `data-unusable` */
export function cacheStatus(
  { format, sources }: { readonly format: 'table' | 'json'; readonly sources: ConfigSources },
  console: Console,
): Promise<number> {
  const { data, cache } = loadConfig(sources);
  const standing = withState(dataPaths(data).state, openStateReadOnly, (state) => state.cacheStanding(top));
  const { bytes: quota, age, keepFree } = cache;
  console.out(
    format === 'json'
      ? JSON.stringify({ schemaVersion: 1, quota, age, keepFree, ...standing }, null, 2)
      : standingText(standing, cache),
  );
  return Promise.resolve(exitCodes.ok);
}

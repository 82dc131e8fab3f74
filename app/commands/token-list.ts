import { openStateReadOnly } from '../../db/state.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { tokensJson, tokensTable } from '../report/token-report.ts';
import { withState } from './state-beside.ts';

export interface TokenListOptions {
  /** Those too that have ended or were revoked. */
  readonly all: boolean;
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/**
 * `pratique token list`.
 * @throws PratiqueError `data-unusable`
 */
export function listTokens({ all, format, sources }: TokenListOptions, console: Console): Promise<number> {
  const at = Date.now();
  const tokens = withState(dataPaths(loadConfig(sources).data).state, openStateReadOnly, (state) =>
    state.listAccessTokens(all ? null : new Date(at).toISOString()),
  );
  console.out(format === 'json' ? JSON.stringify(tokensJson(tokens, at), null, 2) : tokensTable(tokens, at));
  return Promise.resolve(exitCodes.ok);
}

import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { openStateReadOnly } from '../../db/state.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import { analyzersOf } from '../../scanner/analyzers.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { diffPolicies } from '../recorded/policy-diff.ts';
import { diffTable } from '../report/policy-diff-report.ts';
import { addressingOf } from './names.ts';
import { namedSet } from './policy-source.ts';
import { createProgress } from './progress.ts';
import { withState } from './state-beside.ts';

export interface PolicyDiffOptions {
  /** Files, names of ready policies, or `current`. */
  readonly from: string;
  readonly to: string;
  /** Rows that are shown. */
  readonly limit: number;
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/**
 * `pratique policy diff OLD NEW`: from what is recorded. Reads beside a running server and changes nothing.
 * @throws PratiqueError `policy-invalid`, `data-unusable`, `advisories-missing`, `advisories-unreadable`
 */
export function diffPolicy(options: PolicyDiffOptions, console: Console): Promise<number> {
  const config = loadConfig(options.sources);
  const sets = [namedSet(options.from, config), namedSet(options.to, config)] as const;
  const paths = dataPaths(config.data);
  const at = Date.now();
  const progress = createProgress(console, Date.now);
  const diff = withState(paths.state, openStateReadOnly, (state) => {
    const index = openAdvisoryIndex(paths.advisories);
    try {
      const granted = state.listExceptions(new Date(at).toISOString());
      return diffPolicies({
        state,
        index,
        addressing: addressingOf(config),
        from: makeRulebook(sets[0], granted),
        to: makeRulebook(sets[1], granted),
        at,
        analyzers: analyzersOf(config.scanner.settings),
        limit: options.limit,
        onProgress: (done, total) => progress.show(`image ${done} of ${total}`),
      });
    } finally {
      progress.clear();
      index.close();
    }
  });
  const json = { schemaVersion: 1, ...diff };
  console.out(options.format === 'json' ? JSON.stringify(json, null, 2) : diffTable(diff));
  return Promise.resolve(exitCodes.ok);
}

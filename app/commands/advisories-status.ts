import { advisoriesStatus } from '../../advisories/status.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { AdvisoryHistory } from '../../db/advisories-history.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { coverageText, statusText } from '../report/advisories-report.ts';
import { holdText, keptText } from '../report/kept-report.ts';

export interface AdvisoriesStatusOptions {
  readonly format: 'table' | 'json';
  /** Tell of each ecosystem whether it is covered, instead of the feeds. */
  readonly coverage: boolean;
  readonly sources: ConfigSources;
}

/**
 * `pratique advisories status`.
 * @throws PratiqueError `advisories-missing`, `advisories-unreadable`, `config-invalid`
 */
export function showAdvisories(options: AdvisoriesStatusOptions, console: Console): Promise<number> {
  const file = dataPaths(loadConfig(options.sources).data).advisories;
  const history = new AdvisoryHistory(file);
  const hold = history.hold();
  const kept = history.list();
  const past = [keptText(kept), ...(hold === null ? [] : ['', holdText(hold)])];
  let index: AdvisoryIndex;
  try {
    index = openAdvisoryIndex(file);
  } catch (error) {
    // Then it is of interest what can be gone back to.
    if (options.format === 'table' && kept.length > 0) console.out(past.join('\n'));
    throw error;
  }
  try {
    const now = Date.now();
    const status = advisoriesStatus(index, now);
    console.out(
      options.format === 'json'
        ? JSON.stringify({ schemaVersion: 1, file, ...status, hold, kept }, null, 2)
        : options.coverage
          ? coverageText(status.coverage)
          : [statusText(status, file, now), '', ...past].join('\n'),
    );
  } finally {
    index.close();
  }
  return Promise.resolve(exitCodes.ok);
}

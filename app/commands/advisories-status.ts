import { advisoriesStatus } from '../../advisories/status.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { coverageText, statusText } from '../report/advisories-report.ts';

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
  const index = openAdvisoryIndex(file);
  try {
    const now = Date.now();
    const status = advisoriesStatus(index, now);
    console.out(
      options.format === 'json'
        ? JSON.stringify({ schemaVersion: 1, file, ...status }, null, 2)
        : options.coverage
          ? coverageText(status.coverage)
          : statusText(status, file, now),
    );
  } finally {
    index.close();
  }
  return Promise.resolve(exitCodes.ok);
}

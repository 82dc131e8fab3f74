import { join } from 'node:path';
import { openAdvisorySource } from '../../advisories/feeds/source.ts';
import { type ImportProgress, importAdvisories } from '../../advisories/import.ts';
import { isPratiqueError } from '../../core/errors.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { createAdvisorySink } from '../../db/advisories-sink.ts';
import { oneLine, plural } from '../../policy/text.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { importText } from '../report/advisories-report.ts';
import { makeDataFolder } from './data-folder.ts';
import { createProgress } from './progress.ts';

/** osv.dev's bulk export, and CISA's catalogue of what is exploited. */
const publicFeeds = {
  from: 'https://osv-vulnerabilities.storage.googleapis.com',
  kev: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
} as const;

export interface AdvisoriesUpdateOptions {
  /** A folder or an http(s) URL; null: the configuration's, else the public feeds. */
  readonly from: string | null;
  readonly kev: string | null;
  readonly sources: ConfigSources;
}

/**
 * `pratique advisories update`: all or nothing. Whatever goes wrong, the old advisories stay in force.
 * @returns the exit code: 0, or 2 where nothing was imported
 */
export async function updateAdvisories(options: AdvisoriesUpdateOptions, console: Console): Promise<number> {
  const config = loadConfig(options.sources);
  const paths = dataPaths(config.data);
  try {
    const source = openAdvisorySource({
      ...placesOf(options, config),
      temporary: join(paths.root, 'downloads'),
    });
    makeDataFolder(paths.root);
    if (console.interactive) console.err(`importing from ${source.where}`);
    const progress = createProgress(console, Date.now);
    const report = await importAdvisories({
      source,
      sink: createAdvisorySink(paths.advisories),
      now: () => new Date(),
      onProgress: (state) => {
        if (!state.finished) return progress.show(progressText(state));
        progress.clear();
        console.err(progressText(state));
      },
    });
    console.out(importText(report, paths.advisories, Date.now()));
    return exitCodes.ok;
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    console.err(error.message);
    console.err(stillInForce(paths.advisories));
    return exitCodes.usage;
  }
}

/** The configuration's catalogue belongs to the configuration's feeds, not to those of a `--from`. */
function placesOf(
  { from, kev }: AdvisoriesUpdateOptions,
  { advisories }: Config,
): { readonly from: string; readonly kev: string | null } {
  if (from !== null) return { from, kev };
  if (advisories.from !== null) return { from: advisories.from, kev: kev ?? advisories.kev };
  return { from: publicFeeds.from, kev: kev ?? advisories.kev ?? publicFeeds.kev };
}

function progressText({ feed, records, rejected }: ImportProgress): string {
  const refused = rejected === 0 ? '' : `, ${rejected} rejected`;
  return `${oneLine(feed, 60)}: ${plural(records, 'record')}${refused}`;
}

function stillInForce(file: string): string {
  try {
    const index = openAdvisoryIndex(file);
    const { revision } = index;
    index.close();
    return `the advisories are as before: revision ${revision}`;
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    return `there are no advisories yet (${file}), so every image is refused. Where the feeds cannot be reached, import a copy: --from DIR`;
  }
}

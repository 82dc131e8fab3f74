import { join } from 'node:path';
import { removeOldDownloads } from '../../advisories/feeds/downloads-folder.ts';
import { openAdvisorySource } from '../../advisories/feeds/source.ts';
import { type ImportReport, importAdvisories } from '../../advisories/import.ts';
import { isPratiqueError } from '../../core/errors.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { createAdvisorySink } from '../../db/advisories-sink.ts';
import { lockFolder } from '../../db/lock.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { importText, progressText } from '../report/advisories-report.ts';
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
 * `pratique advisories update`. A feed that cannot be had leaves the others alone; whatever goes wrong, what was known
 * before stays in force.
 * @returns the exit code: 0; 3 where some feeds could not be renewed; 2 where none could, and nothing has changed
 */
export async function updateAdvisories(options: AdvisoriesUpdateOptions, console: Console): Promise<number> {
  const config = loadConfig(options.sources);
  const paths = dataPaths(config.data);
  const temporary = join(paths.root, 'downloads');
  let unlock = (): void => undefined;
  try {
    const source = openAdvisorySource({ ...placesOf(options, config), temporary });
    makeDataFolder(paths.root);
    unlock = lockFolder(paths.updateLock, 'it updates the advisories; wait until it has done so');
    await removeOldDownloads(temporary, Date.now());
    if (console.interactive) console.err(`importing from ${source.where}`);
    const progress = createProgress(console, Date.now);
    const report = await importAdvisories({
      source,
      sink: createAdvisorySink(paths.advisories),
      now: () => new Date(),
      onProgress: (state) => {
        if (state.stage !== 'read') return progress.show(progressText(state));
        progress.clear();
        console.err(progressText(state));
      },
    });
    progress.clear();
    await removeOldDownloads(temporary, Date.now());
    for (const { feed, why } of report.problems) console.err(`${feed} could not be renewed: ${why}`);
    console.out(importText(report, paths.advisories, Date.now()));
    return exitCodeOf(report);
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    console.err(error.message);
    console.err(stillInForce(paths.advisories));
    return exitCodes.usage;
  } finally {
    unlock();
  }
}

function exitCodeOf({ problems }: ImportReport): number {
  return problems.length === 0 ? exitCodes.ok : exitCodes.undecided;
}

interface Places {
  readonly from: string;
  readonly kev: string | null;
  readonly native: boolean;
  readonly named: readonly string[];
  readonly without: readonly string[];
}

/** The configuration's catalogue belongs to the configuration's feeds, not to those of a `--from`. */
function placesOf({ from, kev }: AdvisoriesUpdateOptions, { advisories }: Config): Places {
  const { without, named } = advisories;
  if (from !== null) return { from, kev, native: false, named, without };
  if (advisories.from !== null) {
    return {
      from: advisories.from,
      kev: kev ?? advisories.kev,
      native: advisories.native ?? false,
      named,
      without,
    };
  }
  return {
    from: publicFeeds.from,
    kev: kev ?? advisories.kev ?? publicFeeds.kev,
    native: advisories.native ?? true,
    named,
    without,
  };
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

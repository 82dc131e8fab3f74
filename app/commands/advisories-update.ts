import { join } from 'node:path';
import { removeOldDownloads } from '../../advisories/feeds/downloads-folder.ts';
import { openAdvisorySource } from '../../advisories/feeds/source.ts';
import { importAdvisories } from '../../advisories/import.ts';
import { PratiqueError } from '../../core/errors.ts';
import { AdvisoryHistory, heldError, keptFolderOf, type SwapOptions } from '../../db/advisories-history.ts';
import { lockAdvisories } from '../../db/advisories-lock.ts';
import { createAdvisorySink } from '../../db/advisories-sink.ts';
import { fetchExport } from '../carry/fetch.ts';
import { isOci, ociPlace } from '../carry/oci-place.ts';
import { takenInText } from '../carry/take-in.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { importText, progressText } from '../report/advisories-report.ts';
import { releasedText } from '../report/kept-report.ts';
import { keepingTheOld } from './advisories-failed.ts';
import { makeDataFolder } from './data-folder.ts';
import { ociAccess } from './oci-flags.ts';
import { bytesProgress, createProgress } from './progress.ts';

/** osv.dev's bulk export, and CISA's catalogue of what is exploited. */
const publicFeeds = {
  from: 'https://osv-vulnerabilities.storage.googleapis.com',
  kev: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
} as const;

export interface AdvisoriesUpdateOptions {
  /** A folder, an http(s) URL or `oci://…`; null: the configuration's, else the public feeds. */
  readonly from: string | null;
  readonly kev: string | null;
  /** Started by the clock, and so not while updates are held. */
  readonly scheduled?: boolean;
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
  const history = new AdvisoryHistory(paths.advisories);
  const swap: SwapOptions = {
    keep: config.advisories.keep,
    by: options.scheduled === true ? 'schedule' : 'hand',
  };
  return keepingTheOld(paths.advisories, console, async () => {
    const hold = history.hold();
    if (hold !== null && swap.by === 'schedule') throw heldError(hold);
    const places = placesOf(options, config);
    const code = isOci(places.from)
      ? await fromRegistry(places, options, config, swap, console)
      : await fromFeeds(places, config, swap, console);
    if (hold !== null && history.hold() === null) console.out(releasedText(hold));
    return code;
  });
}

async function fromFeeds(
  places: Places,
  config: Config,
  swap: SwapOptions,
  console: Console,
): Promise<number> {
  const paths = dataPaths(config.data);
  const temporary = join(paths.root, 'downloads');
  const source = openAdvisorySource({ ...places, temporary, proxies: config.proxies });
  makeDataFolder(paths.root);
  const unlock = lockAdvisories(keptFolderOf(paths.advisories), 'import');
  try {
    await removeOldDownloads(temporary, Date.now());
    if (console.interactive) console.err(`importing from ${source.where}`);
    const progress = createProgress(console, Date.now);
    const report = await importAdvisories({
      source,
      sink: createAdvisorySink(paths.advisories, swap),
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
    return report.problems.length === 0 ? exitCodes.ok : exitCodes.undecided;
  } finally {
    unlock();
  }
}

/** What another site has exported, where its tag means something else than the last time. */
async function fromRegistry(
  { from, kev }: Places,
  { sources }: AdvisoriesUpdateOptions,
  config: Config,
  swap: SwapOptions,
  console: Console,
): Promise<number> {
  if (kev !== null) {
    throw new PratiqueError(
      'usage-invalid',
      `the known-exploited catalogue is part of what ${from} holds: leave out --kev and advisories.kev`,
    );
  }
  const file = dataPaths(config.data).advisories;
  const place = ociPlace(from, await ociAccess({}, config, sources));
  makeDataFolder(config.data);
  const progress = bytesProgress(console);
  try {
    const { digest, taken } = await fetchExport(place, {
      file,
      swap,
      older: false,
      now: Date.now,
      onDownload: progress.show('fetching'),
      onlyChanged: true,
    });
    progress.clear();
    console.out(
      taken === null
        ? `nothing new: ${place.text} is ${digest}, which is in force`
        : takenInText(taken, file),
    );
    return exitCodes.ok;
  } finally {
    progress.clear();
  }
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

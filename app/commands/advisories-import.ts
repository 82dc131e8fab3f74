import { createReadStream, statSync } from 'node:fs';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { AdvisoryHistory } from '../../db/advisories-history.ts';
import { fetchExport } from '../carry/fetch.ts';
import { isOci, ociPlace } from '../carry/oci-place.ts';
import { type TakeInOptions, takeIn, takenInText } from '../carry/take-in.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { releasedText } from '../report/kept-report.ts';
import { keepingTheOld } from './advisories-failed.ts';
import { makeDataFolder } from './data-folder.ts';
import { type OciFlags, ociAccess } from './oci-flags.ts';
import { bytesProgress } from './progress.ts';

export interface AdvisoriesImportOptions extends OciFlags {
  /** A file, or `oci://…`. */
  readonly from: string;
  readonly older: boolean;
  readonly sources: ConfigSources;
}

/**
 * `pratique advisories import`: all or nothing.
 * @returns the exit code: 0, or 2 where nothing was imported
 */
export function importExport(options: AdvisoriesImportOptions, console: Console): Promise<number> {
  const config = loadConfig(options.sources);
  const file = dataPaths(config.data).advisories;
  const progress = bytesProgress(console);
  return keepingTheOld(file, console, async () => {
    const place = isOci(options.from)
      ? ociPlace(options.from, await ociAccess(options, config, options.sources))
      : null;
    makeDataFolder(config.data);
    const history = new AdvisoryHistory(file);
    const hold = history.hold();
    const taking: TakeInOptions = {
      file,
      swap: { keep: config.advisories.keep, by: 'hand' },
      older: options.older,
      now: Date.now,
      onProgress: progress.show('unpacking'),
    };
    try {
      const taken =
        place === null
          ? await takeIn({ where: options.from, bytes: opened(options.from) }, taking)
          : (
              await fetchExport(place, {
                ...taking,
                onProgress: () => undefined,
                onDownload: progress.show('fetching'),
                onlyChanged: false,
              })
            ).taken;
      progress.clear();
      if (taken !== null) console.out(takenInText(taken, file));
      if (hold !== null && history.hold() === null) console.out(releasedText(hold));
      return exitCodes.ok;
    } finally {
      progress.clear();
    }
  });
}

function opened(path: string): AsyncIterable<Uint8Array> {
  try {
    if (statSync(path).isFile()) return createReadStream(path, { highWaterMark: 256 * 1024 });
  } catch (error) {
    throw new PratiqueError(
      'advisories-unreadable',
      `${path} cannot be read: ${errorText(error)}`,
      { path },
      error,
    );
  }
  throw new PratiqueError('advisories-unreadable', `${path} is no file`, { path });
}

import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';
import { checkAdvisoriesFile } from '../../db/advisories-check.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { AdvisoryHistory, keptFolderOf, type SwapOptions } from '../../db/advisories-history.ts';
import { lockAdvisories } from '../../db/advisories-lock.ts';
import { revisionOf } from '../../db/advisories-rows.ts';
import { syncPath } from '../../db/durable-files.ts';
import { oneLine, plural } from '../../policy/text.ts';
import { type ExportHeader, readHeader, refuseFuture, type StartedExport, unreadable } from './header.ts';
import { olderFeeds } from './older.ts';
import type { BytesDone } from './pack.ts';
import { freeBytes, requireSpace, unpackInto } from './unpack.ts';

/** An export on its way in. */
export interface Arriving {
  /** The file or the artifact, for messages. */
  readonly where: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface TakeInOptions {
  /** Of the advisories in force; its folder is there. */
  readonly file: string;
  readonly swap: SwapOptions;
  /** Whether something may be less recent than it is now. */
  readonly older: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onProgress?: BytesDone;
  /** For tests. */
  readonly free?: (folder: string) => number;
}

export interface TakenIn {
  readonly revision: string;
  readonly created: string;
  /** False: this revision is in force already. */
  readonly changed: boolean;
  readonly feeds: number;
  /** What is older now than before, or gone. */
  readonly older: readonly string[];
}

const draftMark = '.carried-';

/**
 * Puts an export in force when everything about it was found right. Whatever is wrong, what was in force stays, and nothing
 * is left lying about.
 * @throws PratiqueError `advisories-unreadable`, `advisories-held`, `limit-exceeded`, `usage-invalid`, `data-locked`,
 *   `data-unusable`; what the bytes throw
 */
export async function takeIn(arriving: Arriving, options: TakeInOptions): Promise<TakenIn> {
  const { file } = options;
  const unlock = lockAdvisories(keptFolderOf(file), 'import');
  const draft = `${file}${draftMark}${randomBytes(8).toString('hex')}`;
  try {
    removeLeftovers(file);
    return await taken(arriving, options, draft);
  } catch (error) {
    if (isPratiqueError(error)) throw error;
    throw new PratiqueError(
      'data-unusable',
      `${arriving.where} cannot be imported: ${errorText(error)}`,
      { where: arriving.where },
      error,
    );
  } finally {
    rmSync(draft, { force: true });
    unlock();
  }
}

async function taken(arriving: Arriving, options: TakeInOptions, draft: string): Promise<TakenIn> {
  const started = await readHeader(arriving.where, arriving.bytes, options.now());
  try {
    return await takenWith(started, arriving.where, options, draft);
  } finally {
    await started.end();
  }
}

async function takenWith(
  { header, rest }: StartedExport,
  where: string,
  options: TakeInOptions,
  draft: string,
): Promise<TakenIn> {
  const { file, now } = options;
  const revision = revisionOf(header.revision);
  const before = inForce(file);
  if (before?.revision === revision) {
    if (options.swap.by === 'hand') new AdvisoryHistory(file).release();
    return { revision, created: header.created, changed: false, feeds: before.feeds.length, older: [] };
  }
  const folder = dirname(file);
  requireSpace(where, folder, header.content.bytes, (options.free ?? freeBytes)(folder));
  await unpackInto(draft, where, header, rest, options.onProgress ?? (() => undefined));
  const feeds = checked(where, header, draft, now());
  const older = olderFeeds(before?.feeds ?? [], feeds);
  if (older.length > 0 && !options.older) {
    const more = older.length > 3 ? ` and ${older.length - 3} more` : '';
    throw new PratiqueError(
      'usage-invalid',
      `${where} is older than what is in force (${older
        .slice(0, 3)
        .map((text) => oneLine(text, 150))
        .join(
          '; ',
        )}${more}), and would hide what was published since. Where that is meant: \`pratique advisories import --older\``,
      { where, feeds: older.length },
    );
  }
  // The age of a revision is that of its making, wherever it lies.
  const made = new Date(header.created);
  utimesSync(draft, made, made);
  syncPath(draft);
  new AdvisoryHistory(file).swapIn(draft, header.revision, options.swap);
  return { revision, created: header.created, changed: true, feeds: feeds.length, older };
}

function checked(where: string, header: ExportHeader, draft: string, now: number) {
  const found = checkAdvisoriesFile(draft);
  if (found.kind === 'bad') throw unreadable(where, `holds a file that ${found.why}`);
  if (found.stored !== header.revision) {
    throw unreadable(where, `says that it is revision ${header.revision}, but holds ${found.stored}`);
  }
  for (const { name, updatedAt } of found.feeds) {
    refuseFuture(where, `its feed ${oneLine(name, 60)} was changed`, updatedAt, now);
  }
  return found.feeds;
}

function inForce(file: string) {
  try {
    const index = openAdvisoryIndex(file);
    const { revision, feeds } = index;
    index.close();
    return { revision, feeds };
  } catch (error) {
    // What cannot be read hides nothing: every image is refused until something takes its place.
    if (isPratiqueError(error)) return null;
    throw error;
  }
}

/** Of imports that were killed: nobody else is at it while the lock is held. */
function removeLeftovers(file: string): void {
  const prefix = `${basename(file)}${draftMark}`;
  for (const name of readdirSync(dirname(file))) {
    if (name.startsWith(prefix)) rmSync(join(dirname(file), name), { force: true });
  }
}

/** For a person. */
export function takenInText({ revision, created, changed, feeds, older }: TakenIn, file: string): string {
  if (!changed) return `revision ${revision} is in force already, in ${file}`;
  return [
    ...older.map((text) => `older than before: ${oneLine(text, 200)}`),
    `${plural(feeds, 'feed')} imported, made ${created}`,
    `revision ${revision}, in force in ${file}`,
  ].join('\n');
}

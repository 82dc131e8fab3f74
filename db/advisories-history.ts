import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorText, isPratiqueError, PratiqueError } from '../core/errors.ts';
import { keptRevisions } from '../core/ports/advisories.ts';
import { damageOf } from './advisories-check.ts';
import { openAdvisoryIndex } from './advisories-file.ts';
import { type AdvisoriesHold, readHold, removeHold, writeHold } from './advisories-hold.ts';
import { lockAdvisories } from './advisories-lock.ts';
import { storedOf, storedPattern } from './advisories-name.ts';
import { revisionOf } from './advisories-rows.ts';
import { asideMark, linkOver, syncPath } from './durable-files.ts';

/** A revision that lies here, whether it is in force or not. */
export interface KeptRevision {
  /** As readers know it (`AdvisoryIndex.revision`). */
  readonly revision: string;
  readonly file: string;
  /** ISO 8601: when it was made, here or where it was exported. */
  readonly createdAt: string;
  readonly bytes: number;
  readonly inForce: boolean;
}

export interface SwapOptions {
  /** Revisions that are kept; the one in force is, whatever its age. */
  readonly keep: number;
  /** What the schedule brings is refused while updates are held; what a person brings ends the hold. */
  readonly by: 'hand' | 'schedule';
}

export const swapByHand: SwapOptions = { keep: keptRevisions, by: 'hand' };

export interface RolledBack {
  readonly from: string | null;
  readonly to: string;
}

const ending = '.db';

/**
 * The advisories in force and those before them. `file` (`<data>/advisories.db`) is what readers open; every revision,
 * that in force too, lies as `<data>/advisories/<revision>.db`, a hard link, so that no swap loses one.
 */
export class AdvisoryHistory {
  readonly #file: string;
  readonly #folder: string;

  constructor(file: string) {
    this.#file = file;
    this.#folder = keptFolderOf(file);
  }

  /** The newest first. */
  list(): readonly KeptRevision[] {
    const inForce = statSync(this.#file, { throwIfNoEntry: false });
    const kept = this.#names()
      .flatMap((name) => {
        const file = join(this.#folder, name);
        // Another process may take it away in this moment.
        const stat = statSync(file, { throwIfNoEntry: false });
        return stat === undefined ? [] : [{ name, file, stat }];
      })
      .sort((a, b) => b.stat.mtimeMs - a.stat.mtimeMs || (a.name < b.name ? -1 : 1))
      .map(({ name, file, stat }) => ({
        revision: revisionOf(name.slice(0, -ending.length)),
        file,
        createdAt: stat.mtime.toISOString(),
        bytes: stat.size,
        inForce: inForce !== undefined && stat.ino === inForce.ino && stat.dev === inForce.dev,
      }));
    if (inForce === undefined || kept.some((one) => one.inForce)) return kept;
    // Where a file system has no hard links, a copy is kept.
    const revision = this.#revisionInForce();
    return kept.map((one) => ({ ...one, inForce: one.revision === revision }));
  }

  /**
   * The file of a revision, with or without the matcher's part; null where it is not kept, and where it is one of another
   * matcher, because nobody can say any more what was found under it.
   */
  find(revision: string): string | null {
    const stored = storedOf(revision);
    if (!storedPattern.test(stored)) return null;
    const file = join(this.#folder, `${stored}${ending}`);
    return existsSync(file) ? file : null;
  }

  hold(): AdvisoriesHold | null {
    return readHold(this.#folder);
  }

  /**
   * Puts a finished file, which is on disk, in force, keeps it and what was in force before, and forgets the oldest.
   * The draft is gone then; where this throws it is still there, and everything else as before.
   * @param stored its revision without the matcher's part
   * @throws PratiqueError `advisories-held`, `data-locked`, `data-unusable`
   */
  swapIn(draft: string, stored: string, options: SwapOptions): void {
    if (!storedPattern.test(stored)) {
      throw new PratiqueError('advisories-unreadable', `"${stored.slice(0, 100)}" is no name of a revision`);
    }
    this.#locked(() => {
      const hold = this.hold();
      if (hold !== null && options.by === 'schedule') throw heldError(hold);
      this.#adopt();
      const kept = join(this.#folder, `${stored}${ending}`);
      const isNew = !existsSync(kept);
      linkOver(draft, kept);
      try {
        renameSync(draft, this.#file);
      } catch (error) {
        if (isNew) rmSync(kept, { force: true });
        throw error;
      }
      this.#tidy(hold !== null, options.keep);
    });
  }

  /** After the swap: what fails here does not undo it. */
  #tidy(wasHeld: boolean, keep: number): void {
    try {
      syncPath(dirname(this.#file));
      if (wasHeld) removeHold(this.#folder);
      this.#prune(keep);
    } catch (error) {
      throw new PratiqueError(
        'data-unusable',
        `the new advisories are in force in ${this.#file}, but ${this.#folder} could not be tidied up: ${errorText(error)}`,
        { file: this.#file },
        error,
      );
    }
  }

  /**
   * Puts a kept revision in force, and holds scheduled updates.
   * @param wanted null: the one before that in force
   * @throws PratiqueError `usage-invalid`, `advisories-unreadable`, `data-locked`, `data-unusable`
   */
  rollback(wanted: string | null, mark: { readonly at: string; readonly by: string }): RolledBack {
    return this.#locked(() => {
      const before = this.hold();
      const target = this.#target(wanted);
      const index = openAdvisoryIndex(target.file);
      const { revision } = index;
      index.close();
      const problem = damageOf(target.file);
      if (revision !== target.revision || problem !== null) {
        const found = problem ?? `holds the revision ${revision}`;
        throw new PratiqueError(
          'advisories-unreadable',
          `${target.file} ${found}, so it is not put in force. Nothing was changed`,
          { file: target.file },
        );
      }
      const from = this.#revisionInForce();
      this.#adopt();
      // Before the swap: held without need is seen in the status, but an update that undoes this is not.
      writeHold(this.#folder, { ...mark, from, to: revision });
      try {
        linkOver(target.file, this.#file);
      } catch (error) {
        if (before === null) removeHold(this.#folder);
        else writeHold(this.#folder, before);
        throw error;
      }
      return { from, to: revision };
    });
  }

  /** Scheduled updates go on again. Gives what was held; null where nothing was. */
  release(): AdvisoriesHold | null {
    return this.#locked(() => {
      const hold = this.hold();
      if (hold !== null) removeHold(this.#folder);
      return hold;
    });
  }

  #target(wanted: string | null): { readonly file: string; readonly revision: string } {
    const kept = this.list();
    const names = kept.map(({ revision }) => revision).join(', ');
    const current = kept.findIndex(({ inForce }) => inForce);
    if (wanted === null) {
      const before = kept[current + 1];
      if (before !== undefined) return before;
      throw new PratiqueError(
        'usage-invalid',
        kept.length === 0
          ? `there is nothing to go back to: no revision is kept in ${this.#folder}`
          : `there is no revision before the one in force: kept are ${names}`,
      );
    }
    const file = this.find(wanted);
    const found = kept.find((one) => one.file === file);
    if (found === undefined) {
      throw new PratiqueError(
        'usage-invalid',
        `the revision "${wanted.slice(0, 100)}" is not kept in ${this.#folder}: ${names === '' ? 'none is' : `kept are ${names}`}`,
      );
    }
    if (found.inForce) {
      throw new PratiqueError('usage-invalid', `the revision ${found.revision} is in force already`);
    }
    return found;
  }

  /** Keeps what is in force and is not kept yet: from a version that kept none, or after a crash. */
  #adopt(): void {
    if (this.list().some(({ inForce }) => inForce)) return;
    const revision = this.#revisionInForce();
    if (revision !== null) linkOver(this.#file, join(this.#folder, `${storedOf(revision)}${ending}`));
  }

  /** null where there is none, or one that no rollback could put in force. */
  #revisionInForce(): string | null {
    try {
      const index = openAdvisoryIndex(this.#file);
      const { revision } = index;
      index.close();
      return storedPattern.test(storedOf(revision)) ? revision : null;
    } catch (error) {
      if (isPratiqueError(error)) return null;
      throw error;
    }
  }

  #prune(keep: number): void {
    for (const { file, inForce } of this.list().slice(keep)) if (!inForce) rmSync(file, { force: true });
    // What a killed process had on its way; nobody else is on the way while the lock is held.
    for (const [folder, prefix] of [
      [this.#folder, ''],
      [dirname(this.#file), basename(this.#file)],
    ] as const) {
      for (const name of readdirSync(folder)) {
        if (name.startsWith(prefix) && name.includes(asideMark)) rmSync(join(folder, name), { force: true });
      }
    }
  }

  #names(): readonly string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder).filter(
      (name) => name.endsWith(ending) && storedPattern.test(name.slice(0, -ending.length)),
    );
  }

  #locked<Value>(work: () => Value): Value {
    const unlock = lockAdvisories(this.#folder, 'swap');
    try {
      return work();
    } catch (error) {
      if (isPratiqueError(error)) throw error;
      throw new PratiqueError(
        'data-unusable',
        `${this.#file} cannot be replaced: ${errorText(error)}. The advisories are as before`,
        { file: this.#file },
        error,
      );
    } finally {
      unlock();
    }
  }
}

/** `<data>/advisories` of `<data>/advisories.db`. */
export function keptFolderOf(file: string): string {
  return join(dirname(file), 'advisories');
}

export function heldError({ at, by, from, to }: AdvisoriesHold): PratiqueError {
  return new PratiqueError(
    'advisories-held',
    `scheduled updates are held since ${at}: ${by} went back from ${from ?? 'an unreadable revision'} to ${to}. \`pratique advisories rollback --release\` or an update by hand ends that`,
    { at, by, from, to },
  );
}

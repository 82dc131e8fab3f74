import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { errorCode, errorText, PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { HeldImage, HeldTag, HeldVerdict, ReplicaStore } from '../core/ports/replica.ts';
import { repositoryKey } from '../core/repository.ts';
import { type OpenReplica, openReplicaFile } from './replica-file.ts';
import { DamagedReplica } from './replica-marks.ts';

/** Rows of each kind; what goes beyond is asked of the proxy each time. */
export const mostReplicaRows = 1_000_000;
/** Verdicts that are kept as values: reading one out of the file costs tens of microseconds. */
const verdictsInMemory = 2_000;
const imagesInMemory = 2_000;
const sides = ['', '-wal', '-shm'] as const;

export interface ReplicaOptions {
  readonly file: string;
  /** Which proxy is followed; a file of another one is put aside. */
  readonly proxy: string;
  readonly logger: Logger;
  /** Left out: `mostReplicaRows`. */
  readonly most?: number;
}

/**
 * Opens the replica, or begins one. A file that is damaged, or that something else wrote, is put aside (`FILE.damaged`, the
 * last one alone) and begun anew, now or whenever it shows: what it held is asked of the proxy again, and nothing is let in by it.
 * @throws PratiqueError `data-unusable` where no file can be made there
 */
export function openReplica(options: ReplicaOptions): ReplicaStore {
  return new Replica(options).store;
}

class Replica {
  readonly #options: ReplicaOptions;
  readonly #verdicts = new LRUCache<string, HeldVerdict>({ max: verdictsInMemory });
  /** The same of images and tags, null where there is none; whatever is written empties both. */
  readonly #images = new LRUCache<string, { readonly held: HeldImage | null }>({ max: imagesInMemory });
  readonly #tags = new LRUCache<string, { readonly held: HeldTag | null }>({ max: imagesInMemory });
  #open: OpenReplica;
  #damage: string | null = null;
  #isClosed = false;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#open = this.#openOrBegin();
  }

  readonly store: ReplicaStore = {
    ground: () => this.#read((open) => open.meta.ground(), null),
    putGround: (text) => this.#write((open) => open.meta.putGround(text)),
    place: (stream) => {
      const { records, cursor, complete } = this.#open.meta.stream(stream);
      return { records, cursor, complete };
    },
    beginAnew: (stream) => this.#write((open) => open.beginAnew(stream)),
    heardAt: () => this.#open.meta.get().heardAt,
    putHeardAt: (at) => this.#write((open) => open.meta.put({ ...open.meta.get(), heardAt: at })),
    verdict: (digest, policy) => {
      const key = `${digest} ${policy}`;
      const known = this.#verdicts.get(key);
      if (known !== undefined) return known;
      const found = this.#read((open) => open.verdicts.get(digest, policy), null);
      if (found !== null) this.#verdicts.set(key, found);
      return found;
    },
    image: (address, digest) =>
      this.#remembered(this.#images, `${repositoryKey(address)}@${digest}`, (open) =>
        open.images.image(address, digest),
      ),
    tag: (address, tag) =>
      this.#remembered(this.#tags, `${repositoryKey(address)}:${tag}`, (open) =>
        open.images.tag(address, tag),
      ),
    putChanges: (verdicts, forgotten, read) =>
      this.#write((open) => {
        if (open.putChanges(verdicts, forgotten, read)) this.#verdicts.clear();
        for (const { digest, policy } of verdicts) this.#verdicts.delete(`${digest} ${policy}`);
      }),
    putImages: (images, gone, read, askedAt) =>
      this.#write((open) => open.putImages(images, gone, read, askedAt)),
    putVetted: (image, verdicts, tag) =>
      this.#write((open) => {
        open.putVetted(image, verdicts, tag);
        for (const { digest, policy } of verdicts) this.#verdicts.delete(`${digest} ${policy}`);
      }),
    dropTag: (address, tag) => this.#write((open) => open.dropTag(address, tag)),
    counts: () => ({ ...this.#open.counts, bytes: this.#bytes() }),
    damage: () => this.#damage,
    close: () => {
      this.#isClosed = true;
      this.#open.close(true);
    },
  };

  #remembered<Held>(
    known: LRUCache<string, { readonly held: Held | null }>,
    key: string,
    work: (open: OpenReplica) => Held | null,
  ): Held | null {
    const before = known.get(key);
    if (before !== undefined) return before.held;
    const held = this.#read(work, null);
    known.set(key, { held });
    return held;
  }

  #read<Value>(work: (open: OpenReplica) => Value, none: Value): Value {
    try {
      return work(this.#open);
    } catch (error) {
      this.#begin(error);
      return none;
    }
  }

  #write(work: (open: OpenReplica) => void): void {
    this.#images.clear();
    this.#tags.clear();
    try {
      work(this.#open);
    } catch (error) {
      // What a page said before it was taken back.
      this.#verdicts.clear();
      if (isUnwritable(error)) throw unwritable(this.#options.file, error);
      this.#begin(error);
      throw new PratiqueError('data-unusable', `${this.#options.file} was begun anew: ${errorText(error)}`, {
        file: this.#options.file,
      });
    }
  }

  /** @throws what is no damage */
  #begin(error: unknown): void {
    // What a page said before it was taken back.
    this.#verdicts.clear();
    this.#images.clear();
    this.#tags.clear();
    if (this.#isClosed || !isDamage(error)) throw error;
    this.#open.close(false);
    this.#putAside(error);
    this.#open = this.#openFile();
  }

  #openOrBegin(): OpenReplica {
    try {
      return this.#openFile();
    } catch (error) {
      if (!isDamage(error)) throw unusable(this.#options.file, error);
      this.#putAside(error);
    }
    try {
      return this.#openFile();
    } catch (error) {
      throw unusable(this.#options.file, error);
    }
  }

  #openFile(): OpenReplica {
    const { file, proxy, most = mostReplicaRows } = this.#options;
    return openReplicaFile(file, proxy, most);
  }

  #putAside(error: unknown): void {
    const { file, logger } = this.#options;
    const aside = `${file}.damaged`;
    for (const side of sides) {
      rmSync(`${aside}${side}`, { force: true, recursive: true });
      if (existsSync(`${file}${side}`)) renameSync(`${file}${side}`, `${aside}${side}`);
    }
    this.#damage = `the replica could not be used and is begun anew: ${errorText(error)}`;
    logger.error(
      { file, aside, why: errorText(error) },
      'the replica is damaged or not one: it is put aside and begun anew',
    );
  }

  #bytes(): number {
    const sizes = sides.map(
      (side) => statSync(`${this.#options.file}${side}`, { throwIfNoEntry: false })?.size ?? 0,
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }
}

/** What SQLite says of a file that is not as it was written (sqlite.org/rescode.html). */
const damaged = /^SQLITE_(?:CORRUPT|NOTADB|FORMAT|ERROR|MISMATCH|RANGE|SCHEMA|CONSTRAINT)/;

function isDamage(error: unknown): boolean {
  if (error instanceof DamagedReplica) return true;
  return damaged.test(errorCode(error) ?? '');
}

/** What SQLite says where a disk takes nothing more, or fails: the file is as it was before. */
const unwritableCodes = /^SQLITE_(?:FULL|IOERR|READONLY|CANTOPEN|BUSY|NOMEM)/;

function isUnwritable(error: unknown): boolean {
  return unwritableCodes.test(errorCode(error) ?? '');
}

function unwritable(file: string, error: unknown): PratiqueError {
  return new PratiqueError(
    'storage-full',
    `${file} cannot be written: ${errorText(error)}; make room on the disk of its folder`,
    { file },
    error,
  );
}

function unusable(file: string, error: unknown): PratiqueError {
  return new PratiqueError(
    'data-unusable',
    `${file} cannot be used as a replica: ${errorText(error)}`,
    { file },
    error,
  );
}

import Database from 'better-sqlite3';
import type { HeldTag, ReplicaCounts, ReplicaStore, ReplicaStream } from '../core/ports/replica.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import { type ReplicaHeldImages, replicaImagesOn } from './replica-images.ts';
import { DamagedReplica } from './replica-marks.ts';
import { type MetaRow, metaOn } from './replica-meta.ts';
import { replicaId, replicaSchema, replicaVersion } from './replica-schema.ts';
import { type ReplicaVerdicts, replicaVerdictsOn } from './replica-verdicts.ts';
import { type SharedWords, sharedWordsOn } from './replica-words.ts';
import type { Sqlite } from './sqlite.ts';

/** Digests come in no order, so each page of verdicts touches as many pages of the file; they go into it together. */
const checkpointPages = 8_000;
/** Little: it counts for the resident memory of a webhook, and the kernel holds the file. */
const cacheKibibytes = 4096;
/** While all is read for the first time: what does not fit is written and read again and again. */
const firstCacheKibibytes = 65_536;
/** Rows that are written together then: each page of the file that they touch goes to the disk once. */
const firstTogether = 20_000;

/** A replica's file that is open and looks right. Its operations throw `DamagedReplica` and SQLite's errors. */
export interface OpenReplica extends Pick<ReplicaStore, 'beginAnew' | 'putImages' | 'putVetted' | 'dropTag'> {
  readonly meta: MetaRow;
  readonly verdicts: ReplicaVerdicts;
  readonly images: ReplicaHeldImages;
  /** @returns whether others than these verdicts went */
  putChanges(...args: Parameters<ReplicaStore['putChanges']>): boolean;
  readonly counts: Omit<ReplicaCounts, 'bytes'>;
  /** @param keep whether what waits to be written together is written; a damaged file is closed without */
  close(keep: boolean): void;
}

type Read = Parameters<ReplicaStore['putChanges']>[2];

/** @throws DamagedReplica; what SQLite throws */
export function openReplicaFile(file: string, proxy: string, most: number): OpenReplica {
  const db = new Database(file);
  try {
    prepare(db);
    return new File(db, proxy, most);
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepare(db: Sqlite): void {
  db.pragma('journal_mode = WAL');
  db.pragma(`wal_autocheckpoint = ${checkpointPages}`);
  db.pragma('temp_store = MEMORY');
  const tables = db.prepare<[], { count: number }>('SELECT count(*) AS count FROM sqlite_schema').get();
  if (tables?.count === 0) {
    db.transaction(() => {
      db.exec(replicaSchema);
      db.pragma(`application_id = ${replicaId}`);
      db.pragma(`user_version = ${replicaVersion}`);
    }).immediate();
    return;
  }
  if (Number(db.pragma('application_id', { simple: true })) !== replicaId)
    throw new DamagedReplica('it is a database of something else');
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version !== replicaVersion)
    throw new DamagedReplica(`it is of version ${version}, and this Pratique writes ${replicaVersion}`);
}

class File implements OpenReplica {
  readonly meta: MetaRow;
  readonly verdicts: ReplicaVerdicts;
  readonly images: ReplicaHeldImages;
  readonly #db: Sqlite;
  readonly #most: number;
  readonly #words: SharedWords;
  readonly #held: { verdicts: number; images: number; tags: number };
  #leftOut = 0;
  /** Rows of the transaction that is open. */
  #together = 0;
  /** null: not set yet. */
  #isDurable: boolean | null = null;

  constructor(db: Sqlite, proxy: string, most: number) {
    this.#db = db;
    this.#most = most;
    this.meta = metaOn(db, proxy);
    this.#words = sharedWordsOn(db);
    this.verdicts = replicaVerdictsOn(db, this.#words);
    this.images = replicaImagesOn(db);
    this.#held = { verdicts: this.verdicts.count(), ...this.images.count() };
    this.#setDurability();
  }

  get #isComplete(): boolean {
    return this.meta.stream('changes').complete && this.meta.stream('images').complete;
  }

  /**
   * What was heard is never forgotten again: an older verdict may be the laxer one. Only before all was read once, when nobody is
   * let in by it yet, a loss of power may take the last pages back together with the cursor: the log of SQLite then ends
   * earlier, and never has a gap (sqlite.org/pragma.html#pragma_synchronous).
   */
  #setDurability(): void {
    const isComplete = this.#isComplete;
    if (isComplete === this.#isDurable) return;
    this.#db.pragma(`synchronous = ${isComplete ? 'FULL' : 'NORMAL'}`);
    this.#db.pragma(`cache_size = ${-(isComplete ? cacheKibibytes : firstCacheKibibytes)}`);
    if (isComplete) {
      this.#db.pragma('wal_checkpoint(TRUNCATE)');
      this.#db.pragma('shrink_memory');
    }
    this.#isDurable = isComplete;
  }

  get counts(): Omit<ReplicaCounts, 'bytes'> {
    return { ...this.#held, unread: this.verdicts.countUnread(), leftOut: this.#leftOut };
  }

  beginAnew(stream: ReplicaStream): void {
    const { generation, complete } = this.meta.stream(stream);
    const next = generation + 1;
    this.meta.putStream(stream, { records: null, cursor: 0, complete, reading: true, generation: next });
  }

  readonly putChanges: OpenReplica['putChanges'] = (verdicts, forgotten, read) =>
    this.#write(verdicts.length, () => {
      let gone = 0;
      for (const policy of forgotten) gone += this.verdicts.forget(policy);
      for (const entry of verdicts) this.#putVerdict(entry);
      if (this.#moved('changes', read)) {
        gone += this.verdicts.forgetBefore(this.meta.stream('changes').generation);
      }
      this.#held.verdicts -= gone;
      return gone > 0;
    });

  readonly putImages: OpenReplica['putImages'] = (images, gone, read, askedAt) =>
    this.#write(images.length, () => {
      for (const { repository, digest } of gone) {
        const dropped = this.images.drop(repository, digest);
        this.#held.images -= dropped.images;
        this.#held.tags -= dropped.tags;
      }
      for (const image of images) {
        const { repository, digest, tags } = image;
        const put = this.#putImage(image);
        if (put === 'no room') continue;
        // To one that was never here nothing leads, as long as none has gone.
        if (put === 'there' || this.#isDurable === true)
          this.#held.tags -= this.images.keepTags(repository, digest, tags, askedAt);
        for (const tag of tags) this.#listTag(repository, tag, digest, askedAt);
      }
      if (!this.#moved('images', read)) return;
      this.images.forgetBefore(this.meta.stream('images').generation);
      Object.assign(this.#held, this.images.count());
    });

  readonly putVetted: OpenReplica['putVetted'] = (image, verdicts, tag) =>
    this.#write(verdicts.length, () => {
      if (this.#putImage(image) === 'no room') return;
      for (const entry of verdicts) if (!this.verdicts.isOvertaken(entry)) this.#putVerdict(entry);
      if (tag !== null)
        this.#putTag(image.repository, tag.tag, { digest: image.digest, heardAt: tag.heardAt });
    });

  readonly dropTag: OpenReplica['dropTag'] = (address, tag) => {
    this.#held.tags -= this.images.dropTag(address, tag);
  };

  close(keep: boolean): void {
    try {
      if (keep && this.#db.inTransaction) this.#db.exec('COMMIT');
    } finally {
      this.#db.close();
    }
  }

  /** @param rows about how many it writes */
  #write<Result>(rows: number, work: () => Result): Result {
    try {
      if (this.#isDurable !== false) return this.#db.transaction(work).immediate();
      if (!this.#db.inTransaction) this.#db.exec('BEGIN IMMEDIATE');
      const result = work();
      this.#together += rows;
      if (this.#together < firstTogether && !this.#isComplete) return result;
      this.#db.exec('COMMIT');
      this.#together = 0;
      this.#setDurability();
      return result;
    } catch (error) {
      this.#takeBack();
      throw error;
    }
  }

  /** A cursor that went on without its page would leave out what the page said, for good. */
  #takeBack(): void {
    // SQLite has ended it by itself where the disk is full.
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    this.#together = 0;
    this.meta.reread();
    this.#words.reread();
    this.images.reread();
    Object.assign(this.#held, { verdicts: this.verdicts.count(), ...this.images.count() });
  }

  /** @returns whether everything has been read from the beginning for the first time in this generation */
  #moved(stream: ReplicaStream, { records, cursor, isLast }: Read): boolean {
    const before = this.meta.stream(stream);
    const isFirst = isLast && before.reading;
    this.meta.putStream(stream, {
      ...before,
      records,
      cursor,
      complete: before.complete || isLast,
      reading: before.reading && !isLast,
    });
    return isFirst;
  }

  #putVerdict(entry: Parameters<ReplicaVerdicts['put']>[0]): void {
    const { generation } = this.meta.stream('changes');
    if (this.#held.verdicts >= this.#most && !this.verdicts.has(entry.digest, entry.policy)) {
      this.#leftOut += 1;
      return;
    }
    if (this.verdicts.put(entry, generation)) this.#held.verdicts += 1;
  }

  #putImage(image: Parameters<ReplicaStore['putVetted']>[0]): 'new' | 'there' | 'no room' {
    const { repository, digest } = image;
    if (this.#held.images >= this.#most && this.images.image(repository, digest) === null) {
      this.#leftOut += 1;
      return 'no room';
    }
    if (!this.images.putImage(repository, image, this.meta.stream('images').generation)) return 'there';
    this.#held.images += 1;
    return 'new';
  }

  /** What a list says of a tag does not make it fresh, and does not outweigh what was heard since it was asked for. */
  #listTag(address: RepositoryAddress, tag: string, digest: HeldTag['digest'], askedAt: number): void {
    const { generation } = this.meta.stream('images');
    const hasRoom = this.#held.tags < this.#most;
    if (hasRoom && this.images.addTag(address, tag, { digest, heardAt: null }, generation)) {
      this.#held.tags += 1;
      return;
    }
    const held = this.images.tag(address, tag);
    if (held !== null && held.heardAt !== null && held.heardAt >= askedAt) {
      this.#putTag(address, tag, held);
      return;
    }
    this.#putTag(address, tag, { digest, heardAt: held?.digest === digest ? held.heardAt : null });
  }

  #putTag(address: RepositoryAddress, tag: string, held: HeldTag): void {
    if (this.#held.tags >= this.#most && this.images.tag(address, tag) === null) {
      this.#leftOut += 1;
      return;
    }
    if (this.images.putTag(address, tag, held, this.meta.stream('images').generation)) this.#held.tags += 1;
  }
}

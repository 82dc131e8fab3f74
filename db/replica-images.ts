import { LRUCache } from 'lru-cache';
import type { Digest } from '../core/digest.ts';
import type { HeldImage, HeldTag } from '../core/ports/replica.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import { digestBytes, digestOf, markOf, verifyMark } from './replica-marks.ts';
import type { Sqlite } from './sqlite.ts';

/** Of repositories. */
const idsInMemory = 5_000;

export interface ReplicaHeldImages {
  /** What was remembered may be of a transaction that was taken back. */
  reread(): void;
  /** @throws DamagedReplica */
  image(address: RepositoryAddress, digest: Digest): HeldImage | null;
  /** @throws DamagedReplica */
  tag(address: RepositoryAddress, tag: string): HeldTag | null;
  /** @returns whether it is one more */
  putImage(address: RepositoryAddress, image: HeldImage, generation: number): boolean;
  /** Where there is none of this name. @returns whether that was so */
  addTag(address: RepositoryAddress, tag: string, held: HeldTag, generation: number): boolean;
  /** @returns whether it is one more */
  putTag(address: RepositoryAddress, tag: string, held: HeldTag, generation: number): boolean;
  /** It goes with the tags that lead to it. @returns how many images and tags went */
  drop(address: RepositoryAddress, digest: Digest): { readonly images: number; readonly tags: number };
  dropTag(address: RepositoryAddress, tag: string): number;
  /** Tags that lead there, by the list alone, and not to one of these any more. @returns how many went */
  keepTags(address: RepositoryAddress, digest: Digest, tags: readonly string[], heardBefore: number): number;
  forgetBefore(generation: number): void;
  count(): { readonly images: number; readonly tags: number };
}

interface TagRow {
  readonly digest: Buffer;
  readonly heard_at: number | null;
  readonly mark: Buffer;
}

export function replicaImagesOn(db: Sqlite): ReplicaHeldImages {
  const sql = {
    repository: db.prepare<[string, string], { id: number }>(
      'SELECT id FROM repository WHERE upstream = ? AND path = ?',
    ),
    putRepository: db.prepare<[string, string]>('INSERT INTO repository (upstream, path) VALUES (?, ?)'),
    image: db.prepare<[string, string, Buffer], { body: string | null; mark: Buffer }>(
      `SELECT body, mark FROM image WHERE repository = (SELECT id FROM repository WHERE upstream = ? AND path = ?)
       AND digest = ?`,
    ),
    addImage: db.prepare<[number, Buffer, number, string | null, Buffer]>(
      `INSERT INTO image (repository, digest, generation, body, mark) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (repository, digest) DO NOTHING`,
    ),
    replaceImage: db.prepare<[number, string | null, Buffer, number, Buffer]>(
      'UPDATE image SET generation = ?, body = ?, mark = ? WHERE repository = ? AND digest = ?',
    ),
    tag: db.prepare<[string, string, string], TagRow>(
      `SELECT digest, heard_at, mark FROM tag
       WHERE repository = (SELECT id FROM repository WHERE upstream = ? AND path = ?) AND tag = ?`,
    ),
    addTag: db.prepare<[number, string, number, Buffer, number | null, Buffer]>(
      `INSERT INTO tag (repository, tag, generation, digest, heard_at, mark) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (repository, tag) DO NOTHING`,
    ),
    replaceTag: db.prepare<[number, Buffer, number | null, Buffer, number, string]>(
      'UPDATE tag SET generation = ?, digest = ?, heard_at = ?, mark = ? WHERE repository = ? AND tag = ?',
    ),
    tagsOf: db.prepare<[number, Buffer, number], { tag: string }>(
      'SELECT tag FROM tag WHERE repository = ? AND digest = ? AND (heard_at IS NULL OR heard_at < ?)',
    ),
    dropImage: db.prepare<[number, Buffer]>('DELETE FROM image WHERE repository = ? AND digest = ?'),
    dropTags: db.prepare<[number, Buffer]>('DELETE FROM tag WHERE repository = ? AND digest = ?'),
    dropTag: db.prepare<[number, string]>('DELETE FROM tag WHERE repository = ? AND tag = ?'),
    forgetImages: db.prepare<[number]>('DELETE FROM image WHERE generation < ?'),
    forgetTags: db.prepare<[number]>('DELETE FROM tag WHERE generation < ?'),
    forgetRepositories: db.prepare<[]>(
      'DELETE FROM repository WHERE id NOT IN (SELECT repository FROM image UNION SELECT repository FROM tag)',
    ),
    images: db.prepare<[], { count: number }>('SELECT count(*) AS count FROM image'),
    tags: db.prepare<[], { count: number }>('SELECT count(*) AS count FROM tag'),
  };
  const ids = new LRUCache<string, number>({ max: idsInMemory });
  const idOf = ({ upstream, path }: RepositoryAddress): number | null => {
    const key = `${upstream} ${path}`;
    const known = ids.get(key) ?? sql.repository.get(upstream, path)?.id;
    if (known !== undefined) ids.set(key, known);
    return known ?? null;
  };
  const makeId = (address: RepositoryAddress): number => {
    const known = idOf(address);
    if (known !== null) return known;
    const id = Number(sql.putRepository.run(address.upstream, address.path).lastInsertRowid);
    ids.set(`${address.upstream} ${address.path}`, id);
    return id;
  };
  const addTag: ReplicaHeldImages['addTag'] = (address, tag, { digest, heardAt }, generation) => {
    const mark = markOf(address.upstream, address.path, tag, digest, heardAt);
    return sql.addTag.run(makeId(address), tag, generation, digestBytes(digest), heardAt, mark).changes > 0;
  };
  return {
    reread: () => ids.clear(),
    image: (address, digest) => {
      const row = sql.image.get(address.upstream, address.path, digestBytes(digest));
      if (row === undefined) return null;
      verifyMark(row.mark, 'an image', address.upstream, address.path, digest, row.body);
      if (row.body === null) return itself(digest);
      const [platforms, unfit] = JSON.parse(row.body) as [HeldImage['platforms'], HeldImage['unfit']];
      return { digest, platforms, unfit };
    },
    tag: (address, tag) => {
      const row = sql.tag.get(address.upstream, address.path, tag);
      if (row === undefined) return null;
      const digest = digestOf(row.digest);
      verifyMark(row.mark, 'a tag', address.upstream, address.path, tag, digest, row.heard_at);
      return { digest, heardAt: row.heard_at };
    },
    putImage: (address, { digest, platforms, unfit }, generation) => {
      const id = makeId(address);
      const body = isItself(digest, platforms, unfit) ? null : JSON.stringify([platforms, unfit]);
      const bytes = digestBytes(digest);
      const mark = markOf(address.upstream, address.path, digest, body);
      const isNew = sql.addImage.run(id, bytes, generation, body, mark).changes > 0;
      if (!isNew) sql.replaceImage.run(generation, body, mark, id, bytes);
      return isNew;
    },
    addTag,
    putTag: (address, tag, held, generation) => {
      if (addTag(address, tag, held, generation)) return true;
      const { digest, heardAt } = held;
      const mark = markOf(address.upstream, address.path, tag, digest, heardAt);
      sql.replaceTag.run(generation, digestBytes(digest), heardAt, mark, makeId(address), tag);
      return false;
    },
    drop: (address, digest) => {
      const id = idOf(address);
      if (id === null) return { images: 0, tags: 0 };
      const bytes = digestBytes(digest);
      return { images: sql.dropImage.run(id, bytes).changes, tags: sql.dropTags.run(id, bytes).changes };
    },
    dropTag: (address, tag) => {
      const id = idOf(address);
      return id === null ? 0 : sql.dropTag.run(id, tag).changes;
    },
    keepTags: (address, digest, tags, heardBefore) => {
      const id = idOf(address);
      if (id === null) return 0;
      let dropped = 0;
      for (const { tag } of sql.tagsOf.all(id, digestBytes(digest), heardBefore)) {
        if (!tags.includes(tag)) dropped += sql.dropTag.run(id, tag).changes;
      }
      return dropped;
    },
    forgetBefore: (generation) => {
      sql.forgetImages.run(generation);
      sql.forgetTags.run(generation);
      sql.forgetRepositories.run();
      ids.clear();
    },
    count: () => ({ images: sql.images.get()?.count ?? 0, tags: sql.tags.get()?.count ?? 0 }),
  };
}

function itself(digest: Digest): HeldImage {
  return { digest, platforms: [{ platform: null, digest }], unfit: [] };
}

function isItself(digest: Digest, platforms: HeldImage['platforms'], unfit: HeldImage['unfit']): boolean {
  const [only] = platforms;
  return platforms.length === 1 && only?.platform === null && only.digest === digest && unfit.length === 0;
}

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Digest, digestAlgorithm, digestHex } from '../../core/digest.ts';
import { errorText, PratiqueError } from '../../core/errors.ts';
import type { BlobStore } from '../blob-store.ts';
import type { RoomKeeper, UploadLimits, UploadOwner, UploadStatus, Uploads, UploadUnderWay } from './port.ts';
import { UploadSession, uploadUnknown } from './session.ts';

const idPattern = /^[0-9a-f]{32}$/;
/** Written beside the bytes, so that an upload can go on after a restart. Times in milliseconds since the epoch. */
const noteSchema = z.object({ repository: z.string(), user: z.string(), begun: z.number() });

interface Entry {
  readonly owner: UploadOwner;
  readonly begun: number;
  readonly session: UploadSession;
  touched: number;
  /** Bytes that requests under way have announced or brought; a later one takes over from an earlier one. */
  readonly announced: Set<{ bytes: number }>;
}

/**
 * Opens the folder of uploads, which must be on the store's file system.
 * @throws PratiqueError `data-unusable`
 */
export async function openUploads(options: {
  readonly folder: string;
  readonly store: Pick<BlobStore, 'adopt'>;
  readonly limits: UploadLimits;
  /** Left out: there are no quotas. */
  readonly room?: RoomKeeper;
  /** Makes room on a full disk, once for a write. */
  readonly makeRoom?: () => Promise<void>;
  readonly now: () => number;
}): Promise<Uploads> {
  const { folder, store, limits, now } = options;
  const { room = null } = options;
  const entries = new Map<string, Entry>();
  /** Those that are over and not recorded yet. */
  const finishing = new Set<Entry>();
  /** What comes in without an upload. */
  const beside = new Set<UploadUnderWay>();
  const dataFile = (id: string): string => join(folder, id);
  const noteFile = (id: string): string => join(folder, `${id}.json`);
  const forget = async (id: string): Promise<void> => {
    entries.delete(id);
    await rm(dataFile(id), { force: true });
    await rm(noteFile(id), { force: true });
  };

  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Of a note without bytes too: its process ended between both.
    for (const id of new Set((await readdir(folder)).map((name) => name.replace(/\.json$/, '')))) {
      if (!idPattern.test(id)) continue;
      const entry = await readBack(dataFile(id), noteFile(id), now(), options.makeRoom);
      if (entry === null) await forget(id);
      else entries.set(id, entry);
    }
  } catch (error) {
    throw new PratiqueError(
      'data-unusable',
      `the folder of uploads ${folder} cannot be used: ${errorText(error)}`,
      { folder },
      error,
    );
  }

  const find = (id: string, owner: UploadOwner): Entry => {
    const entry = entries.get(id);
    if (
      entry === undefined ||
      entry.owner.repository !== owner.repository ||
      entry.owner.user !== owner.user
    ) {
      throw uploadUnknown();
    }
    entry.touched = now();
    return entry;
  };
  const statusOf = (id: string, entry: Entry): UploadStatus => ({ id, offset: entry.session.offset });

  const refuseTooMany = (user: string): void => {
    const own = [...entries.values()].filter((entry) => entry.owner.user === user).length;
    if (entries.size < limits.uploads && own < limits.uploadsPerUser) return;
    throw new PratiqueError(
      'queue-full',
      `${entries.size} uploads are under way, ${own} of them by this user: finish or cancel some`,
      { uploads: entries.size, own },
    );
  };

  const underWay = function* (): Generator<UploadUnderWay> {
    for (const { owner, session, announced } of [...entries.values(), ...finishing]) {
      yield { owner, bytes: session.offset + Math.max(0, ...[...announced].map(({ bytes }) => bytes)) };
    }
    yield* beside;
  };
  /** Counts what comes without having been announced. */
  const counted = async function* (
    announced: { bytes: number },
    source: AsyncIterable<Uint8Array>,
    check: (underWay: Iterable<UploadUnderWay>) => void,
  ): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      announced.bytes += chunk.length;
      check(underWay());
      yield chunk;
    }
  };

  return {
    async begin(owner) {
      refuseTooMany(owner.user);
      if (room !== null) {
        const check = await room.roomFor(owner);
        // One byte: where there is no room at all, that is said before anything is sent.
        check([...underWay(), { owner, bytes: 1 }]);
        refuseTooMany(owner.user);
      }
      const id = randomBytes(16).toString('hex');
      const begun = now();
      const entry = {
        owner,
        begun,
        touched: begun,
        announced: new Set<{ bytes: number }>(),
        session: new UploadSession(dataFile(id), 0, options.makeRoom),
      };
      entries.set(id, entry);
      try {
        await writeFile(noteFile(id), JSON.stringify({ ...owner, begun }), { mode: 0o600 });
        await writeFile(dataFile(id), '', { mode: 0o600, flag: 'wx' });
      } catch (error) {
        await forget(id);
        const why = `the upload could not be begun: ${errorText(error)}`;
        throw new PratiqueError('vetting-failed', why, {}, error);
      }
      return statusOf(id, entry);
    },
    async status(id, owner) {
      const entry = find(id, owner);
      await entry.session.interrupt();
      return statusOf(id, entry);
    },
    async append(id, owner, source, claim) {
      const entry = find(id, owner);
      const check = room === null ? null : await room.roomFor(owner);
      const announced = { bytes: claim.length ?? 0 };
      try {
        entry.announced.add(announced);
        check?.(underWay());
        const bytes = check === null || claim.length !== null ? source : counted(announced, source, check);
        await entry.session.append(bytes, claim, limits.bytes);
      } finally {
        entry.announced.delete(announced);
        entry.touched = now();
      }
      return statusOf(id, entry);
    },
    async finish(id, owner, digest, recorded) {
      const entry = find(id, owner);
      const { session } = entry;
      // Nobody else can find it from here on.
      entries.delete(id);
      finishing.add(entry);
      try {
        await session.end();
        // What is there may have grown since the last bytes came.
        if (room !== null) (await room.roomFor(owner))(underWay());
        const size = session.offset;
        const found = await session.digest(digestAlgorithm(digest));
        if (found !== digestHex(digest)) throw otherContent(digest, found, size);
        await session.sync();
        await store.adopt(digest, session.file);
        await recorded?.();
        return size;
      } finally {
        finishing.delete(entry);
        await forget(id);
      }
    },
    async cancel(id, owner) {
      const { session } = find(id, owner);
      entries.delete(id);
      await session.end();
      await forget(id);
    },
    async withRoom(owner, bytes, recorded) {
      const coming = { owner, bytes };
      beside.add(coming);
      try {
        if (room !== null) (await room.roomFor(owner))(underWay());
        await recorded();
      } finally {
        beside.delete(coming);
      }
    },
    async expire() {
      let ended = 0;
      for (const [id, entry] of entries) {
        const idle = !entry.session.busy && now() - entry.touched > limits.idle;
        if (!idle && now() - entry.begun <= limits.age) continue;
        entries.delete(id);
        await entry.session.end();
        await forget(id);
        ended += 1;
      }
      return ended;
    },
  };
}

/** An upload that an earlier life of the process has begun; null where it cannot go on. */
async function readBack(
  file: string,
  note: string,
  now: number,
  makeRoom?: () => Promise<void>,
): Promise<Entry | null> {
  const text = await readFile(note, 'utf8').catch(() => null);
  const parsed = noteSchema.safeParse(parseJson(text ?? ''));
  if (!parsed.success) return null;
  const { repository, user, begun } = parsed.data;
  const found = await lstat(file).catch(() => null);
  // A link would make a blob of what somebody else may change.
  if (found?.isFile() !== true) return null;
  const session = new UploadSession(file, found.size, makeRoom);
  return { owner: { repository, user }, begun, touched: now, announced: new Set(), session };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function otherContent(digest: Digest, found: string, size: number): PratiqueError {
  const is = `${digestAlgorithm(digest)}:${found}`;
  return new PratiqueError(
    'digest-mismatch',
    `the ${size} bytes that were uploaded have the digest ${is}, not ${digest}; nothing was kept`,
    { digest, found: is, size },
  );
}

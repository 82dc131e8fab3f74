import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { openBlobStore } from '../blob-store.ts';
import { parseContentRange } from './content-range.ts';
import { defaultUploadLimits, type UploadLimits, type Uploads } from './port.ts';
import { openUploads } from './uploads.ts';

const owner = { repository: 'hosted/app', user: 'ci' };
const anywhere = { start: null, length: null };
const bytes = Buffer.from('the quick brown fox jumps over the lazy dog'.repeat(1000));

function digestOf(content: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest {
  const digest = parseDigest(`${algorithm}:${createHash(algorithm).update(content).digest('hex')}`);
  if (digest === null) throw new Error('not a digest');
  return digest;
}

async function* chunks(content: Buffer, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

/** Gives its bytes, and then fails as a client does that goes away. */
async function* cut(content: Buffer): AsyncGenerator<Uint8Array> {
  yield* chunks(content);
  throw new Error('aborted');
}

/** Gives its bytes, and then none for ever. */
async function* stuck(content: Buffer): AsyncGenerator<Uint8Array> {
  yield* chunks(content);
  await new Promise(() => undefined);
}

interface Place {
  readonly uploads: Uploads;
  readonly folder: string;
  readonly clock: { now: number };
  readonly store: ReturnType<typeof openBlobStore>;
  reopen(): Promise<Uploads>;
}

async function place(limits: Partial<UploadLimits> = {}): Promise<Place> {
  const root = temporaryDirectory();
  const folder = join(root, 'uploads');
  const store = openBlobStore(root);
  const clock = { now: Date.UTC(2026, 10, 24) };
  const reopen = (): Promise<Uploads> =>
    openUploads({ folder, store, limits: { ...defaultUploadLimits, ...limits }, now: () => clock.now });
  return { uploads: await reopen(), folder, clock, store, reopen };
}

describe('an upload', () => {
  it.each(['sha256', 'sha512'] as const)('becomes a blob when its %s is right', async (algorithm) => {
    const { uploads, store, folder } = await place();
    const { id } = await uploads.begin(owner);
    await uploads.append(id, owner, chunks(bytes.subarray(0, 5000)), anywhere);
    await uploads.append(id, owner, chunks(bytes.subarray(5000)), {
      start: 5000,
      length: bytes.length - 5000,
    });
    const digest = digestOf(bytes, algorithm);
    expect(await uploads.finish(id, owner, digest)).toBe(bytes.length);
    expect(Buffer.from(await store.bytes(digest)).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing behind when its digest is a lie', async () => {
    const { uploads, store, folder } = await place();
    const { id } = await uploads.begin(owner);
    await uploads.append(id, owner, chunks(bytes), anywhere);
    const lie = digestOf(Buffer.from('x'));
    await expect(uploads.finish(id, owner, lie)).rejects.toMatchObject({
      code: 'digest-mismatch',
      message: expect.stringContaining(digestOf(bytes)),
    });
    expect([await store.has(lie), await store.has(digestOf(bytes)), readdirSync(folder)]).toEqual([
      false,
      false,
      [],
    ]);
    await expect(uploads.status(id, owner)).rejects.toMatchObject({ code: 'upload-unknown' });
  });

  it.each<readonly [string, { start: number | null; length: number | null }, string]>([
    ['behind its end', { start: 6000, length: 100 }, 'upload-out-of-order'],
    ['over what is there', { start: 4999, length: 100 }, 'upload-out-of-order'],
    ['with more bytes than it said', { start: 5000, length: 100 }, 'limit-exceeded'],
  ])('does not take a chunk %s, and is as before', async (_, claim, code) => {
    const { uploads, store } = await place();
    const { id } = await uploads.begin(owner);
    await uploads.append(id, owner, chunks(bytes.subarray(0, 5000)), anywhere);
    const wrong = uploads.append(id, owner, chunks(Buffer.alloc(3000, 'x')), claim);
    await expect(wrong).rejects.toMatchObject({ code });
    expect(await uploads.status(id, owner)).toEqual({ id, offset: 5000 });
    await uploads.append(id, owner, chunks(bytes.subarray(5000)), anywhere);
    await uploads.finish(id, owner, digestOf(bytes));
    expect(await store.has(digestOf(bytes))).toBe(true);
  });

  it('keeps what came before the client went, also when it said that there would be more', async () => {
    const { uploads, store } = await place();
    const { id } = await uploads.begin(owner);
    const lost = uploads.append(id, owner, cut(bytes.subarray(0, 7000)), { start: 0, length: bytes.length });
    await expect(lost).rejects.toThrow('aborted');
    const short = uploads.append(id, owner, chunks(bytes.subarray(7000, 8000)), {
      start: 7000,
      length: 2000,
    });
    await expect(short).rejects.toMatchObject({ code: 'upload-invalid' });
    expect(await uploads.status(id, owner)).toEqual({ id, offset: 8000 });
    await uploads.append(id, owner, chunks(bytes.subarray(8000)), { start: 8000, length: null });
    await uploads.finish(id, owner, digestOf(bytes));
    expect(await store.has(digestOf(bytes))).toBe(true);
  });

  it('is taken over by a later request when the earlier one waits for bytes', async () => {
    const { uploads, store } = await place();
    const { id } = await uploads.begin(owner);
    const hanging = uploads.append(id, owner, stuck(bytes.subarray(0, 5000)), anywhere);
    const refused = expect(hanging).rejects.toMatchObject({ code: 'upload-invalid' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await uploads.status(id, owner)).toEqual({ id, offset: 5000 });
    await refused;
    await uploads.append(id, owner, chunks(bytes.subarray(5000)), { start: 5000, length: null });
    await uploads.finish(id, owner, digestOf(bytes));
    expect(await store.has(digestOf(bytes))).toBe(true);
  });

  it('goes on in another life of the process', async () => {
    const { uploads, store, reopen, folder } = await place();
    const { id } = await uploads.begin(owner);
    await uploads.append(id, owner, chunks(bytes.subarray(0, 5000)), anywhere);
    // Planted or broken: no upload of anybody's.
    writeFileSync(join(folder, 'f'.repeat(32)), 'x');
    writeFileSync(join(folder, `${'e'.repeat(32)}.json`), '{"repository":1}');
    const later = await reopen();
    expect(await later.status(id, owner)).toEqual({ id, offset: 5000 });
    await expect(later.status('f'.repeat(32), owner)).rejects.toMatchObject({ code: 'upload-unknown' });
    await later.append(id, owner, chunks(bytes.subarray(5000)), { start: 5000, length: null });
    await later.finish(id, owner, digestOf(bytes));
    expect(await store.has(digestOf(bytes))).toBe(true);
    expect(existsSync(join(folder, 'f'.repeat(32)))).toBe(false);
  });

  it('is no one else’s, in no other repository', async () => {
    const { uploads } = await place();
    const { id } = await uploads.begin(owner);
    for (const stranger of [
      { ...owner, user: 'other' },
      { ...owner, repository: 'hosted/other' },
    ]) {
      for (const attempt of [
        uploads.status(id, stranger),
        uploads.append(id, stranger, chunks(bytes), anywhere),
        uploads.finish(id, stranger, digestOf(bytes)),
        uploads.cancel(id, stranger),
      ]) {
        await expect(attempt).rejects.toMatchObject({ code: 'upload-unknown' });
      }
    }
    expect(await uploads.status(id, owner)).toEqual({ id, offset: 0 });
  });
});

describe('bounds', () => {
  it('of one blob', async () => {
    const { uploads } = await place({ bytes: 6000 });
    const { id } = await uploads.begin(owner);
    await uploads.append(id, owner, chunks(bytes.subarray(0, 5000)), anywhere);
    const more = uploads.append(id, owner, chunks(bytes.subarray(5000, 8000)), anywhere);
    await expect(more).rejects.toMatchObject({ code: 'limit-exceeded', fields: { limit: 6000 } });
    expect(await uploads.status(id, owner)).toEqual({ id, offset: 5000 });
  });

  it('of uploads at once, for each user and for all', async () => {
    const { uploads } = await place({ uploads: 3, uploadsPerUser: 2 });
    const first = await uploads.begin(owner);
    await uploads.begin(owner);
    await expect(uploads.begin(owner)).rejects.toMatchObject({ code: 'queue-full' });
    await uploads.begin({ ...owner, user: 'other' });
    await expect(uploads.begin({ ...owner, user: 'third' })).rejects.toMatchObject({ code: 'queue-full' });
    await uploads.cancel(first.id, owner);
    await uploads.begin(owner);
  });

  it('of time: what nobody touches goes, and what never ends', async () => {
    const { uploads, clock, folder } = await place({ idle: 1000, age: 5000 });
    const idle = await uploads.begin(owner);
    const busy = await uploads.begin(owner);
    const hanging = uploads.append(busy.id, owner, stuck(bytes.subarray(0, 100)), anywhere);
    const ended = expect(hanging).rejects.toMatchObject({ code: 'upload-invalid' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    clock.now += 1001;
    expect(await uploads.expire()).toBe(1);
    await expect(uploads.status(idle.id, owner)).rejects.toMatchObject({ code: 'upload-unknown' });
    clock.now += 4000;
    expect(await uploads.expire()).toBe(1);
    await ended;
    expect(readdirSync(folder)).toEqual([]);
  });
});

it('the folder holds no byte that others can read', async () => {
  const { uploads, folder } = await place();
  const { id } = await uploads.begin(owner);
  await uploads.append(id, owner, chunks(bytes), anywhere);
  expect(readFileSync(join(folder, id)).equals(bytes)).toBe(true);
  expect(
    [folder, join(folder, id), join(folder, `${id}.json`)].map((path) => statSync(path).mode & 0o077),
  ).toEqual([0, 0, 0]);
});

it.each<readonly [string, readonly [number, number] | null]>([
  ['0-99', [0, 99]],
  ['100-100', [100, 100]],
  ['bytes 0-99/100', [0, 99]],
  ['bytes 0-99/*', [0, 99]],
  ['99-0', null],
  ['-5', null],
  ['5-', null],
  ['0x1-2', null],
  ['1e1-2e1', null],
  ['9999999999999999-99999999999999999', null],
  ['', null],
])('Content-Range "%s"', (header, expected) => {
  const range = parseContentRange(header);
  expect(range === null ? null : [range.start, range.end]).toEqual(expected);
});

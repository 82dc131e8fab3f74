import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { openBlobStore } from '../blob-store.ts';
import { defaultUploadLimits } from './port.ts';
import { openUploads } from './uploads.ts';

/** Requests for one upload that are there in the same moment, as pipelined ones are; and folders that were left in disorder. */

const owner = { repository: 'hosted/app', user: 'ci' };
const anywhere = { start: null, length: null };
const [first, second] = [Buffer.alloc(50_000, 'a'), Buffer.alloc(60_000, 'b')];

function digestOf(content: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest {
  const digest = parseDigest(`${algorithm}:${createHash(algorithm).update(content).digest('hex')}`);
  if (digest === null) throw new Error('not a digest');
  return digest;
}

async function* chunks(content: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += 1000) {
    yield content.subarray(at, at + 1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function* whole(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}

async function place() {
  const root = temporaryDirectory();
  const store = openBlobStore(root);
  const folder = join(root, 'uploads');
  const uploads = await openUploads({ folder, store, limits: defaultUploadLimits, now: () => 0 });
  const contents = (): Buffer[] =>
    readdirSync(join(root, 'blobs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  return { uploads, store, folder, contents };
}

/** Whatever of it failed; what counts is what the store holds afterwards. */
const settled = (...work: Promise<unknown>[]): Promise<unknown> => Promise.allSettled(work);

describe('a folder of uploads that is opened', () => {
  it('keeps none but whole ones: no note without bytes, no link, nothing without a note', async () => {
    const { folder, store } = await place();
    const name = (digit: string): string => join(folder, digit.repeat(32));
    const note = JSON.stringify({ ...owner, begun: 0 });
    writeFileSync(`${name('a')}.json`, note);
    writeFileSync(name('b'), 'bytes');
    writeFileSync(`${name('c')}.json`, note);
    symlinkSync('/etc/hostname', name('c'));
    writeFileSync(`${name('d')}.json`, note);
    writeFileSync(name('d'), 'bytes');
    writeFileSync(`${name('e')}.json`, '{"repository":1}');
    const uploads = await openUploads({ folder, store, limits: defaultUploadLimits, now: () => 0 });
    expect(readdirSync(folder).sort()).toEqual(['d'.repeat(32), `${'d'.repeat(32)}.json`]);
    expect(await uploads.status('d'.repeat(32), owner)).toMatchObject({ offset: 5 });
  });

  it('leaves nothing of an upload that could not be begun', async () => {
    const { uploads, folder } = await place();
    rmSync(folder, { recursive: true });
    await expect(uploads.begin(owner)).rejects.toMatchObject({ code: 'vetting-failed' });
    mkdirSync(folder);
    expect(await uploads.begin(owner)).toMatchObject({ offset: 0 });
    expect(readdirSync(folder)).toHaveLength(2);
  });
});

describe('two requests for one upload at once', () => {
  it('never make a blob of bytes that have not its digest', async () => {
    const { uploads, contents } = await place();
    const { id } = await uploads.begin(owner);
    await settled(
      uploads.append(id, owner, whole(first), anywhere),
      uploads.append(id, owner, whole(second), anywhere),
    );
    const both = digestOf(Buffer.concat([first, second]));
    await settled(uploads.finish(id, owner, both));
    for (const content of contents()) expect(digestOf(content)).toBe(both);
  });

  it.each(['sha256', 'sha512'] as const)('never add to a blob that is done (%s)', async (algorithm) => {
    for (const appendFirst of [true, false]) {
      const { uploads, contents, folder } = await place();
      const { id } = await uploads.begin(owner);
      await uploads.append(id, owner, chunks(first), anywhere);
      const append = (): Promise<unknown> => uploads.append(id, owner, chunks(second), anywhere);
      const before = appendFirst ? [append()] : [];
      const finish = uploads.finish(id, owner, digestOf(first, algorithm));
      await settled(...before, finish, ...(appendFirst ? [] : [append()]));
      for (const content of contents()) expect(digestOf(content)).toBe(digestOf(first));
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('never go on in an upload that was finished while they waited for their turn', async () => {
    const { uploads, contents } = await place();
    const { id } = await uploads.begin(owner);
    const stuck = async function* (): AsyncGenerator<Uint8Array> {
      yield first;
      await new Promise(() => undefined);
    };
    const waits = uploads.append(id, owner, stuck(), anywhere);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const finish = uploads.finish(id, owner, digestOf(first));
    const late = uploads.append(id, owner, chunks(second), anywhere);
    await settled(waits, finish, late);
    for (const content of contents()) expect(digestOf(content)).toBe(digestOf(first));
  });

  it('ended by a third one, take turns', async () => {
    const { uploads, store } = await place();
    const { id } = await uploads.begin(owner);
    const appends = [first, second, first].map((part) => uploads.append(id, owner, chunks(part), anywhere));
    await settled(...appends);
    const { offset } = await uploads.status(id, owner);
    const rest = Buffer.concat([first, second]).subarray(0, 1000);
    await uploads.append(id, owner, chunks(rest), { start: offset, length: rest.length });
    expect(await uploads.status(id, owner)).toEqual({ id, offset: offset + 1000 });
    await uploads.cancel(id, owner);
    expect(await store.has(digestOf(first))).toBe(false);
  });
});

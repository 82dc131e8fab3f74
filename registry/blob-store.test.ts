import { execFileSync } from 'node:child_process';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { sha256, sha512 } from '../test/support/images.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { type BlobStore, openBlobStore } from './blob-store.ts';

const content = Buffer.from('0123456789'.repeat(1000));
const digest = sha256(content);

async function* chunks(bytes: Buffer, length = 999): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) {
    await sleep(0);
    yield bytes.subarray(at, at + length);
  }
}

let folder = '';
let store: BlobStore;
beforeEach(() => {
  folder = temporaryDirectory();
  store = openBlobStore(folder);
});
const leftovers = () => readdirSync(join(folder, 'tmp'));

describe('a whole blob', () => {
  it.each([
    ['of known size', digest, content.length, content],
    ['of unknown size', digest, null, content],
    ['with sha512', sha512(content), content.length, content],
    ['that is empty', sha256(''), 0, Buffer.alloc(0)],
    ['larger than a batch', sha256(Buffer.alloc(3_000_000, 7)), 3_000_000, Buffer.alloc(3_000_000, 7)],
  ])('%s is there once it is written', async (_what, name, size, bytes) => {
    expect(await store.has(name)).toBe(false);
    await store.write(name, size, chunks(bytes, 65_536));
    expect(await store.has(name)).toBe(true);
    expect(await store.size(name)).toBe(bytes.length);
    expect((await buffer(store.read(name))).equals(bytes)).toBe(true);
    expect(Buffer.from(await store.bytes(name)).equals(bytes)).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it('is read in parts, ends included', async () => {
    await store.write(digest, null, chunks(content));
    expect((await buffer(store.read(digest, { start: 3, end: 12 }))).toString()).toBe('3456789012');
  });

  it('passes by the listener chunk by chunk, which may hold it back', async () => {
    const seen: Buffer[] = [];
    let inside = 0;
    let most = 0;
    await store.write(digest, content.length, chunks(content), async (chunk) => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(5);
      seen.push(Buffer.from(chunk));
      inside -= 1;
    });
    expect(most).toBe(1);
    expect(Buffer.concat(seen).equals(content)).toBe(true);
  });

  it('can be written twice at once', async () => {
    await Promise.all([1, 2, 3].map(() => store.write(digest, content.length, chunks(content))));
    expect((await buffer(store.read(digest))).equals(content)).toBe(true);
    expect(leftovers()).toEqual([]);
  });

  it('is seen by another store on the same folder, and gone for it when removed', async () => {
    await store.write(digest, content.length, chunks(content));
    const other = openBlobStore(folder);
    expect(await other.has(digest)).toBe(true);
    await other.remove(digest);
    expect(await store.has(digest)).toBe(false);
  });
});

describe('what is not the blob', () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield content.subarray(0, 5000);
    await sleep(0);
    throw new Error('the line went dead');
  }
  it.each([
    ['shorter', content.length, () => chunks(content.subarray(0, 5000)), 'blob-truncated'],
    ['longer', content.length, () => chunks(Buffer.concat([content, content])), 'digest-mismatch'],
    ['other bytes', content.length, () => chunks(Buffer.alloc(content.length)), 'digest-mismatch'],
    ['other bytes of unknown size', null, () => chunks(Buffer.alloc(7)), 'digest-mismatch'],
  ])('%s: nothing is left behind', async (_what, size, source, code) => {
    await expect(store.write(digest, size, source())).rejects.toMatchObject({ code });
    expect(await store.has(digest)).toBe(false);
    expect(leftovers()).toEqual([]);
  });

  it('the source’s own failure comes through', async () => {
    await expect(store.write(digest, null, broken())).rejects.toThrow('the line went dead');
    expect(leftovers()).toEqual([]);
  });

  it('the listener’s failure stops it', async () => {
    const writing = store.write(digest, null, chunks(content), () => {
      throw new Error('cannot go on');
    });
    await expect(writing).rejects.toThrow('cannot go on');
    expect(leftovers()).toEqual([]);
  });

  it('too long stops at once', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        await sleep(0);
        given += 1;
        yield content;
      }
    }
    await expect(store.write(digest, content.length * 2, endless())).rejects.toMatchObject({
      code: 'digest-mismatch',
    });
    expect(given).toBe(3);
    await expect(store.write(digest, null, endless(), undefined, { limit: 100 })).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
  });
});

describe('a blob that is not there', () => {
  it('is named by whatever is asked', async () => {
    const absent = { code: 'blob-unknown', message: expect.stringContaining(digest) };
    await expect(store.size(digest)).rejects.toMatchObject(absent);
    await expect(store.bytes(digest)).rejects.toMatchObject(absent);
    await expect(buffer(store.read(digest))).rejects.toMatchObject(absent);
  });

  it('a large one is not read at once', async () => {
    await store.write(digest, null, chunks(content));
    await expect(store.bytes(digest, 9999)).rejects.toMatchObject({ code: 'limit-exceeded' });
  });
});

describe('clearTemporary', () => {
  const put = (name: string) => writeFileSync(join(folder, 'tmp', name), 'half');

  it('removes what killed writers left, and only that', async () => {
    const dead = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
    put(`${dead}-aa`);
    put('something');
    put(`${process.pid}-bb`);
    put(`${process.pid}-cc`);
    // From an earlier life of a process with the same id, as the first one in a container always has.
    utimesSync(join(folder, 'tmp', `${process.pid}-cc`), new Date(0), new Date(0));
    expect(await store.clearTemporary()).toBe(3);
    expect(leftovers()).toEqual([`${process.pid}-bb`]);
  });
});

it('a folder that cannot be made is named', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => openBlobStore(file)).toThrow(expect.objectContaining({ code: 'data-unusable' }));
});

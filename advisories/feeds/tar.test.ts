import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { pack } from 'tar-stream';
import { readTar, type TarFile } from './tar.ts';

const limits = { entries: 10, entryBytes: 2000 };

async function tarOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'folder/', type: 'directory' });
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  return buffer(tar);
}

async function read(bytes: Buffer, size = 100): Promise<TarFile[]> {
  const found: TarFile[] = [];
  const pieces = (async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  })();
  for await (const one of readTar(pieces, limits)) found.push(one);
  return found;
}

describe('a tar archive', () => {
  it('gives its plain files, however the bytes come', async () => {
    const bytes = await tarOf({
      'a.json': '{}',
      'b/c.json': 'x'.repeat(512),
      'empty.json': '',
      [`${'n/'.repeat(80)}é`]: '1',
    });
    for (const size of [1, 511, 512, 10_000]) {
      const files = await read(bytes, size);
      const told = files.map((one) => [one.name, 'bytes' in one ? one.bytes.length : one.rejected]);
      expect(told.slice(0, 3)).toEqual([
        ['a.json', 2],
        ['b/c.json', 512],
        ['empty.json', 0],
      ]);
      expect(told).toHaveLength(4);
    }
  });

  it('passes over what is too large, and has a bound on how many there are', async () => {
    const files = await read(await tarOf({ 'a.json': 'x'.repeat(3000), 'b.json': '{}' }));
    expect(files).toEqual([
      { name: 'a.json', rejected: 'it has 3000 bytes where 2000 are allowed' },
      { name: 'b.json', bytes: Buffer.from('{}') },
    ]);
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`${i}`, '']));
    await expect(read(await tarOf(many))).rejects.toThrow('more than 10 entries');
  });

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    ['cut', (bytes) => bytes.subarray(0, 1100), 'it ends too early'],
    ['without its end', (bytes) => bytes.subarray(0, 1536), 'it ends too early'],
    ['something else', () => Buffer.alloc(600, '<html>'), 'no header'],
    ['damaged', (bytes) => Buffer.concat([bytes.subarray(0, 512), bytes.subarray(520)]), 'no header'],
  ])('is not taken when it is %s', async (_name, change, why) => {
    await expect(read(change(await tarOf({ 'a.json': '{}' })))).rejects.toThrow(why);
  });
});

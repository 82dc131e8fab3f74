import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { ZipFile } from 'yazl';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { type ArchiveRecord, archiveLimits, readArchive } from './archive.ts';

const directory = temporaryDirectory();

async function zipOf(entries: Readonly<Record<string, string | Buffer>>, compress = true): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(entries)) {
    zip.addBuffer(Buffer.from(content), name, { compress, mtime: new Date(0) });
  }
  zip.end();
  return buffer(zip.outputStream);
}

async function read(bytes: Buffer, limits = archiveLimits): Promise<ArchiveRecord[]> {
  const file = join(directory, 'all.zip');
  writeFileSync(file, bytes);
  const fd = openSync(file, 'r');
  try {
    const records: ArchiveRecord[] = [];
    for await (const record of readArchive(fd, 'all.zip', limits)) records.push(record);
    return records;
  } finally {
    closeSync(fd);
  }
}

describe('an archive of records', () => {
  it.each([true, false])('gives each record (compressed: %s)', async (compress) => {
    const entries = { 'A-1.json': '{"id":"A-1"}', 'x/A-2.json': '{"id":"A-2"}', 'A-3.json': '[]' };
    expect(await read(await zipOf(entries, compress))).toEqual([
      { name: 'A-1.json', value: { id: 'A-1' } },
      { name: 'x/A-2.json', value: { id: 'A-2' } },
      { name: 'A-3.json', value: [] },
    ]);
  });

  it('reads entries beyond one window and larger than it', async () => {
    const noise = Buffer.alloc(3 * 1024 * 1024, 'abcdefghij').toString();
    const entries = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [
        `A-${i}.json`,
        JSON.stringify({ id: i, text: i % 10 ? 'x' : noise }),
      ]),
    );
    for (const compress of [true, false]) {
      const records = await read(await zipOf(entries, compress));
      expect(records.map((record) => 'value' in record)).toEqual(Array(50).fill(true));
    }
  });

  it('rejects what is no record, by name, and reads the rest', async () => {
    const entries = {
      'broken.json': '{"id":',
      'README.md': '# hello',
      [`${'n'.repeat(400)}.json`]: '{}',
      'good.json': '{"id":"A"}',
    };
    const records = await read(await zipOf(entries));
    expect(records.map((record) => ('rejected' in record ? record.rejected : 'good'))).toEqual([
      expect.stringContaining('no JSON'),
      'its name does not end in .json',
      'its name is not that of a record',
      'good',
    ]);
  });

  it('does not follow a name that climbs, nor mind it', async () => {
    const bytes = await zipOf({ 'aa/bb/evil.json': '{}', 'good.json': '{"id":"A"}' });
    const text = bytes.toString('latin1').replaceAll('aa/bb/evil.json', '../../evil.json');
    const records = await read(Buffer.from(text, 'latin1'));
    expect(records).toEqual([
      { name: '../../evil.json', rejected: 'its name is not that of a record' },
      { name: 'good.json', value: { id: 'A' } },
    ]);
  });

  it('rejects an entry whose bytes were changed', async () => {
    const bytes = await zipOf({ 'A.json': '{"fixed":"1.2.3"}' }, false);
    bytes.write('9', bytes.indexOf('1.2.3'));
    expect(await read(bytes)).toEqual([{ name: 'A.json', rejected: 'its checksum is wrong' }]);
  });

  it('unpacks no more of an entry than it may, and no more altogether', async () => {
    const bomb = await zipOf({
      'A.json': Buffer.alloc(2_000_000, ' '),
      'B.json': Buffer.alloc(2_000_000, ' '),
    });
    const [first] = await read(bomb, { ...archiveLimits, entryBytes: 1_000_000 });
    expect(first).toEqual({ name: 'A.json', rejected: 'it has more than 1000000 bytes' });
    const lying = Buffer.from(bomb);
    // The sizes in the table of contents say less than there is.
    for (let at = lying.indexOf('PK\x01\x02'); at >= 0; at = lying.indexOf('PK\x01\x02', at + 4)) {
      lying.writeUInt32LE(100, at + 24);
    }
    expect((await read(lying))[0]).toMatchObject({ rejected: expect.stringMatching(/unpacked|longer/) });
    await expect(read(bomb, { ...archiveLimits, totalBytes: 3_000_000 })).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
    await expect(read(bomb, { ...archiveLimits, entries: 1 })).rejects.toThrow('2 entries where 1 entries');
  });

  it.each<[string, () => Promise<Buffer>, string]>([
    ['a web page', async () => Buffer.from('<!DOCTYPE html><p>Please log in'), 'a web page'],
    ['an answer in JSON', async () => Buffer.from('{"error": "no"}'), 'JSON'],
    ['nothing', async () => Buffer.alloc(0), 'an empty file'],
    [
      'a part',
      async () => (await zipOf({ 'A.json': '{"id":"A"}' })).subarray(0, 60),
      'a ZIP archive whose end is missing',
    ],
    ['noise', async () => Buffer.from([7, 1, 2, 3]), 'no known kind of file'],
  ])('says what it got instead: %s', async (_name, bytes, like) => {
    const failure = read(await bytes());
    await expect(failure).rejects.toMatchObject({ code: 'advisories-unreadable' });
    await expect(failure).rejects.toThrow(
      `all.zip cannot be read as a ZIP archive of advisories: it begins like ${like}`,
    );
  });

  it('takes a damaged table of contents for what it is', async () => {
    const bytes = await zipOf({ 'A.json': '{"id":"A"}', 'B.json': '{"id":"B"}' });
    const second = bytes.lastIndexOf('PK\x01\x02');
    bytes.write('XX', second);
    await expect(read(bytes)).rejects.toMatchObject({ code: 'advisories-unreadable' });
    expect(readFileSync(join(directory, 'all.zip')).equals(bytes)).toBe(true);
  });
});

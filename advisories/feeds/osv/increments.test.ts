import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { feedState } from '../../samples-index.ts';
import type { Fetched } from '../offer.ts';
import { closeServers, files, serve } from '../samples-server.ts';
import { openAdvisorySource } from '../source.ts';
import { changesSince } from './increments.ts';

afterEach(closeServers);

describe('the list of changes', () => {
  const read = (text: string, since = '2026-01-03T00:00:00Z') => {
    const file = join(temporaryDirectory(), 'modified_id.csv');
    writeFileSync(file, text);
    return changesSince(file, new Date(since), new Date('2026-01-06T00:00:00Z'));
  };

  it('is read as far as it is news', async () => {
    const changes = await read(
      '2026-01-05T10:00:00.123456Z,npm/GHSA-1\n2026-01-04T00:00:00Z,Debian/DSA-1\n2026-01-04T00:00:00Z,npm/GHSA-2\n' +
        '2026-01-03T00:00:00Z,npm/GHSA-old\nanything may stand here',
    );
    expect(changes?.newest).toBe('2026-01-05T10:00:00.123456Z');
    expect([...(changes?.byEcosystem ?? [])]).toEqual([
      ['npm', ['GHSA-1', 'GHSA-2']],
      ['Debian', ['DSA-1']],
    ]);
  });

  it.each([
    ['a web page', '<html>\n'],
    ['another list', 'id,date\n'],
    ['a path that climbs', '2026-01-05T10:00:00Z,npm/..\n'],
    ['a folder in a folder', '2026-01-05T10:00:00Z,npm/a/b\n'],
    ['no time', 'yesterday----,npm/a\n'],
    ['of a time to come', '2099-01-01T00:00:00Z,npm/a\n2026-01-05T00:00:00Z,npm/b\n'],
    ['out of order', '2026-01-04T00:00:00Z,npm/a\n2026-01-05T00:00:00Z,npm/b\n'],
  ])('is none when it is %s', async (_name, text) => {
    expect(await read(text)).toBeNull();
  });
});

describe('an export that was read before', () => {
  const now = () => new Date('2026-01-06T00:00:00Z');
  const zip = { '/npm/all.zip': 'Z' };
  const open = (from: string) =>
    openAdvisorySource({
      from,
      kev: join(temporaryDirectory(), 'none'),
      ecosystems: ['npm'],
      temporary: temporaryDirectory(),
      now,
    });
  async function fetch(from: string, bookmark: object | null): Promise<Fetched | undefined> {
    const source = openAdvisorySource({ from, ecosystems: ['npm'], temporary: temporaryDirectory(), now });
    const [offer] = await source.offers();
    const before =
      bookmark === null
        ? null
        : feedState({ name: 'osv:npm', source: `${from}/npm/all.zip`, bookmark: JSON.stringify(bookmark) });
    return offer?.fetch(before, () => undefined);
  }
  const bookmark = { files: {}, cursor: '2026-01-04T00:00:00Z', wholeAt: '2026-01-03T00:00:00Z' };
  const list =
    '2026-01-05T12:00:00Z,npm/GHSA-2\n2026-01-05T11:00:00Z,PyPI/P\n2026-01-05T10:00:00Z,npm/GHSA-1\n';

  it('brings its changed records alone', async () => {
    const seen: string[] = [];
    const from = await serve(
      files({ ...zip, '/modified_id.csv': list, '/npm/GHSA-1.json': '{}', '/npm/GHSA-2.json': '{}' }, seen),
    );
    const got = await fetch(from, bookmark);
    expect(got).toMatchObject({
      kind: 'files',
      replaced: ['GHSA-2', 'GHSA-1'],
      asOf: new Date('2026-01-05T12:00:00Z'),
    });
    expect(seen.toSorted()).toEqual(['200 /modified_id.csv', '200 /npm/GHSA-1.json', '200 /npm/GHSA-2.json']);
    // The next time begins a while before the newest change.
    expect(got?.kind === 'files' && JSON.parse(got.bookmark)).toMatchObject({
      cursor: '2026-01-05T06:00:00.000Z',
    });
  });

  it('is as new as the list when nothing of it has changed', async () => {
    const from = await serve(files({ ...zip, '/modified_id.csv': '2026-01-05T11:00:00Z,PyPI/P\n' }));
    expect(await fetch(from, bookmark)).toMatchObject({
      kind: 'unchanged',
      asOf: new Date('2026-01-05T11:00:00Z'),
    });
  });

  it.each<[string, object | null, Readonly<Record<string, string>>]>([
    ['it never was', null, { '/modified_id.csv': list }],
    [
      'it was read by a clock that was ahead',
      { ...bookmark, cursor: '2098-01-01T00:00:00Z' },
      { '/modified_id.csv': list },
    ],
    ['there is no list', bookmark, {}],
    ['the list is none', bookmark, { '/modified_id.csv': '<html>' }],
    ['a record of the list is not there', bookmark, { '/modified_id.csv': list, '/npm/GHSA-1.json': '{}' }],
    [
      'it was read as a whole a week ago',
      { ...bookmark, wholeAt: '2025-12-30T00:00:00Z' },
      { '/modified_id.csv': list },
    ],
    [
      'too much has changed',
      bookmark,
      {
        '/modified_id.csv': Array.from({ length: 2001 }, (_, n) => `2026-01-05T12:00:00Z,npm/G-${n}\n`).join(
          '',
        ),
      },
    ],
  ])('is read as a whole where %s', async (_name, known, more) => {
    const from = await serve(files({ ...zip, ...more }));
    const got = await fetch(from, known);
    expect(got).toMatchObject({ kind: 'files', replaced: null });
    expect(got?.kind === 'files' && got.files.map(({ path }) => path)).toEqual(['all.zip']);
  });

  it('is not sent again when it is the same', async () => {
    const from = await serve(files(zip));
    const first = await fetch(from, null);
    if (first?.kind !== 'files') throw new Error(first?.kind);
    const { files: known } = JSON.parse(first.bookmark) as { files: object };
    expect(await fetch(from, { files: known })).toMatchObject({ kind: 'unchanged', asOf: null });
  });

  it('needs a catalogue where one was named', async () => {
    await expect(open('http://127.0.0.1:1').offers()).rejects.toThrow('where it was said to be');
  });
});

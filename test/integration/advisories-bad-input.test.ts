import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { lockAdvisories } from '../../db/advisories-lock.ts';
import { type OsvFeeds, osvRecord, writeOsvDirectory } from '../support/osv.ts';
import { cli, runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { zipOf } from '../support/zip.ts';

/**
 * What is wrong with a feed leaves the other feeds alone and what was known of it in place; the message names the feed,
 * and the record where it is one. Files from another installation: advisories-airgap.test.ts and app/commands.
 */

const record = (id: string, ecosystem = 'Debian:12') =>
  osvRecord({ id, ecosystem, package: 'x', fixed: '2' });
const good: OsvFeeds = {
  Debian: [record('D-1'), record('D-2')],
  npm: [osvRecord({ id: 'N-1', ecosystem: 'npm', package: 'y', fixed: '1.0.0' })],
  kev: [{ cveID: 'CVE-2099-1', dateAdded: '2026-01-01' }],
};

interface Status {
  readonly revision: string;
  readonly rejected: number;
  readonly feeds: readonly { readonly name: string; readonly records: number; readonly updatedAt: string }[];
  readonly problems: readonly { readonly feed: string; readonly why: string }[];
}

let dir: string;
let data: string;
const update = (from: string) => runCli(['advisories', 'update', '--from', from, '--data', data]);
async function status(): Promise<Status> {
  const { out } = await runCli(['advisories', 'status', '--data', data, '--format', 'json']);
  return JSON.parse(out) as Status;
}
/** A new folder in which Debian is another file and npm has one more record. */
async function folder(debian: Uint8Array | string | null, extra: OsvFeeds = {}): Promise<string> {
  const from = temporaryDirectory();
  const npm = [...(good.npm ?? []), osvRecord({ id: 'N-2', ecosystem: 'npm', package: 'z', fixed: '2.0.0' })];
  await writeOsvDirectory(from, { ...good, npm, ...extra });
  if (debian !== null) {
    mkdirSync(join(from, 'Debian'), { recursive: true });
    writeFileSync(join(from, 'Debian', 'all.zip'), debian);
  }
  return from;
}

beforeEach(async () => {
  dir = temporaryDirectory();
  data = join(dir, 'data');
  const from = join(dir, 'osv');
  await writeOsvDirectory(from, good);
  expect(await update(from)).toMatchObject({ code: 0 });
});

const whole = zipOf([{ name: 'D-1.json', content: JSON.stringify(record('D-1')) }]);
const bomb = zipOf([{ name: 'D-1.json', content: Buffer.alloc(40_000_000, ' ') }]);

describe('a feed that is no feed', () => {
  it.each<[string, Uint8Array | string, RegExp]>([
    ['a web page', '<!DOCTYPE html><p>Please log in', /begins like a web page/],
    ['cut off', whole.subarray(0, whole.length - 30), /a ZIP archive whose end is missing/],
    ['empty', '', /an empty file/],
    ['a bomb and nothing else', bomb, /D-1|more than [0-9]+ bytes/],
    [
      'a path that climbs and nothing else',
      zipOf([{ name: '../../../etc/cron.d/evil.json', content: '{}' }]),
      /none is an OSV record/,
    ],
  ])('%s: the old data stay, and the others are renewed', async (_name, content, told) => {
    const { code, out, err } = await update(await folder(content));
    expect(code).toBe(3);
    expect(err).toMatch(/^osv:Debian could not be renewed: .*Debian\/all\.zip/m);
    expect(err).toMatch(told);
    expect(out).toMatch(/^osv:Debian +2 .*NOT RENEWED$/m);
    const after = await status();
    expect(after.feeds.map(({ name, records }) => [name, records]).sort()).toEqual([
      ['kev', 1],
      ['osv:Debian', 2],
      ['osv:npm', 2],
    ]);
    expect(after.problems).toEqual([
      { feed: 'osv:Debian', why: expect.stringMatching(told), since: expect.any(String) },
    ]);
    // It is told until it is mended.
    await update(await folder(null));
    expect((await status()).problems).toEqual([]);
  });
});

it('records that are none are counted and named, and the others count', async () => {
  const records = [
    { name: 'D-1.json', content: JSON.stringify(record('D-1')) },
    { name: 'D-9.json', content: JSON.stringify({ id: 'D-9', affected: [{ package: 'x', ranges: {} }] }) },
    { name: '../../climb.json', content: JSON.stringify(record('D-8')) },
    { name: 'huge.json', content: Buffer.alloc(40_000_000, ' ') },
  ];
  const { code, out } = await update(await folder(zipOf(records)));
  expect(code).toBe(0);
  expect(out).toMatch(/^osv:Debian +1 +3 /m);
  for (const name of ['D-9.json', '../../climb.json', 'huge.json']) {
    expect(out).toContain(`rejected: osv:Debian ${name}: `);
  }
  expect(await status()).toMatchObject({ rejected: 3 });
  expect(readdirSync(dirname(dirname(dir)))).not.toContain('climb.json');
});

it('a feed from the future is as new as now, and no newer', async () => {
  const from = await folder(null);
  utimesSync(join(from, 'Debian', 'all.zip'), new Date('2099-01-01'), new Date('2099-01-01'));
  expect((await update(from)).code).toBe(0);
  const debian = (await status()).feeds.find(({ name }) => name === 'osv:Debian');
  expect(Date.parse(debian?.updatedAt ?? '')).toBeLessThanOrEqual(Date.now());
});

it('where the disk is full the old data stay, and nothing is left lying about', async () => {
  const before = await status();
  const many = Array.from({ length: 4000 }, (_, n) => record(`D-${n}`));
  const from = await folder(null, { Debian: many });
  // A limit on the size of files is what a full disk is to a program that writes; 512 bytes each.
  const { exitCode, stderr } = await execa(
    'sh',
    [
      '-c',
      'trap "" XFSZ; ulimit -f 1000; exec "$@"',
      'sh',
      process.execPath,
      cli,
      'advisories',
      'update',
      '--from',
      from,
      '--data',
      data,
    ],
    { reject: false },
  );
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/advisories cannot be written to .*advisories\.db: /);
  expect(stderr).toContain(`the advisories are as before: revision ${before.revision}`);
  expect((await status()).revision).toBe(before.revision);
  expect(readdirSync(data).filter((name) => name.includes('.import-'))).toEqual([]);
});

it('two updates at once are none: the second says so', async () => {
  const unlock = lockAdvisories(join(data, 'advisories'), 'import');
  const { code, err } = await update(await folder(null));
  unlock();
  expect([code, err]).toEqual([
    2,
    expect.stringContaining('held by another process that brings in advisories: wait for its end'),
  ]);
});

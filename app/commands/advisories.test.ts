import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { recordConsole } from '../../test/support/console.ts';
import { osvRecord, writeOsvDirectory } from '../../test/support/osv.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { showAdvisories } from './advisories-status.ts';
import { updateAdvisories } from './advisories-update.ts';

const dir = temporaryDirectory();
const data = join(dir, 'data');
const sources = { file: null, data, env: {} };
const feeds = join(dir, 'feeds');

async function update(from: string, interactive = false, kev: string | null = null) {
  const console = recordConsole(interactive);
  const code = await updateAdvisories({ from, kev, sources }, console);
  return { code, output: console.output(), errors: console.errors() };
}
async function status() {
  const console = recordConsole();
  await showAdvisories({ format: 'json', coverage: false, sources }, console);
  return JSON.parse(console.output()) as {
    revision: string;
    records: number;
    rejected: number;
    knownExploited: boolean;
    feeds: readonly { name: string; records: number }[];
  };
}
const record = (id: string) => osvRecord({ id, ecosystem: 'Debian:12', package: 'x', fixed: '2' });

describe('advisories update', () => {
  beforeAll(async () => {
    await writeOsvDirectory(feeds, {
      Debian: [record('A-1'), record('A-2'), '{"no": "advisory\u001b[2J"}', '{ broken'],
      npm: [osvRecord({ id: 'N-1', ecosystem: 'npm', package: 'y', fixed: '1.0.0' })],
      kev: [{ cveID: 'CVE-2099-1', dateAdded: '2026-01-01' }],
    });
  });

  it('imports, and names what it could not read', async () => {
    const { code, output, errors } = await update(feeds);
    expect(code).toBe(0);
    expect(output).toMatch(/osv:Debian +2 +2 /);
    expect(output).toMatch(/rejected: osv:Debian broken-\d\.json: /);
    expect(output).not.toContain('\u001b');
    expect(output).toMatch(/3 advisories in force/);
    expect(errors.split('\n')).toEqual([
      'osv:Debian: 2 records, 2 rejected',
      'osv:npm: 1 record',
      'kev: 1 record',
    ]);
    expect(await status()).toMatchObject({ records: 3, rejected: 2, knownExploited: true });
  });

  it('says so where no known-exploited catalogue comes with it', async () => {
    const other = join(dir, 'no-kev');
    await writeOsvDirectory(other, { Debian: [record('A-1')] });
    expect((await update(other)).output).toContain('no known-exploited catalogue');
    await update(feeds);
  });

  const failures: readonly [what: string, from: () => string, kev: string | null, told: RegExp][] = [
    ['a folder without feeds', () => emptyFolder(), null, /no advisories were found in/],
    ['a folder that is not there', () => join(dir, 'nowhere'), null, /nowhere/],
    ['a broken archive', () => brokenFolder(), null, /Debian\/all\.zip/],
    ['no such place', () => 'ftp://example.org/osv', null, /from a folder or from an http\(s\) URL/],
    ['a catalogue that is not there', () => feeds, join(dir, 'no.json'), /no\.json/],
    ['a server that is not there', () => 'http://127.0.0.1:1', null, /127\.0\.0\.1:1/],
  ];
  it.each(failures)('ends with 2 and keeps the old ones: %s', async (_what, from, kev, told) => {
    const before = await status();
    const { code, output, errors } = await update(from(), false, kev);
    expect([code, output]).toEqual([2, '']);
    expect(errors).toMatch(told);
    expect(errors).toContain(`the advisories are as before: revision ${before.revision}`);
    expect((await status()).revision).toBe(before.revision);
    expect(readdirSync(data).filter((name) => name.includes('.import-'))).toEqual([]);
  });
});

describe('advisories status', () => {
  it('is a table with the age of the oldest feed', async () => {
    const console = recordConsole();
    expect(await showAdvisories({ format: 'table', coverage: false, sources }, console)).toBe(0);
    expect(console.output()).toMatch(/^oldest feed: \d+ (s|min) old$/m);
    expect(console.output()).toMatch(/^osv:npm /m);
    expect(console.output()).toContain(join(data, 'advisories.db'));
  });
});

function emptyFolder(): string {
  return temporaryDirectory();
}

function brokenFolder(): string {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, 'Debian'));
  writeFileSync(join(folder, 'Debian', 'all.zip'), 'PK\u0003\u0004 and no more');
  return folder;
}

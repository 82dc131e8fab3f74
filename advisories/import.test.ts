import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { AdvisorySink } from '../core/ports/advisories.ts';
import { type OsvFeeds, osvRecord, writeOsvDirectory } from '../test/support/osv.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { openAdvisorySource } from './feeds/source.ts';
import { type ImportProgress, importAdvisories } from './import.ts';

/** Writes down what it is told, in order. */
function recordingSink(): AdvisorySink & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    add: (feed, advisory) => calls.push(`add ${feed} ${advisory.id}`),
    addKnownExploited: (id, addedAt) => calls.push(`exploited ${id} ${addedAt}`),
    finishFeed: (state) => calls.push(`finish ${state.name} ${state.records} ${state.rejected}`),
    commit: () => {
      calls.push('commit');
      return 'rev';
    },
    abort: () => calls.push('abort'),
  };
}

const now = (): Date => new Date('2026-06-01T00:00:00.000Z');
const record = (id: string) => osvRecord({ id, ecosystem: 'Debian:12', package: 'bash' });

async function run(feeds: OsvFeeds, prepare: (directory: string) => void = () => undefined) {
  const directory = temporaryDirectory();
  await writeOsvDirectory(directory, feeds);
  prepare(directory);
  const sink = recordingSink();
  const progress: ImportProgress[] = [];
  const report = importAdvisories({
    source: openAdvisorySource({ from: directory, temporary: join(directory, 'tmp') }),
    sink,
    now,
    onProgress: (step) => progress.push(step),
  });
  return { directory, report, sink, progress };
}

describe('an import', () => {
  it('writes every feed and then makes it visible', async () => {
    const withdrawn = osvRecord({
      id: 'C',
      ecosystem: 'npm',
      package: 'x',
      withdrawn: '2026-01-01T00:00:00Z',
    });
    const { report, sink, directory } = await run(
      {
        Debian: [record('A'), record('B')],
        npm: [withdrawn],
        kev: [{ cveID: 'CVE-1', dateAdded: '2026-01-01' }],
      },
      (place) => {
        utimesSync(join(place, 'Debian', 'all.zip'), 0, 1_767_600_000);
        utimesSync(join(place, 'npm', 'all.zip'), 0, 4_000_000_000);
      },
    );
    expect(await report).toMatchObject({ revision: 'rev', records: 2, withdrawn: 1, rejected: 0 });
    expect(sink.calls).toEqual([
      'add osv:Debian A',
      'add osv:Debian B',
      'finish osv:Debian 2 0',
      'finish osv:npm 0 0',
      'exploited CVE-1 2026-01-01',
      'finish kev 1 0',
      'commit',
    ]);
    const [debian, npm] = (await report).feeds;
    expect(debian).toEqual({
      name: 'osv:Debian',
      updatedAt: '2026-01-05T08:00:00.000Z',
      records: 2,
      rejected: 0,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      source: join(directory, 'Debian', 'all.zip'),
    });
    // A file from the future is as new as now and no newer.
    expect(npm?.updatedAt).toBe('2026-06-01T00:00:00.000Z');
  });

  it('names broken records and takes the others', async () => {
    const broken = Array.from({ length: 25 }, () => '{"id":');
    const { report, sink } = await run({ Debian: [...broken, '{"id": "X", "affected": 1}', record('A')] });
    const { rejected, rejectedExamples } = await report;
    expect(rejected).toBe(26);
    expect(rejectedExamples).toHaveLength(20);
    expect(rejectedExamples[0]).toEqual({
      feed: 'osv:Debian',
      name: 'broken-0.json',
      why: expect.stringContaining('no JSON'),
    });
    expect(sink.calls).toEqual(['add osv:Debian A', 'finish osv:Debian 1 26', 'commit']);
  });

  it('tells how far it is', async () => {
    const records = Array.from({ length: 4100 }, (_, i) => record(`A-${i}`));
    const { report, progress } = await run({ Debian: records });
    await report;
    expect(progress.map((step) => [step.records, step.finished])).toEqual([
      [2000, false],
      [4000, false],
      [4100, true],
    ]);
  });

  const good = { Debian: [record('A')] };
  it.each<[string, OsvFeeds, (directory: string) => void, string]>([
    [
      'one feed is no archive',
      good,
      (place) => {
        mkdirSync(join(place, 'npm'));
        writeFileSync(join(place, 'npm', 'all.zip'), '<html>');
      },
      'npm/all.zip cannot be read as a ZIP archive of advisories: it begins like a web page',
    ],
    [
      'the catalogue is none',
      { ...good, kev: [] },
      () => undefined,
      'known_exploited_vulnerabilities.json is no catalogue of known exploited vulnerabilities: it has no entries',
    ],
    [
      'a feed has only broken records',
      { ...good, npm: ['{'] },
      () => undefined,
      'npm/all.zip holds 1 entries of which none is',
    ],
    ['there are no feeds', {}, () => undefined, 'no advisories were found in '],
    [
      'there is but the catalogue',
      { kev: [{ cveID: 'CVE-1', dateAdded: '' }] },
      () => undefined,
      'no advisories were found in ',
    ],
    ['all feeds are empty', { Debian: [] }, () => undefined, 'no advisories were found in '],
  ])('changes nothing when %s', async (_name, feeds, prepare, message) => {
    const { report, sink } = await run(feeds, prepare);
    await expect(report).rejects.toMatchObject({
      code: 'advisories-unreadable',
      message: expect.stringContaining(message),
    });
    expect(sink.calls.at(-1)).toBe('abort');
    expect(sink.calls).not.toContain('commit');
  });
});

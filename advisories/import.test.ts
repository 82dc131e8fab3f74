import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PratiqueError } from '../core/errors.ts';
import type { AdvisorySink, FeedState } from '../core/ports/advisories.ts';
import { type OsvFeeds, osvRecord, writeOsvDirectory } from '../test/support/osv.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { openAdvisorySource } from './feeds/source.ts';
import { importAdvisories } from './import.ts';
import type { ImportProgress } from './import-options.ts';
import { feedState } from './samples-index.ts';

/** Writes down what it is told, in order. */
function recordingSink(before: readonly FeedState[] = []): AdvisorySink & { readonly calls: string[] } {
  const calls: string[] = [];
  let feed = '';
  const call = (text: string): void => {
    calls.push(text);
  };
  return {
    calls,
    before: {
      feeds: before,
      problems: [{ feed: 'osv:npm', why: 'before', since: '2026-05-01T00:00:00.000Z' }],
    },
    beginFeed: (name, how) => {
      feed = name;
      call(`begin ${name} ${how}`);
    },
    add: (advisory) => call(`add ${feed} ${advisory.id}${advisory.published === null ? ' undated' : ''}`),
    remove: (ids) => {
      call(`remove ${ids.join()}`);
      return ids.length;
    },
    addKnownExploited: (id, addedAt) => call(`exploited ${id} ${addedAt}`),
    addEpss: (id, score) => call(`epss ${id} ${score}`),
    addEndOfLife: (os, release, endsAt) => call(`end ${os} ${release} ${endsAt}`),
    finishFeed: (state) => call(`finish ${state.name} ${state.records} ${state.rejected}`),
    undoFeed: () => call('undo'),
    keepFeed: (state) => call(`keep ${state.name}`),
    dropFeed: (name) => call(`drop ${name}`),
    setProblems: (problems) => {
      for (const problem of problems) call(`problem ${problem.feed}`);
    },
    commit: () => {
      call('commit');
      return 'rev';
    },
    abort: () => call('abort'),
  };
}

const now = (): Date => new Date('2026-06-01T00:00:00.000Z');
const record = (id: string) => osvRecord({ id, ecosystem: 'Debian:12', package: 'bash' });

async function run(
  feeds: OsvFeeds,
  prepare: (directory: string) => void = () => undefined,
  before: readonly FeedState[] = [],
) {
  const directory = temporaryDirectory();
  await writeOsvDirectory(directory, feeds);
  prepare(directory);
  const sink = recordingSink(before);
  const progress: ImportProgress[] = [];
  const report = importAdvisories({
    source: openAdvisorySource({ from: directory, temporary: join(directory, 'tmp') }),
    sink,
    now,
    onProgress: (step) => progress.push(step),
  });
  // Whoever does not await it wants the sink alone.
  report.catch(() => undefined);
  return { directory, report, sink, progress };
}

const breakNpm = (place: string): void => {
  mkdirSync(join(place, 'npm'), { recursive: true });
  writeFileSync(join(place, 'npm', 'all.zip'), '<html>');
};

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
      'begin osv:Debian anew',
      'add osv:Debian A',
      'add osv:Debian B',
      'finish osv:Debian 2 0',
      'begin osv:npm anew',
      'finish osv:npm 0 0',
      'begin kev anew',
      'exploited CVE-1 2026-01-01',
      'finish kev 1 0',
      'commit',
    ]);
    const [debian, npm] = (await report).feeds;
    expect(debian).toEqual({
      what: 'read',
      state: {
        name: 'osv:Debian',
        updatedAt: '2026-01-05T08:00:00.000Z',
        records: 2,
        rejected: 0,
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        source: join(directory, 'Debian', 'all.zip'),
        licence: expect.any(String),
        supersedes: null,
        bookmark: '',
      },
    });
    // A file from the future is as new as now and no newer.
    expect(npm?.state.updatedAt).toBe('2026-06-01T00:00:00.000Z');
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
    expect(sink.calls).toEqual([
      'begin osv:Debian anew',
      'add osv:Debian A',
      'finish osv:Debian 1 26',
      'commit',
    ]);
  });

  it('tells how far it is', async () => {
    const records = Array.from({ length: 4100 }, (_, i) => record(`A-${i}`));
    const { report, progress } = await run({ Debian: records });
    await report;
    expect(progress.map((step) => [step.done, step.stage])).toEqual([
      [2000, 'reading'],
      [4000, 'reading'],
      [4100, 'read'],
    ]);
  });

  it('takes no time of publication from a clock that is ahead', async () => {
    const ahead = { ...record('A'), published: '2026-06-03T00:00:00Z' };
    const { sink, report } = await run({
      Debian: [ahead, { ...record('B'), published: '2026-06-01T12:00:00Z' }],
    });
    await report;
    expect(sink.calls).toContain('add osv:Debian A undated');
    expect(sink.calls).toContain('add osv:Debian B');
  });

  const good = { Debian: [record('A')] };
  const npm = feedState({ name: 'osv:npm', records: 7 });

  it.each<[string, OsvFeeds, (directory: string) => void, string]>([
    [
      'is no archive',
      good,
      breakNpm,
      'npm/all.zip cannot be read as a ZIP archive of advisories: it begins like a web page',
    ],
    [
      'has only broken records',
      { ...good, npm: ['{'] },
      () => undefined,
      'npm/all.zip holds 1 entries of which none is',
    ],
  ])(
    'leaves the others alone, and what was known, when a feed %s',
    async (_name, feeds, prepare, message) => {
      const { report, sink } = await run(feeds, prepare, [npm]);
      expect(await report).toMatchObject({
        records: 8,
        problems: [
          // It was broken the last time as well.
          { feed: 'osv:npm', why: expect.stringContaining(message), since: '2026-05-01T00:00:00.000Z' },
        ],
        dropped: [],
        feeds: [{ what: 'read' }, { what: 'kept', state: npm }],
      });
      expect(sink.calls).toContain('undo');
      expect(sink.calls.slice(-2)).toEqual(['problem osv:npm', 'commit']);
    },
  );

  it('tells that a catalogue is none, and goes on', async () => {
    const { report } = await run({ ...good, kev: [] });
    const { problems } = await report;
    expect(problems).toEqual([
      {
        feed: 'kev',
        why: expect.stringContaining(
          'known_exploited_vulnerabilities.json is no catalogue of known exploited vulnerabilities: it has no entries',
        ),
        since: '2026-06-01T00:00:00.000Z',
      },
    ]);
  });

  it('gives up what the folder no longer has', async () => {
    const { report, sink } = await run(good, undefined, [npm, feedState({ name: 'kev' })]);
    expect(await report).toMatchObject({ dropped: ['osv:npm', 'kev'], problems: [] });
    expect(sink.calls.slice(-3)).toEqual(['drop osv:npm', 'drop kev', 'commit']);
  });

  it('reads nothing again that has not changed', async () => {
    const first = await run(good);
    const known = (await first.report).feeds[0]?.state;
    if (known === undefined) throw new Error('no feed');
    const again = recordingSink([known]);
    const report = await importAdvisories({
      source: openAdvisorySource({ from: first.directory, temporary: join(first.directory, 'tmp') }),
      sink: again,
      now,
    });
    expect(again.calls).toEqual(['keep osv:Debian', 'commit']);
    expect(report).toMatchObject({ records: 1, feeds: [{ what: 'unchanged' }] });
  });

  it.each<[string, OsvFeeds, (directory: string) => void, string]>([
    ['there are no feeds', {}, () => undefined, 'no advisories were found in '],
    [
      'there is but the catalogue',
      { kev: [{ cveID: 'CVE-1', dateAdded: '' }] },
      () => undefined,
      'no advisories were found in ',
    ],
    ['all feeds are empty', { Debian: [] }, () => undefined, 'no advisories were found in '],
    ['the only feed is broken', {}, breakNpm, 'osv:npm: '],
  ])('changes nothing when %s', async (_name, feeds, prepare, message) => {
    const { report, sink } = await run(feeds, prepare);
    await expect(report).rejects.toMatchObject({
      code: 'advisories-unreadable',
      message: expect.stringContaining(message),
    });
    expect(sink.calls.at(-1)).toBe('abort');
    expect(sink.calls).not.toContain('commit');
  });

  it('ends where it cannot be written down', async () => {
    const directory = temporaryDirectory();
    await writeOsvDirectory(directory, good);
    const sink = {
      ...recordingSink(),
      add: () => {
        throw new PratiqueError('data-unusable', 'the disk is full');
      },
    };
    const source = openAdvisorySource({ from: directory, temporary: join(directory, 'tmp') });
    await expect(importAdvisories({ source, sink, now })).rejects.toThrow('the disk is full');
    expect(sink.calls.at(-1)).toBe('abort');
  });
});

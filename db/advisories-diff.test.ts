import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import type { Advisory, FeedState } from '../core/ports/advisories.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { changedSubjects } from './advisories-diff.ts';
import { createAdvisorySink } from './advisories-sink.ts';

interface World {
  readonly feeds?: Readonly<Record<string, readonly Advisory[]>>;
  readonly supersedes?: Readonly<Record<string, string>>;
  readonly exploited?: readonly string[] | null;
  readonly epss?: Readonly<Record<string, number>>;
}

const advisory = (id: string, packages: readonly string[], extra: Partial<Advisory> = {}): Advisory => ({
  id,
  kind: 'vulnerability',
  aliases: [],
  upstream: [],
  summary: id,
  url: '',
  severity: null,
  cvss: null,
  published: null,
  modified: null,
  affected: packages.map((name) => ({
    ecosystem: 'Debian:12',
    name,
    ranges: [[{ introduced: '0' }, { fixed: '2' }]],
    versions: [],
    severity: null,
  })),
  ...extra,
});

function state(name: string, supersedes: string | null): FeedState {
  return {
    name,
    updatedAt: '2026-01-02T03:04:05.000Z',
    records: 1,
    rejected: 0,
    fingerprint: 'f',
    source: '',
    licence: '',
    supersedes,
    bookmark: '',
  };
}

function write(file: string, { feeds = {}, supersedes = {}, exploited = [], epss = {} }: World): string {
  const sink = createAdvisorySink(file);
  for (const [feed, advisories] of Object.entries(feeds)) {
    sink.beginFeed(feed, 'anew');
    for (const one of advisories) sink.add(one);
    sink.finishFeed(state(feed, supersedes[feed] ?? null));
  }
  if (exploited !== null) {
    sink.beginFeed('kev', 'anew');
    for (const id of exploited) sink.addKnownExploited(id, null);
    sink.finishFeed(state('kev', null));
  }
  sink.beginFeed('epss', 'anew');
  for (const [id, score] of Object.entries(epss)) sink.addEpss(id, score);
  sink.finishFeed(state('epss', null));
  sink.commit();
  return file;
}

function changes(before: World, after: World): string[] | 'all' {
  const folder = temporaryDirectory();
  const [from, to] = [write(join(folder, 'a.db'), before), write(join(folder, 'b.db'), after)];
  const { all, subjects } = changedSubjects(from, to);
  return all ? 'all' : [...subjects].sort();
}

const a = advisory('A', ['bash']);
const debian = (...advisories: readonly Advisory[]): World => ({ feeds: { 'osv:Debian': advisories } });
const one = (name: string): string => `Debian:12\n${name}`;

describe('of which packages two revisions do not say the same', () => {
  it.each<[string, World, World, readonly string[] | 'all']>([
    ['nothing has changed', debian(a), debian(a), []],
    ['a record was only touched', debian(a), debian({ ...a, modified: '2026-05-05T00:00:00Z' }), []],
    ['one came', debian(a), debian(a, advisory('B', ['dash'])), [one('dash')]],
    ['one went', debian(a, advisory('B', ['dash'])), debian(a), [one('dash')]],
    ['one says another thing', debian(a), debian({ ...a, summary: 'worse' }), [one('bash')]],
    ['one speaks of another package', debian(a), debian(advisory('A', ['dash'])), [one('bash'), one('dash')]],
    [
      'the fix of one of its packages is another',
      debian(advisory('A', ['bash', 'dash'])),
      debian({
        ...a,
        affected: [
          ...a.affected,
          ...advisory('A', ['dash']).affected.map((x) => ({ ...x, ranges: [[{ introduced: '0' }]] })),
        ],
      }),
      [one('bash'), one('dash')],
    ],
    [
      'its alias is known to be exploited',
      debian(advisory('A', ['bash'], { aliases: ['CVE-1'] }), advisory('B', ['dash'])),
      {
        ...debian(advisory('A', ['bash'], { aliases: ['CVE-1'] }), advisory('B', ['dash'])),
        exploited: ['CVE-1'],
      },
      [one('bash')],
    ],
    [
      'what it repeats is likelier to be exploited',
      { ...debian(advisory('A', ['bash'], { upstream: ['CVE-1', 'CVE-2'] })), epss: { 'CVE-2': 0.1 } },
      { ...debian(advisory('A', ['bash'], { upstream: ['CVE-1', 'CVE-2'] })), epss: { 'CVE-2': 0.2 } },
      [one('bash')],
    ],
    [
      'another feed lends it a severity',
      debian(advisory('A', ['bash'], { upstream: ['CVE-1'] })),
      {
        feeds: {
          'osv:Debian': [advisory('A', ['bash'], { upstream: ['CVE-1'] })],
          'osv:npm': [{ ...advisory('G', [], { aliases: ['CVE-1'], severity: 'high' }) }],
        },
      },
      [one('bash')],
    ],
    [
      'another feed speaks for the release',
      debian(a, advisory('B', ['dash'])),
      {
        feeds: { 'osv:Debian': [a, advisory('B', ['dash'])], own: [advisory('C', ['zsh'])] },
        supersedes: { own: 'osv:Debian' },
      },
      [one('bash'), one('dash'), one('zsh')],
    ],
    [
      'a catalogue of exploited ones is there for the first time',
      { ...debian(a), exploited: null },
      debian(a),
      'all',
    ],
  ])('%s', (_name, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected);
  });

  it('is everything where the older file is gone, or was read in another way', () => {
    const folder = temporaryDirectory();
    const [from, to] = [join(folder, 'a.db'), write(join(folder, 'b.db'), debian(a))];
    expect(changedSubjects(null, to).all).toBe(true);
    expect(changedSubjects(from, to).all).toBe(true);
    const db = new Database(write(from, debian(a)));
    db.exec('UPDATE revision SET importer = importer - 1');
    db.close();
    expect(changedSubjects(from, to).all).toBe(true);
  });
});

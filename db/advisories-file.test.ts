import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import type { Advisory, AdvisorySink, AffectedPackage, FeedState } from '../core/ports/advisories.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { openAdvisoryIndex } from './advisories-file.ts';
import { createAdvisorySink } from './advisories-sink.ts';

const affected = (
  ecosystem: string,
  name: string,
  extra: Partial<AffectedPackage> = {},
): AffectedPackage => ({
  ecosystem,
  name,
  ranges: [[{ introduced: '0' }, { fixed: '1.2' }]],
  versions: [],
  severity: null,
  ...extra,
});

const advisory = (id: string, extra: Partial<Advisory> = {}): Advisory => ({
  id,
  kind: 'vulnerability',
  aliases: [],
  upstream: [],
  summary: `about ${id}`,
  url: `https://advisories.test/${id}`,
  severity: null,
  cvss: null,
  published: null,
  modified: null,
  affected: [affected('Debian:12', 'bash')],
  ...extra,
});

const state = (name: string, fingerprint = 'f'.repeat(64), supersedes: string | null = null): FeedState => ({
  name,
  updatedAt: '2026-01-02T03:04:05.000Z',
  records: 1,
  rejected: 0,
  fingerprint,
  source: 'here',
  licence: 'CC0-1.0',
  supersedes,
  bookmark: '',
});

/** A whole feed, in the place of what was known of it. */
function put(sink: AdvisorySink, feed: FeedState, advisories: readonly Advisory[]): void {
  sink.beginFeed(feed.name, 'anew');
  for (const one of advisories) sink.add(one);
  sink.finishFeed(feed);
}

describe('the advisories file', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory, 'advisories.db');
  });

  function write(
    advisories: readonly Advisory[],
    feed = 'osv:Debian',
    exploited: readonly string[] = [],
  ): string {
    const sink = createAdvisorySink(file);
    put(sink, state(feed), advisories);
    if (exploited.length > 0) {
      sink.beginFeed('kev', 'anew');
      for (const id of exploited) sink.addKnownExploited(id, null);
      sink.finishFeed(state('kev'));
    }
    return sink.commit();
  }

  it('gives back what was put in', () => {
    const full = advisory('GHSA-1', {
      kind: 'malware',
      aliases: ['CVE-1', 'with "quotes" and \\'],
      upstream: ['CVE-2', 'CVE-3'],
      severity: 'high',
      cvss: { vector: 'CVSS:3.1/…', score: 7.5 },
      published: '2026-01-01T00:00:00Z',
      modified: '2026-01-02T00:00:00Z',
      affected: [
        affected('npm', '@scope/x', {
          ranges: [
            [{ introduced: '0' }, { fixed: '1.2' }],
            [{ introduced: '2' }, { lastAffected: '3' }, { limit: '4' }],
          ],
          versions: ['1.0', '1.1'],
          severity: 'low',
        }),
        affected('npm', '__proto__', { ranges: [] }),
      ],
    });
    write([full], 'osv:npm');
    const index = openAdvisoryIndex(file);
    const { affected: packages, ...head } = full;
    expect(index.affecting('npm', '@scope/x')).toEqual([
      { advisory: head, affected: { ...packages[0], listed: expect.any(Number) } },
    ]);
    expect(index.affecting('npm', '__proto__')).toEqual([{ advisory: head, affected: packages[1] }]);
    expect(index.affecting('npm', 'x')).toEqual([]);
    expect(index.packagesEnding('npm', '/x')).toEqual(['@scope/x']);
    expect(index.packagesEnding('npm', '%')).toEqual([]);
    expect(index.packagesEnding('Debian:12', '/x')).toEqual([]);
    expect(index.affecting('Debian:12', '@scope/x')).toEqual([]);
    expect(index.feeds).toEqual([state('osv:npm')]);
    index.close();
  });

  it('lends a severity to every id that means the same, the worst where they differ', () => {
    write([
      advisory('GHSA-1', { severity: 'medium', aliases: ['CVE-1'] }),
      advisory('UBUNTU-CVE-1', { severity: 'high', cvss: { vector: 'V', score: 7.5 }, upstream: ['CVE-1'] }),
      advisory('OTHER-1', { severity: 'high', cvss: { vector: 'W', score: 8.8 }, upstream: ['CVE-1'] }),
      advisory('DSA-1', { severity: 'critical', upstream: ['CVE-1', 'CVE-2'] }),
      advisory('ALBA-1', { severity: 'critical', kind: 'bugfix', upstream: ['CVE-3'] }),
      advisory('GHSA-zero', { severity: 'negligible', aliases: ['CVE-4'] }),
    ]);
    const index = openAdvisoryIndex(file);
    expect(
      ['CVE-1', 'GHSA-1', 'DSA-1', 'CVE-2', 'CVE-3', 'CVE-4'].map((id) => {
        const known = index.severityOf(id);
        return [id, known?.severity ?? null, known?.cvss?.score ?? null];
      }),
    ).toEqual([
      ['CVE-1', 'high', 8.8],
      ['GHSA-1', 'medium', null],
      ['DSA-1', 'critical', null],
      ['CVE-2', null, null],
      ['CVE-3', null, null],
      ['CVE-4', 'negligible', null],
    ]);
    index.close();
  });

  it.each<[string, readonly string[], boolean | null]>([
    ['nobody can tell without a catalogue', [], null],
    ['it is listed', ['CVE-1'], true],
    ['it is not', ['CVE-9'], false],
  ])('known exploited: %s', (_name, exploited, answer) => {
    write([advisory('A')], 'osv:Debian', exploited);
    const index = openAdvisoryIndex(file);
    expect(index.knownExploited('CVE-1')).toBe(answer);
    index.close();
  });

  it('counts what a family’s own feed says of each release, and takes strays for none', () => {
    const sink = createAdvisorySink(file);
    put(sink, state('osv:Debian'), [
      advisory('A', { affected: [affected('Debian:12', 'a'), affected('Debian:12', 'b')] }),
      advisory('B', { affected: [affected('Debian:11', 'a'), affected('PyPI', 'x')] }),
    ]);
    put(sink, state('osv:npm'), [
      advisory('C', { affected: [affected('Debian:11', 'a'), affected('npm', 'y')] }),
    ]);
    sink.commit();
    const index = openAdvisoryIndex(file);
    const counts = (name: string) => {
      const found = index.ecosystem(name);
      return found === null ? null : [found.feed, found.rows, found.familyRows];
    };
    expect(counts('Debian:12')).toEqual(['osv:Debian', 2, 2]);
    expect(counts('Debian:11')).toEqual(['osv:Debian', 1, 2]);
    expect(counts('npm')).toEqual(['osv:npm', 1, 1]);
    expect(counts('PyPI')).toBeNull();
    expect(counts('Debian:13')).toBeNull();
    expect(index.affecting('PyPI', 'x')).toHaveLength(1);
    index.close();
  });

  it('has a revision that depends on the feeds’ bytes and not on their order', () => {
    const revision = (...feeds: readonly (readonly [string, string])[]): string => {
      rmSync(file, { force: true });
      const sink = createAdvisorySink(file);
      for (const [name, fingerprint] of feeds) put(sink, state(name, fingerprint), []);
      return sink.commit();
    };
    const first = revision(['osv:A', '1'], ['osv:B', '2']);
    expect(first).toMatch(/^[0-9a-f]{16}-[0-9]+$/);
    expect(openAdvisoryIndex(file).revision).toBe(first);
    expect(revision(['osv:B', '2'], ['osv:A', '1'])).toBe(first);
    expect(revision(['osv:B', '2'], ['osv:A', '3'])).not.toBe(first);
    expect(revision(['osv:B', '2'])).not.toBe(first);
  });

  it('shows nothing before it is committed, and an open reader keeps what it has', () => {
    write([advisory('OLD')]);
    const reader = openAdvisoryIndex(file);
    const sink = createAdvisorySink(file);
    put(sink, state('osv:Debian', 'other'), [advisory('NEW')]);
    const ids = (index = openAdvisoryIndex(file)) =>
      index.affecting('Debian:12', 'bash').map((row) => row.advisory.id);
    expect(ids()).toEqual(['OLD']);
    sink.commit();
    expect(ids()).toEqual(['NEW']);
    expect(ids(reader)).toEqual(['OLD']);
    expect(readdirSync(directory)).toEqual(['advisories', 'advisories.db']);
  });

  it('leaves the old ones and no trace when it is aborted, even twice', () => {
    write([advisory('OLD')]);
    const sink = createAdvisorySink(file);
    put(sink, state('osv:Debian', 'other'), [advisory('NEW')]);
    sink.abort();
    sink.abort();
    expect(readdirSync(directory)).toEqual(['advisories', 'advisories.db']);
    expect(openAdvisoryIndex(file).affecting('Debian:12', 'bash')[0]?.advisory.id).toBe('OLD');
  });

  it('removes what a killed import left, and not what another one is writing', async () => {
    writeFileSync(`${file}.import-garbage`, 'not a database');
    const script = `
      const Database = require('better-sqlite3');
      const db = new Database(${JSON.stringify(`${file}.import-killed`)});
      db.exec('BEGIN IMMEDIATE; CREATE TABLE x (y)');
      console.log('locked');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const living = createAdvisorySink(file);
    expect(readdirSync(directory).filter((name) => name.includes('killed'))).not.toEqual([]);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const next = createAdvisorySink(file);
    expect(readdirSync(directory).filter((name) => /killed|garbage/.test(name))).toEqual([]);
    next.abort();
    put(living, state('osv:A'), []);
    living.commit();
    expect(readdirSync(directory)).toEqual(['advisories', 'advisories.db']);
  });

  describe('an import that goes on with what is there', () => {
    const ids = (name = 'bash', ecosystem = 'Debian:12'): readonly string[] => {
      const index = openAdvisoryIndex(file);
      const found = index.affecting(ecosystem, name).map((row) => row.advisory.id);
      index.close();
      return found.sort();
    };
    const on = (name: string): Advisory['affected'] => [affected('npm', name)];

    it('leaves feeds alone that it does not touch', () => {
      write([advisory('A', { severity: 'high', aliases: ['CVE-1'] })]);
      const sink = createAdvisorySink(file);
      expect(sink.before.feeds).toEqual([state('osv:Debian')]);
      put(sink, state('osv:npm'), [advisory('B', { affected: on('x') })]);
      sink.commit();
      expect([ids(), ids('x', 'npm')]).toEqual([['A'], ['B']]);
      const index = openAdvisoryIndex(file);
      expect(index.feeds.map(({ name }) => name)).toEqual(['osv:Debian', 'osv:npm']);
      expect(index.severityOf('CVE-1')?.severity).toBe('high');
    });

    it('replaces a feed whole, with what it lent and the packages that only it spoke of', () => {
      write([
        advisory('A', { severity: 'high', aliases: ['CVE-1'], affected: [affected('Debian:12', 'gone')] }),
      ]);
      write([advisory('B')]);
      expect([ids('gone'), ids()]).toEqual([[], ['B']]);
      const index = openAdvisoryIndex(file);
      expect(index.severityOf('CVE-1')).toBeNull();
      expect(index.packagesEnding('Debian:12', 'gone')).toEqual([]);
    });

    it('takes single records in the place of old ones', () => {
      write([advisory('A'), advisory('B'), advisory('C')]);
      const sink = createAdvisorySink(file);
      sink.beginFeed('osv:Debian', 'further');
      expect(sink.remove(['B', 'C', 'D'])).toBe(2);
      sink.add(advisory('B', { affected: [affected('Debian:12', 'dash')] }));
      sink.finishFeed(state('osv:Debian', 'further'));
      sink.commit();
      expect([ids(), ids('dash')]).toEqual([['A'], ['B']]);
    });

    it('undoes a feed that broke in the middle, whole or further', () => {
      write([advisory('A')]);
      const sink = createAdvisorySink(file);
      for (const how of ['anew', 'further'] as const) {
        sink.beginFeed('osv:Debian', how);
        sink.remove(['A']);
        sink.add(advisory('HALF', { affected: [affected('Debian:12', 'new')] }));
        sink.undoFeed();
      }
      put(sink, state('osv:npm'), [advisory('B', { affected: [...on('x'), affected('Debian:12', 'new')] })]);
      sink.setProblems([{ feed: 'osv:Debian', why: 'broken', since: '2026-01-01T00:00:00.000Z' }]);
      sink.commit();
      expect([ids(), ids('new'), ids('x', 'npm')]).toEqual([['A'], [], ['B']]);
      const index = openAdvisoryIndex(file);
      expect(index.problems).toEqual([
        { feed: 'osv:Debian', why: 'broken', since: '2026-01-01T00:00:00.000Z' },
      ]);
      expect(index.feeds).toContainEqual(state('osv:Debian'));
    });

    it('begins with nothing where another version wrote what is there', () => {
      write([advisory('A')]);
      const db = new Database(file);
      db.exec('UPDATE revision SET importer = 1');
      db.close();
      const sink = createAdvisorySink(file);
      expect(sink.before.feeds).toEqual([]);
      put(sink, state('osv:npm'), []);
      sink.commit();
      expect(ids()).toEqual([]);
    });

    it('tells what it was given of exploitation, likelihood and ends of life, each by its feed', () => {
      const sink = createAdvisorySink(file);
      for (const [feed, score, day] of [
        ['epss', 0.42, '2028-07-01'],
        ['other', 0.1, '2030-01-01'],
      ] as const) {
        sink.beginFeed(feed, 'anew');
        sink.addEpss('CVE-1', score);
        sink.addEndOfLife('debian', '12', day);
        sink.finishFeed(state(feed));
      }
      sink.commit();
      const further = createAdvisorySink(file);
      further.dropFeed('other');
      further.commit();
      const index = openAdvisoryIndex(file);
      expect([index.epssOf('CVE-1'), index.epssOf('CVE-2')]).toEqual([0.42, null]);
      expect([index.endOfLife('debian', '12'), index.endOfLife('debian', '13')]).toEqual([
        '2028-07-01',
        null,
      ]);
    });
  });

  describe('two feeds that speak of one release', () => {
    const both = (rows: number): ReturnType<typeof openAdvisoryIndex> => {
      const sink = createAdvisorySink(file);
      put(sink, state('osv:Debian'), [advisory('OSV')]);
      const own = Array.from({ length: rows }, (_, n) => affected('Debian:11', `p${n}`));
      put(sink, state('debian-tracker', 'f'.repeat(64), 'osv:Debian'), [
        advisory('OWN', { affected: [affected('Debian:12', 'bash'), ...own] }),
      ]);
      sink.commit();
      return openAdvisoryIndex(file);
    };
    const told = (index: ReturnType<typeof openAdvisoryIndex>) => [
      index.affecting('Debian:12', 'bash').map(({ advisory }) => advisory.id),
      index.ecosystem('Debian:12')?.feed,
      index.ecosystem('Debian:12')?.outweighed,
    ];

    it('are not mixed: the publisher’s own outweighs the export', () => {
      expect(told(both(3))).toEqual([['OWN'], 'debian-tracker', ['osv:Debian']]);
    });

    it('let no third one say anything of it, until nobody else does', () => {
      const sink = createAdvisorySink(file);
      put(sink, state('osv:Debian'), [advisory('OSV')]);
      put(sink, state('osv:npm'), [
        advisory('STRAY', {
          affected: [affected('Debian:12', 'bash'), affected('PyPI', 'x'), affected('npm', 'y')],
        }),
      ]);
      sink.commit();
      const ids = (ecosystem: string, name: string): readonly string[] =>
        openAdvisoryIndex(file)
          .affecting(ecosystem, name)
          .map((row) => row.advisory.id);
      expect([ids('Debian:12', 'bash'), ids('PyPI', 'x')]).toEqual([['OSV'], ['STRAY']]);
    });

    it('do not outweigh the export with a quarter of it or less', () => {
      const sink = createAdvisorySink(file);
      const many = Array.from({ length: 9 }, (_, n) => affected('Debian:12', `p${n}`));
      put(sink, state('osv:Debian'), [
        advisory('OSV', { affected: [...many, affected('Debian:12', 'bash')] }),
      ]);
      put(sink, state('debian-tracker', 'f'.repeat(64), 'osv:Debian'), [advisory('OWN')]);
      sink.commit();
      const index = openAdvisoryIndex(file);
      expect(index.ecosystem('Debian:12')).toMatchObject({ feed: 'osv:Debian', outweighed: [] });
      expect(index.affecting('Debian:12', 'bash')).toHaveLength(2);
    });

    it('are both heard where the publisher’s own has but strays of it', () => {
      expect(told(both(500))).toEqual([['OSV', 'OWN'], 'osv:Debian', []]);
    });
  });

  it('can be read from a folder that cannot be written to', () => {
    write([advisory('A')]);
    execFileSync('chmod', ['-R', 'a-w', directory]);
    try {
      expect(openAdvisoryIndex(file).affecting('Debian:12', 'bash')).toHaveLength(1);
    } finally {
      execFileSync('chmod', ['-R', 'u+w', directory]);
    }
  });

  it.each<[string, (path: string) => void, string, string]>([
    ['missing', () => undefined, 'advisories-missing', 'pratique advisories update'],
    [
      'a text',
      (path) => writeFileSync(path, 'hello, this is no database at all'),
      'advisories-unreadable',
      'not a database',
    ],
    ['empty', (path) => writeFileSync(path, ''), 'advisories-unreadable', 'another program'],
    ['a folder', (path) => mkdirSync(path), 'advisories-unreadable', 'cannot be used'],
    [
      'another database',
      (path) => new Database(path).exec('CREATE TABLE x (y)').close(),
      'advisories-unreadable',
      'another program',
    ],
    [
      'of another schema',
      (path) => {
        createAdvisorySink(path).commit();
        const db = new Database(path);
        db.pragma('user_version = 99');
        db.close();
      },
      'advisories-unreadable',
      'it has schema 99',
    ],
  ])('is refused when it is %s', (_name, prepare, code, message) => {
    prepare(file);
    let thrown: unknown;
    try {
      openAdvisoryIndex(file);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(thrown).toMatchObject({ message: expect.stringContaining(file) });
  });

  it('says where it cannot be written', () => {
    writeFileSync(join(directory, 'plain'), '');
    expect(() => createAdvisorySink(join(directory, 'plain', 'advisories.db'))).toThrow(
      /advisories cannot be written to .*plain/,
    );
  });
});

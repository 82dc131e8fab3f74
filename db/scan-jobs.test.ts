import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Digest, parseDigest } from '../core/digest.ts';
import type { ReportKey, ScanJob } from '../core/ports/scan-jobs.ts';
import { openState, type StateFile, type SyncState } from './state.ts';

const digest = (letter: string): Digest => {
  const parsed = parseDigest(`sha256:${letter.repeat(64)}`);
  if (parsed === null) throw new Error('not a digest');
  return parsed;
};
const secret = 'a-secret-of-a-robot-account';
const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;

const job = (id: string, minute = 0, letter = 'a'): ScanJob => ({
  id,
  source: {
    registry: 'https://harbor.corp',
    insecure: false,
    authorization: { kind: 'basic', username: 'robot$scanner', password: `${secret}-${id}` },
    repository: 'library/nginx',
    digest: digest(letter),
  },
  artifact: { repository: 'library/nginx', digest: digest(letter), tag: null, mimeType: 'x/y' },
  kinds: ['vulnerabilities', 'sbom'],
  sbomMediaTypes: ['application/spdx+json'],
  createdAt: at(minute),
  deadline: at(minute + 30),
  state: { kind: 'waiting' },
});
const done = (minute: number, revision = 'r1') =>
  ({ kind: 'done', revision, finishedAt: at(minute) }) as const;
const report = (letter: string, revision = 'r1'): ReportKey => ({
  digest: digest(letter),
  kind: 'vulnerabilities',
  mediaType: 'application/json',
  revision,
});

describe('scan jobs in the state file', () => {
  let dir: string;
  let state: StateFile;
  const reopen = (): void => {
    state.close();
    state = openState(join(dir, 'state.db'));
  };
  /** Everything that lies in the folder, logs of the database included. */
  const onDisk = (): string =>
    readdirSync(dir)
      .map((name) => readFileSync(join(dir, name), 'latin1'))
      .join('');

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pratique-jobs-'));
    state = openState(join(dir, 'state.db'));
  });
  afterEach(() => {
    state.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('outlive the process whole, oldest first', () => {
    state['scanJobs.put'](job('second', 2));
    state['scanJobs.put'](job('first', 1));
    reopen();
    expect(state['scanJobs.get']('first')).toEqual(job('first', 1));
    expect(state['scanJobs.waiting']()).toEqual([job('first', 1), job('second', 2)]);
    expect(state['scanJobs.get']('unheard-of')).toBeNull();
  });

  it.each<[string, Parameters<SyncState['scanJobs.finish']>[1]]>([
    ['done', done(9)],
    [
      'failed',
      {
        kind: 'failed',
        error: { code: 'upstream-refused', message: 'it said no', fields: {} },
        finishedAt: at(9),
      },
    ],
  ])('that are %s wait no more, and their authorization is nowhere', (_what, ended) => {
    state['scanJobs.put'](job('one'));
    state['scanJobs.put'](job('other'));
    expect(onDisk()).toContain(`${secret}-one`);
    state['scanJobs.finish']('one', ended);
    expect(onDisk()).not.toContain(`${secret}-one`);
    expect(onDisk()).toContain(`${secret}-other`);
    state['scanJobs.finish']('other', ended);
    expect(onDisk()).not.toContain(secret);
    reopen();
    expect(state['scanJobs.waiting']()).toEqual([]);
    expect(state['scanJobs.get']('one')).toEqual({
      ...job('one'),
      source: { ...job('one').source, authorization: { kind: 'none' } },
      state: ended,
    });
  });

  it('that end together with other work leave nothing behind either', () => {
    state.together(() => {
      state['scanJobs.put'](job('one'));
      state['scanJobs.finish']('one', done(9));
      state['scanJobs.put'](job('other'));
    });
    expect(onDisk()).not.toContain(`${secret}-one`);
    expect(onDisk()).toContain(`${secret}-other`);
  });

  it('are pruned when they ended long ago, with the reports that nobody names any more', () => {
    const body = Buffer.from('{"vulnerabilities":[]}');
    const finished = (id: string, minute: number, letter: string, revision = 'r1'): void => {
      state['scanJobs.put'](job(id, 0, letter));
      state['scanJobs.finish'](id, done(minute, revision));
    };
    finished('old', 5, 'a');
    finished('new', 20, 'b');
    finished('newer', 21, 'b', 'r2');
    state['scanJobs.put'](job('waits', 0, 'c'));
    for (const key of [report('a'), report('b'), report('b', 'r2'), report('b', 'r0'), report('c')]) {
      state['scanJobs.putReport'](key, body);
    }
    state['scanJobs.prune'](at(10));
    reopen();
    expect(['old', 'new', 'newer', 'waits'].map((id) => state['scanJobs.get'](id) !== null)).toEqual([
      false,
      true,
      true,
      true,
    ]);
    const held = (key: ReportKey): boolean => state['scanJobs.getReport'](key) !== null;
    expect([report('a'), report('b'), report('b', 'r2'), report('b', 'r0'), report('c')].map(held)).toEqual([
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  it('keep a report under all of its key', () => {
    const key = report('a');
    state['scanJobs.putReport'](key, Buffer.from('one'));
    state['scanJobs.putReport'](key, Buffer.from('two'));
    expect(String(state['scanJobs.getReport'](key))).toBe('two');
    for (const other of [
      { ...key, kind: 'sbom' as const },
      { ...key, mediaType: 'x/y' },
      { ...key, revision: 'r2' },
      { ...key, digest: digest('b') },
    ]) {
      expect(state['scanJobs.getReport'](other)).toBeNull();
    }
  });
});

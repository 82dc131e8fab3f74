import { execFileSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { matcherVersion } from '../core/ports/advisories.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { openAdvisoryIndex } from './advisories-file.ts';
import { AdvisoryHistory, type SwapOptions } from './advisories-history.ts';
import { createAdvisorySink } from './advisories-sink.ts';

let dir: string;
let file: string;
let history: AdvisoryHistory;
beforeEach(() => {
  dir = temporaryDirectory();
  file = join(dir, 'advisories.db');
  history = new AdvisoryHistory(file);
});

/** The day is the age of the data and, so that the order is certain, of the file. */
function update(day: number, swap: SwapOptions = { keep: 3, by: 'hand' }): string {
  const time = new Date(Date.UTC(2026, 0, day));
  const sink = createAdvisorySink(file, swap);
  try {
    sink.beginFeed('osv:Debian', 'anew');
    sink.finishFeed({
      name: 'osv:Debian',
      updatedAt: time.toISOString(),
      records: 0,
      rejected: 0,
      fingerprint: 'f',
      source: 's',
      licence: '',
      supersedes: null,
      bookmark: '',
    });
    const revision = sink.commit();
    utimesSync(file, time, time);
    return revision;
  } catch (error) {
    sink.abort();
    throw error;
  }
}
const inForce = (): string => {
  const index = openAdvisoryIndex(file);
  index.close();
  return index.revision;
};
const kept = (): readonly string[] =>
  history.list().map(({ revision, inForce: is }) => (is ? `* ${revision}` : revision));
const mark = { at: '2026-02-01T00:00:00.000Z', by: 'ada' };

describe('older advisories', () => {
  it('are kept, the newest first, and forgotten when there are too many', () => {
    const [one, two, three, four] = [update(1), update(2), update(3), update(4)];
    expect(kept()).toEqual([`* ${four}`, three, two]);
    expect(history.find(one)).toBeNull();
    const older = openAdvisoryIndex(history.find(two) ?? '');
    older.close();
    expect(older.revision).toBe(two);
    update(5, { keep: 1, by: 'hand' });
    expect(history.list()).toHaveLength(1);
  });

  it('are one file with that in force, which no swap loses', () => {
    const one = update(1);
    expect(statSync(file).nlink).toBe(2);
    const path = history.find(one) ?? '';
    expect(statSync(path).ino).toBe(statSync(file).ino);
    update(2);
    expect(statSync(path).nlink).toBe(1);
  });

  it('are kept from a version that kept none', () => {
    const one = update(1);
    execFileSync('rm', ['-r', join(dir, 'advisories')]);
    expect(kept()).toEqual([]);
    const two = update(2);
    expect(kept()).toEqual([`* ${two}`, one]);
  });

  it.each(['', '.', '..', '../advisories', 'a/b', 'a\u0000b', 'x'.repeat(65), 'unknown'])(
    'are not found by the name "%s"',
    (name) => {
      update(1);
      expect(history.find(name)).toBeNull();
    },
  );

  it('are not found by what another matcher calls them', () => {
    const one = update(1);
    const stored = one.slice(0, one.lastIndexOf('-'));
    expect(history.find(stored)).toBe(history.find(one));
    expect(history.find(`${stored}-${matcherVersion + 1}`)).toBeNull();
  });
});

describe('going back', () => {
  it('is to the one before, further with every step, and forward by name', () => {
    const [one, two, three] = [update(1), update(2), update(3)];
    expect(history.rollback(null, mark)).toEqual({ from: three, to: two });
    expect([inForce(), kept()]).toEqual([two, [three, `* ${two}`, one]]);
    expect(history.rollback(null, mark)).toEqual({ from: two, to: one });
    expect(() => history.rollback(null, mark)).toThrow(/no revision before the one in force/);
    expect(history.rollback(three, mark)).toEqual({ from: one, to: three });
    expect(kept()).toEqual([`* ${three}`, two, one]);
    expect(readdirSync(dir).sort()).toEqual(['advisories', 'advisories.db']);
  });

  it('holds what the schedule brings until a person brings something', () => {
    const [one, two] = [update(1), update(2)];
    history.rollback(null, mark);
    expect(history.hold()).toEqual({ ...mark, from: two, to: one });
    expect(() => update(3, { keep: 3, by: 'schedule' })).toThrow(
      expect.objectContaining({ code: 'advisories-held', message: expect.stringContaining('ada') }),
    );
    expect(inForce()).toBe(one);
    expect(readdirSync(dir).filter((name) => name.includes('import'))).toEqual([]);
    const three = update(3);
    expect([inForce(), history.hold()]).toEqual([three, null]);
    update(4, { keep: 3, by: 'schedule' });
  });

  it('keeps what is in force, however old it is', () => {
    const one = update(1);
    update(2);
    history.rollback(one, mark);
    history.release();
    utimesSync(file, new Date(0), new Date(0));
    update(3, { keep: 2, by: 'schedule' });
    expect(history.list()).toHaveLength(2);
  });

  it('may be released, once', () => {
    update(1);
    update(2);
    history.rollback(null, mark);
    expect(history.release()).toMatchObject(mark);
    expect(history.release()).toBeNull();
    update(3, { keep: 3, by: 'schedule' });
  });

  it('is held by a mark that cannot be read, too', () => {
    update(1);
    writeFileSync(join(dir, 'advisories', 'hold.json'), '{ broken');
    expect(history.hold()).toEqual({ at: 'unknown', by: 'unknown', from: null, to: 'unknown' });
    expect(() => update(2, { keep: 3, by: 'schedule' })).toThrow(/are held/);
  });

  it('is possible where what is in force cannot be read', () => {
    const [one, two] = [update(1), update(2)];
    execFileSync('rm', [file]);
    writeFileSync(file, 'broken');
    expect(history.rollback(null, mark)).toEqual({ from: null, to: two });
    expect(kept()).toEqual([`* ${two}`, one]);
  });

  const refused: readonly [what: string, wanted: (one: string, two: string) => string, told: RegExp][] = [
    ['one that is not kept', () => 'unknown', /"unknown" is not kept in .*kept are/],
    ['one that climbs', () => '../advisories', /is not kept/],
    ['the one in force', (_one, two) => two, /is in force already/],
  ];
  it.each(refused)('is refused to %s, and then nothing is held', (_what, wanted, told) => {
    const [one, two] = [update(1), update(2)];
    expect(() => history.rollback(wanted(one, two), mark)).toThrow(
      expect.objectContaining({ code: 'usage-invalid', message: expect.stringMatching(told) }),
    );
    expect([inForce(), history.hold()]).toEqual([two, null]);
  });

  const broken: readonly [what: string, breaking: (path: string) => void][] = [
    ['cut', (path) => truncateSync(path, statSync(path).size - 4096)],
    ['another program’s', (path) => execFileSync('cp', ['/dev/null', path])],
    [
      'of another revision than its name',
      (path) => {
        const db = new Database(path);
        db.exec("UPDATE revision SET revision = 'other'");
        db.close();
      },
    ],
    [
      'damaged inside',
      (path) => {
        const bytes = readFileSync(path);
        bytes.fill(0xff, 2 * 4096, 4 * 4096);
        writeFileSync(path, bytes);
      },
    ],
  ];
  it.each(broken)('is refused to a file that is %s, and then nothing is held', (_what, breaking) => {
    const [one, two] = [update(1), update(2)];
    breaking(history.find(one) ?? '');
    expect(() => history.rollback(one, mark)).toThrow(
      expect.objectContaining({ code: 'advisories-unreadable' }),
    );
    expect([inForce(), history.hold()]).toEqual([two, null]);
  });

  it('says so where nothing is kept', () => {
    expect(() => history.rollback(null, mark)).toThrow(/nothing to go back to/);
    expect(existsSync(file)).toBe(false);
  });
});

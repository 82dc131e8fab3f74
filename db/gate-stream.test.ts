import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StreamPlace } from '../core/ports/gate-stream.ts';
import type { ReplicaVerdict } from '../core/replica.ts';
import { at, digest, judged, manifest, nginx, team } from './samples.ts';
import { openState, type StateFile } from './state.ts';

let dir: string;
let state: StateFile;
const file = (): string => join(dir, 'state.db');
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pratique-gates-'));
  state = openState(file());
  state.beginRecords('one');
});
afterEach(() => {
  state.close();
  rmSync(dir, { recursive: true, force: true });
});

const start: StreamPlace = { records: null, cursor: 0 };
function standing(place: StreamPlace, limit = 100) {
  const page = state.standingAfter(place, limit);
  if (page === 'gone') return page;
  const verdicts = (JSON.parse(page.verdicts) as ReplicaVerdict[]).map(
    ({ digest: of, policy, verdict, images }) => [of, policy, verdict.status, images] as const,
  );
  return { ...page, verdicts };
}
const held = (place: StreamPlace, limit = 100) => {
  const page = state.heldAfter(place, limit);
  if (page === 'gone') return page;
  return {
    ...page,
    held: page.held.map(({ address, digest: of, tags }) => [address.path, of, tags] as const),
    gone: page.gone.map(({ address, digest: of }) => [address.path, of] as const),
  };
};
const a = manifest.digest;

describe('what stands', () => {
  it('is read page by page, each image and policy once, with what stands by now', () => {
    for (let image = 1; image <= 5; image += 1) state.putVerdicts([judged(digest(image))], at(image));
    state.putVerdicts([judged(digest(2), { status: 'fail' }, 'advisories')], at(6));
    state.putVerdicts([judged(digest(3), { validUntil: at(90) }, 'time')], at(7));
    const read: string[] = [];
    let place = start;
    for (;;) {
      const page = standing(place, 2);
      if (page === 'gone') throw new Error('gone');
      read.push(...page.verdicts.map(([of, , status]) => `${of} ${status}`));
      place = { records: page.records, cursor: page.cursor };
      if (page.cursor === page.last) break;
    }
    expect(read.toSorted()).toEqual(
      [1, 2, 3, 4, 5].map((image) => `${digest(image)} ${image === 2 ? 'fail' : 'pass'}`).toSorted(),
    );
    expect(standing(place)).toMatchObject({ verdicts: [], cursor: place.cursor });
  });

  it('is told again when another repository holds the image, or one does no longer', () => {
    state.putManifest(nginx, manifest);
    state.putVerdicts([judged(a)], at(1));
    const first = standing(start);
    if (first === 'gone') throw new Error('gone');
    const place = { records: 'one', cursor: first.cursor };
    expect(standing(place)).toMatchObject({ verdicts: [] });
    state.putManifest(team, manifest);
    state.putManifest(team, manifest);
    expect(standing(place)).toMatchObject({
      verdicts: [[a, 'baseline', 'pass', ['docker.io/library/nginx', 'registry.corp/team/app']]],
    });
    expect(state.deleteManifest(team, a, [])).toBe('deleted');
    expect(standing(place)).toMatchObject({
      verdicts: [[a, 'baseline', 'pass', ['docker.io/library/nginx']]],
    });
    expect(state.changesAfter(0, 100)).toHaveLength(2);
  });

  it('of policies that are no more is told as forgotten, to who may hold it', () => {
    state.putVerdicts([judged(a), judged(a, { policy: 'strict' })], at(1));
    const before = state.lastCursor();
    state.keepPolicies(['baseline']);
    state.putVerdicts([judged(a, { policy: 'strict', status: 'fail' })], at(2));
    expect(standing(start)).toMatchObject({
      forgotten: [],
      verdicts: [
        [a, 'baseline', 'pass', []],
        [a, 'strict', 'fail', []],
      ],
    });
    expect(standing({ records: 'one', cursor: before })).toMatchObject({
      forgotten: ['strict'],
      verdicts: [[a, 'strict', 'fail', []]],
    });
    expect(standing({ records: 'one', cursor: before + 1 })).toMatchObject({ forgotten: [], verdicts: [] });
  });
});

describe('what repositories hold', () => {
  it('is read from the beginning, and then what has come, gone, or has other tags', () => {
    const other = { ...manifest, digest: digest('c') };
    state.putManifest(nginx, manifest);
    state.putManifest(team, manifest);
    state.putTag(nginx, 'latest', a, at(1));
    const first = held(start, 1);
    if (first === 'gone') throw new Error('gone');
    expect(first).toMatchObject({ held: [['team/app', a, []]] });
    const all = held({ records: 'one', cursor: first.cursor });
    if (all === 'gone') throw new Error('gone');
    expect(all.held).toEqual([['library/nginx', a, ['latest']]]);
    const place = { records: 'one', cursor: all.cursor };
    expect(held(place)).toMatchObject({ held: [], gone: [], cursor: all.last });
    // Heard again, and it means the same.
    state.putTag(nginx, 'latest', a, at(2));
    expect(held(place)).toMatchObject({ held: [], cursor: all.last });
    state.putManifest(nginx, other);
    state.putTag(nginx, 'latest', other.digest, at(3));
    state.deleteManifest(team, a, []);
    expect(held(place)).toMatchObject({
      held: expect.arrayContaining([
        ['library/nginx', a, []],
        ['library/nginx', other.digest, ['latest']],
      ]),
      gone: [['team/app', a]],
    });
    state.dropTag(nginx, 'latest', other.digest);
    const last = held(place);
    expect(last === 'gone' ? last : last.held.at(-1)).toEqual(['library/nginx', other.digest, []]);
  });
});

describe('a cursor', () => {
  const fill = (from: number, count: number): void => {
    for (let image = from; image < from + count; image += 1) {
      state.putManifest(nginx, { ...manifest, digest: digest(image) });
      state.putVerdicts([judged(digest(image))], at(image));
    }
  };
  const restart = (name: string): void => {
    state.close();
    state = openState(file());
    state.beginRecords(name);
  };

  it('counts on after a restart', () => {
    fill(1, 3);
    restart('two');
    fill(4, 1);
    for (const read of [standing, held]) {
      expect(read({ records: 'one', cursor: 3 })).toMatchObject({ records: 'two' });
      expect(read({ records: 'two', cursor: 4 })).toMatchObject({ cursor: 4 });
    }
  });

  it.each([1, 5])(
    'is not one of records that were restored from a backup, though %d changes came after',
    (count) => {
      fill(1, 2);
      state.close();
      copyFileSync(file(), `${file()}.backup`);
      state = openState(file());
      fill(3, 2);
      const read = { records: 'one', cursor: 4 };
      expect(standing(read)).not.toBe('gone');
      state.close();
      copyFileSync(`${file()}.backup`, file());
      state = openState(file());
      state.beginRecords('two');
      fill(10, count);
      expect([standing(read), held(read)]).toEqual(['gone', 'gone']);
      // What came before the backup is in it.
      expect(standing({ records: 'one', cursor: 2 })).not.toBe('gone');
    },
  );

  it.each<readonly [string, StreamPlace]>([
    ['of records that nobody knows', { records: 'other', cursor: 1 }],
    ['that was not reached yet', { records: 'one', cursor: 99 }],
  ])('%s is none', (_what, place) => {
    fill(1, 2);
    expect([standing(place), held(place)]).toEqual(['gone', 'gone']);
  });
});

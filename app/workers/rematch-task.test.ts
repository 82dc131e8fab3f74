import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { matchInventory, matchPackages } from '../../advisories/match/index.ts';
import { type Digest, parseDigest } from '../../core/digest.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { openReevaluation, type Reevaluation } from '../../db/reevaluation.ts';
import { openState, type StateFile } from '../../db/state.ts';
import { type Changed, Rematch } from './rematch-task.ts';
import {
  indexOf,
  moved,
  type Random,
  type RandomAdvisories,
  randomAdvisories,
  randomInventory,
  randomOf,
} from './samples-advisories.ts';

const digestOf = (image: number): Digest => {
  const digest = parseDigest(`sha256:${image.toString(16).padStart(64, '0')}`);
  if (digest === null) throw new Error('no digest');
  return digest;
};
const scannedAt = '2026-06-01T00:00:00.000Z';
const everything: Changed = { all: true, subjects: new Set() };
const inventoryOf = (random: Random): Inventory => ({
  ...randomInventory(random),
  ...{ platform: null, incomplete: [], unfit: [], content: 'image', facts: null, checks: [] },
  analyzers: 'a/1',
});

describe('what is recorded of packages', () => {
  let dir: string;
  let state: StateFile;
  let reading: Reevaluation;
  const inventories = new Map<number, Inventory>();
  beforeEach(() => {
    inventories.clear();
    dir = mkdtempSync(join(tmpdir(), 'pratique-rematch-'));
    state = openState(join(dir, 'state.db'));
    reading = openReevaluation(join(dir, 'state.db'));
  });
  afterEach(() => {
    reading.close();
    state.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const record = (image: number, inventory: Inventory, index: AdvisoryIndex): void => {
    inventories.set(image, inventory);
    state.together(() => {
      state.putInventory(digestOf(image), inventory, scannedAt);
      state.putMatch({ digest: digestOf(image), scannedAt, found: matchPackages(inventory, index) });
    });
  };
  /** Each image's match as the state and as the judging thread tell it, or null, and as it has to be. */
  const compare = (index: AdvisoryIndex): { right: number; unknown: number } => {
    let [right, unknown] = [0, 0];
    const ground = { analyzers: 'a/1', advisoriesRevision: index.revision };
    for (const { digest, match } of reading.page(ground, null, 1000)) {
      const image = [...inventories].find(([one]) => digestOf(one) === digest);
      if (image === undefined) throw new Error('nobody recorded it');
      const [told, read] = [state.getMatch(digest, index.revision), match()];
      expect(read).toEqual(told);
      if (told === null) unknown += 1;
      else {
        expect(told).toEqual(matchInventory(image[1], index));
        right += 1;
      }
    }
    return { right, unknown };
  };
  /** Everything up to the switch; `meanwhile` comes just before the first attempt to switch. */
  const rematch = (
    index: AdvisoryIndex,
    changed: Changed,
    meanwhile: () => void = () => undefined,
  ): { readonly work: Rematch; readonly outcomes: readonly string[] } => {
    const from = reading.packages.state();
    if (from === null) throw new Error('nothing is recorded');
    const round = `${index.revision} ${Math.random()}`;
    const work = new Rematch({ records: reading.packages, index, changed, round });
    const outcomes: string[] = [];
    do {
      for (const batch of work.turn()) state.stageMatches(batch);
      if (outcomes.length === 0) meanwhile();
      const { seen } = work;
      outcomes.push(state.switchMatches({ round, from, to: index.revision, seen, asked: null }));
    } while (outcomes.at(-1) === 'later');
    return { work, outcomes };
  };
  const positionsOf = (ground: AdvisoryIndex): Map<string, number> =>
    new Map(
      reading
        .page({ analyzers: 'a/1', advisoriesRevision: ground.revision }, null, 1000)
        .map(({ digest, position }) => [digest, position]),
    );

  it.each(Array.from({ length: 12 }, (_, seed) => [seed]))(
    'gives what matching the inventory gives, before and after other advisories (%i)',
    (seed) => {
      const random = randomOf(seed + 1);
      let rows: RandomAdvisories = randomAdvisories(random, 120);
      let index = indexOf('r0-3', rows, 0);
      for (let image = 1; image <= 40; image += 1) record(image, inventoryOf(random), index);
      expect(compare(index)).toEqual({ right: 40, unknown: 0 });
      for (let revision = 1; revision <= 3; revision += 1) {
        const before = new Map(
          [...inventories].map(([image, inventory]) => [image, matchInventory(inventory, index)]),
        );
        const { now, subjects } = moved(rows, random);
        rows = now;
        const next = indexOf(`r${revision}-3`, rows, revision);
        const changed = revision === 2 ? everything : { all: false, subjects };
        const { work } = rematch(next, changed);
        expect(compare(next)).toEqual({ right: 40 + (revision - 1) * 5, unknown: 0 });
        // Whoever has other findings, or is covered otherwise, is told; nobody else has to be.
        const told = new Set(work.changedImages());
        const positions = positionsOf(next);
        for (const [image, was] of before) {
          const is = matchInventory(inventories.get(image) as Inventory, next);
          const said = ({ findings, coverage, endOfLife }: typeof is): unknown => [
            ...[findings, endOfLife],
            coverage.map(({ ecosystem, covered }) => [ecosystem, covered]),
          ];
          if (JSON.stringify(said(was)) !== JSON.stringify(said(is))) {
            expect(told).toContain(positions.get(digestOf(image)));
          }
        }
        index = next;
        for (let more = 1; more <= 5; more += 1) record(revision * 100 + more, inventoryOf(random), index);
        expect(compare(index).unknown).toBe(0);
      }
    },
  );

  it('looks at packages that came in between before it switches', () => {
    const random = randomOf(7);
    const rows = randomAdvisories(random, 100);
    const index = indexOf('r0-3', rows, 0);
    for (let image = 1; image <= 10; image += 1) record(image, inventoryOf(random), index);
    const next = indexOf('r1-3', randomAdvisories(random, 100), 0);
    const { outcomes } = rematch(next, everything, () => {
      for (let image = 11; image <= 30; image += 1) record(image, inventoryOf(random), index);
    });
    expect(outcomes).toEqual(['later', 'switched']);
    expect(compare(next)).toEqual({ right: 30, unknown: 0 });
  });

  it('changes nothing before the switch, and keeps nothing of a revision that is not in force', () => {
    const random = randomOf(8);
    const index = indexOf('r0-3', randomAdvisories(random, 100), 0);
    for (let image = 1; image <= 10; image += 1) record(image, inventoryOf(random), index);
    const next = indexOf('r1-3', randomAdvisories(random, 100), 0);
    const work = new Rematch({ records: reading.packages, index: next, changed: everything, round: 'lost' });
    for (const batch of work.turn()) state.stageMatches(batch);
    for (let image = 11; image <= 20; image += 1) record(image, inventoryOf(random), next);
    expect(compare(index).right).toBeGreaterThanOrEqual(10);
    expect(state.getMatch(digestOf(1), 'r1-3')).toBeNull();
    // The round was lost; the next one begins anew.
    const other = indexOf('r2-3', randomAdvisories(random, 100), 0);
    expect(rematch(other, everything).outcomes).toEqual(['switched']);
    expect(compare(other).right).toBeGreaterThanOrEqual(10);
    const from = { revision: 'r0-3', generation: 1 };
    const late = { round: 'lost', from, to: 'r1-3', seen: 1e9, asked: null };
    expect(state.switchMatches(late)).toBe('overtaken');
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openReevaluation, packEvaluated } from './reevaluation.ts';
import {
  at,
  debPackage,
  digest,
  finding,
  inventory,
  judged,
  manifest,
  match,
  nginx,
  verdict,
} from './samples.ts';
import { openDatabase } from './sqlite.ts';
import { openState, type StateFile } from './state.ts';

describe('what was found in images', () => {
  let dir: string;
  let state: StateFile;
  const file = (): string => join(dir, 'state.db');
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pratique-matches-'));
    state = openState(file());
  });
  afterEach(() => {
    state.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const rows = (table: 'finding' | 'match'): number => {
    const db = openDatabase(file());
    const found = db.prepare<[], { rows: number }>(`SELECT count(*) AS rows FROM ${table}`).get();
    db.close();
    return found?.rows ?? -1;
  };
  const openssl = finding('CVE-2026-1');
  const zlib = finding('CVE-2026-2');

  it('is kept once, however many images have it', () => {
    for (let image = 1; image <= 50; image += 1) {
      state.putMatch(digest(image), match('r1', image % 2 === 0 ? [openssl] : [zlib, openssl]));
    }
    expect([rows('match'), rows('finding')]).toEqual([50, 2]);
    expect(state.getMatch(digest(1), 'r1')).toEqual(match('r1', [zlib, openssl]));
    expect(state.getMatch(digest(2), 'r1')).toEqual(match('r1', [openssl]));
  });

  it('is kept for the newest advisories and those before, and then goes', () => {
    const revisions = ['r1', 'r2', 'r3', 'r4'];
    for (const revision of revisions) {
      for (let image = 1; image <= 20; image += 1) {
        state.putMatch(digest(image), match(revision, [{ ...openssl, summary: `${revision} ${image}` }]));
      }
    }
    state.putMatch(digest(99), match('r3', [zlib]));
    expect(state.getMatch(digest(99), 'r3')).toEqual(match('r3', [zlib]));
    expect(state.getMatch(digest(1), 'r4')?.findings[0]?.summary).toBe('r4 1');
    // 20 of the newest, 20 of those before, and that of the last one.
    expect([rows('match'), rows('finding')]).toEqual([21, 41]);
  });

  it('is told whole, or not at all where the records are damaged', () => {
    state.putMatch(digest(1), match('r1', [openssl, zlib]));
    const db = openDatabase(file());
    db.exec(`DELETE FROM finding WHERE finding LIKE '%CVE-2026-2%'`);
    db.close();
    expect(() => state.getMatch(digest(1), 'r1')).toThrow('finding 2 is missing');
  });

  it('is read with everything else that an image is judged by', () => {
    const [a, b] = [digest('a'), digest('b')];
    const packages = [debPackage('openssl')];
    state.putManifest(nginx, manifest);
    state.putInventory(a, inventory({ packages }), at(1));
    state.putInventory(b, inventory(), at(2));
    state.putInventory(digest('c'), inventory({ analyzers: 'deb/0' }), at(2));
    state.putMatch(a, match('r1', [openssl]));
    state.putVerdicts([judged(a), judged(a, { policy: 'strict', status: 'fail' })], at(3));
    const source = openReevaluation(file());
    const ground = { analyzers: 'deb/1', advisoriesRevision: 'r1' };
    const [first, second, ...others] = source.page(ground, null, 10);
    expect([source.count('deb/1'), others]).toEqual([2, []]);
    const { packages: _packages, analyzers: _analyzers, ...head } = inventory();
    expect(first).toMatchObject({ digest: a, images: ['docker.io/library/nginx'], scannedAt: at(1) });
    expect(first?.inventory).toMatchObject({ ...head, packageCount: 1 });
    expect(first?.inventory.packages()).toEqual(packages);
    expect(first?.match?.()).toEqual(match('r1', [openssl]));
    expect(first?.standing('strict')?.version).toBe(2);
    expect(first?.standing('strict')?.verdict()).toEqual(verdict({ policy: 'strict', status: 'fail' }));
    expect([second?.digest, second?.match, second?.standing('strict')]).toEqual([b, null, null]);
    expect(source.page(ground, first?.position ?? null, 10).map((image) => image.digest)).toEqual([b]);
    expect(source.image({ ...ground, advisoriesRevision: 'r2' }, a)?.match).toBeNull();
    expect(source.image(ground, digest('c'))).toBeNull();
    source.close();
  });

  it('while an image is judged again is kept where its inventory still is the same', () => {
    const [a, b] = [digest('a'), digest('b')];
    state.putInventory(a, inventory(), at(1));
    state.putInventory(b, inventory(), at(2));
    const found = match('r1', [openssl]);
    const batch = packEvaluated(
      [],
      [a, b].map((image) => ({ digest: image, scannedAt: at(1), match: found })),
    );
    state.putEvaluated(batch, at(3));
    expect([state.getMatch(a, 'r1'), state.getMatch(b, 'r1')]).toEqual([found, null]);
  });
});

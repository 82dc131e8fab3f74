import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Finding } from '../core/finding.ts';
import { openReevaluation, packEvaluated, packFindings, packRematched } from './reevaluation.ts';
import {
  at,
  debPackage,
  digest,
  finding,
  found,
  ground,
  inventory,
  judged,
  manifest,
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
  const count = (table: string): number => {
    const db = openDatabase(file());
    const row = db.prepare<[], { rows: number }>(`SELECT count(*) AS rows FROM ${table}`).get();
    db.close();
    return row?.rows ?? -1;
  };
  const [openssl, zlib] = [finding('CVE-2026-1'), finding('CVE-2026-2')];
  const put = (
    seed: string | number,
    revision: string,
    packages: Readonly<Record<string, readonly Finding[]>>,
  ): void => {
    const names = Object.keys(packages);
    state.putInventory(digest(seed), inventory({ packages: names.map(debPackage) }), at(1));
    const matches = found(revision, Object.values(packages));
    state.putMatch({ digest: digest(seed), scannedAt: at(1), found: matches });
  };
  const idsIn = (seed: string | number, revision: string | null): readonly string[] | null =>
    state.getMatch(digest(seed), revision)?.findings.map(({ id }) => id) ?? null;

  it('is kept once for a package, however many images have it', () => {
    for (let image = 1; image <= 50; image += 1) {
      put(image, 'r1', image % 2 === 0 ? { openssl: [openssl] } : { zlib: [zlib], openssl: [openssl] });
    }
    expect(['package', 'package_match', 'package_image'].map(count)).toEqual([2, 2, 75]);
    expect([idsIn(1, 'r1'), idsIn(2, 'r1')]).toEqual([['CVE-2026-1', 'CVE-2026-2'], ['CVE-2026-1']]);
  });

  it('is known of an image whose packages others have brought', () => {
    put(1, 'r1', { zlib: [zlib], openssl: [openssl] });
    state.putInventory(digest(2), inventory({ packages: ['zlib', 'zlib'].map(debPackage) }), at(1));
    state.putInventory(digest(3), inventory({ packages: ['zlib', 'curl'].map(debPackage) }), at(1));
    expect([idsIn(2, 'r1'), idsIn(3, 'r1')]).toEqual([['CVE-2026-2'], null]);
  });

  it('belongs to one revision: what is found under another is not kept', () => {
    put(1, 'r1', { openssl: [openssl] });
    put(2, 'r2', { zlib: [zlib] });
    expect([idsIn(1, 'r1'), idsIn(1, null), idsIn(1, 'r2'), idsIn(2, 'r2'), idsIn(2, 'r1')]).toEqual([
      ['CVE-2026-1'],
      ['CVE-2026-1'],
      null,
      null,
      null,
    ]);
  });

  it('goes over to another revision as a whole', () => {
    put(1, 'r1', { zlib: [zlib], openssl: [openssl], curl: [] });
    const system = 'null';
    const from = { revision: 'r1', generation: 1 };
    const staged = { package: 1, findings: packFindings([finding('CVE-2026-3')]), spokenFor: null };
    state.stageMatches(packRematched('lost', [{ package: 2, findings: null, spokenFor: null }]));
    state.stageMatches(packRematched('round', [staged], [{ system, ground: JSON.stringify(ground) }]));
    const move = { round: 'round', from, to: 'r2', seen: 3, asked: null };
    expect(state.switchMatches({ ...move, round: 'lost' })).toBe('overtaken');
    expect(state.switchMatches({ ...move, seen: 2 })).toBe('later');
    expect(idsIn(1, 'r1')).toEqual(['CVE-2026-1', 'CVE-2026-2']);
    expect(state.switchMatches(move)).toBe('switched');
    expect([idsIn(1, 'r1'), idsIn(1, 'r2')]).toEqual([null, ['CVE-2026-1', 'CVE-2026-3']]);
    expect(state.switchMatches(move)).toBe('overtaken');
    expect(state.matchState()).toEqual({ revision: 'r2', generation: 2 });
  });

  it('is asked for again by hand until it is done', () => {
    put(1, 'r1', {});
    expect(state.rematchAsked()).toBeNull();
    state.askRematch(at(5));
    expect(state.rematchAsked()).toBe(at(5));
    state.stageMatches(packRematched('round', []));
    const from = { revision: 'r1', generation: 1 };
    state.switchMatches({ round: 'round', from, to: 'r1', seen: 0, asked: at(5) });
    expect([state.rematchAsked(), state.matchState()]).toEqual([null, { revision: 'r1', generation: 2 }]);
  });

  it('goes with the last image that has the package', () => {
    put(1, 'r1', { zlib: [zlib], openssl: [openssl] });
    put(2, 'r1', { openssl: [openssl] });
    put(1, 'r1', { curl: [] });
    expect(state.sweepPackages(0)).toBeNull();
    expect(['package', 'package_match', 'package_image'].map(count)).toEqual([2, 2, 2]);
    expect([idsIn(1, 'r1'), idsIn(2, 'r1')]).toEqual([[], ['CVE-2026-1']]);
  });

  it('is told whole, or not at all where the records are damaged', () => {
    put(1, 'r1', { zlib: [zlib], openssl: [openssl] });
    const db = openDatabase(file());
    db.exec(`UPDATE package_match SET findings = x'00' WHERE package = 1`);
    db.close();
    expect(() => state.getMatch(digest(1), 'r1')).toThrow();
  });

  it('is found again for inventories of a version that knew no distinct packages', () => {
    put(1, 'r1', { zlib: [zlib] });
    const db = openDatabase(file());
    db.exec('DELETE FROM image_packages; DELETE FROM package_image; DELETE FROM package');
    db.close();
    expect(idsIn(1, 'r1')).toBeNull();
    state.putMatch({ digest: digest(1), scannedAt: at(1), found: found('r1', [[zlib]]) });
    expect(idsIn(1, 'r1')).toEqual(['CVE-2026-2']);
  });

  it('is read with everything else that an image is judged by', () => {
    const [a, b] = [digest('a'), digest('b')];
    const packages = [debPackage('openssl')];
    state.putManifest(nginx, manifest);
    state.putInventory(a, inventory({ packages }), at(1));
    state.putInventory(b, inventory(), at(2));
    state.putInventory(digest('c'), inventory({ analyzers: 'deb/0' }), at(2));
    state.putMatch({ digest: a, scannedAt: at(1), found: found('r1', [[openssl]]) });
    state.putVerdicts([judged(a), judged(a, { policy: 'strict', status: 'fail' })], at(3));
    const source = openReevaluation(file());
    const asked = { analyzers: 'deb/1', advisoriesRevision: 'r1' };
    const [first, second, ...others] = source.page(asked, null, 10);
    expect([source.count('deb/1', null), source.count('deb/1', 1), others]).toEqual([2, 1, []]);
    const { packages: _packages, analyzers: _analyzers, ...head } = inventory();
    expect(first).toMatchObject({ digest: a, images: ['docker.io/library/nginx'], scannedAt: at(1) });
    expect(first?.inventory).toMatchObject({ ...head, packageCount: 1 });
    expect(first?.inventory.packages()).toEqual(packages);
    expect(first?.match()?.findings).toEqual([openssl]);
    expect(first?.standing('strict')?.version).toBe(2);
    expect(first?.standing('strict')?.verdict()).toEqual(verdict({ policy: 'strict', status: 'fail' }));
    // It has no packages, so all of them are known.
    expect([second?.digest, second?.match()?.findings, second?.standing('strict')]).toEqual([b, [], null]);
    expect(source.at(asked, [2, 3, 4]).map((image) => image.digest)).toEqual([b]);
    expect(source.page(asked, first?.position ?? null, 10).map((image) => image.digest)).toEqual([b]);
    expect(source.image({ ...asked, advisoriesRevision: 'r2' }, a)?.match()).toBeNull();
    expect(source.image(asked, digest('c'))).toBeNull();
    source.close();
  });

  it('while an image is judged again is kept where its inventory still is the same', () => {
    const [a, b] = [digest('a'), digest('b')];
    state.putInventory(a, inventory(), at(1));
    state.putInventory(b, inventory(), at(2));
    const batch = packEvaluated(
      [],
      [a, b].map((image) => ({ digest: image, scannedAt: at(1), found: found('r1') })),
    );
    state.putEvaluated(batch, at(3));
    expect(state.getMatch(a, 'r1')?.findings).toEqual([]);
    const other = { os: { id: 'debian', versionId: '12', name: '' } };
    state.putInventory(b, inventory(other), at(2));
    state.putEvaluated(batch, at(3));
    expect(state.getMatch(b, 'r1')).toBeNull();
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { debPackage, digest, finding, found, inventory, judged, manifest, nginx, team } from './samples.ts';
import { openDatabase } from './sqlite.ts';
import { openState, openStateReadOnly } from './state.ts';

describe('the state file', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pratique-state-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const file = (): string => join(dir, 'state.db');

  it('gives a manifest only to the repository whose upstream gave it', () => {
    const state = openState(file());
    state.putManifest(nginx, manifest);
    expect(state.getManifest(nginx, manifest.digest)).toEqual(manifest);
    expect(state.getManifest(team, manifest.digest)).toBeNull();
    expect(state.manifestsWithBlob(nginx, digest('b'))).toEqual([{ manifest: digest('a'), size: 7 }]);
    expect(state.manifestsWithBlob(team, digest('b'))).toEqual([]);
    expect(state.imagesOf(manifest.digest)).toEqual(['docker.io/library/nginx']);
    state.close();
  });

  it('keeps proofs of possession apart by repository', () => {
    const state = openState(file());
    state.prove(nginx, digest('b'));
    expect(state.isProven(nginx, digest('b'))).toBe(true);
    expect(state.isProven(team, digest('b'))).toBe(false);
    state.close();
  });

  it('answers with the newest verdict, after a restart and to a second reader', () => {
    const state = openState(file());
    state.putManifest(nginx, manifest);
    state.putVerdicts([judged(manifest.digest, { reasons: ['first'] })], '2026-01-01T00:00:00.000Z');
    state.putVerdicts(
      [judged(manifest.digest, { status: 'fail', reasons: ['second'] }, 'policy')],
      '2026-01-02T00:00:00.000Z',
    );
    state.close();
    const reader = openStateReadOnly(file());
    expect(reader.getVerdict(manifest.digest, 'baseline')?.reasons).toEqual(['second']);
    expect(reader.listVerdicts(10).map((row) => [row.verdict.status, row.images])).toEqual([
      ['fail', ['docker.io/library/nginx']],
    ]);
    reader.close();
  });

  it('takes an analysis of other analyzers for none', () => {
    const state = openState(file());
    state.putLayer(digest('b'), 'deb/1', '{"x":1}');
    expect(state.getLayer(digest('b'), 'deb/1')).toBe('{"x":1}');
    expect(state.getLayer(digest('b'), 'deb/2')).toBeNull();
    state.close();
  });

  it('tells of an inventory what was found in its packages, and of another one nothing before it was found', () => {
    const state = openState(file());
    const image = digest('a');
    const scannedAt = '2026-01-01T00:00:00.000Z';
    const packages = [debPackage('openssl')];
    state.putInventory(image, inventory({ packages }), scannedAt);
    state.putMatch({ digest: image, scannedAt, found: found('r1', [[finding('CVE-2026-1')]]) });
    expect(state.getMatch(image, 'r1')?.findings).toEqual([finding('CVE-2026-1')]);
    expect(state.getInventory(image, 'deb/1')).toEqual({ inventory: inventory({ packages }), scannedAt });
    state.putInventory(image, inventory({ packages: [debPackage('zlib')] }), scannedAt);
    expect(state.getMatch(image, 'r1')).toBeNull();
    state.putInventory(image, inventory({ packages, analyzers: 'deb/1 rpm/1' }), scannedAt);
    expect(state.getMatch(image, 'r1')?.findings).toEqual([finding('CVE-2026-1')]);
    expect(state.getInventory(image, 'deb/1')).toBeNull();
    state.close();
  });

  it.each([
    ['an older', 1, /start "pratique serve" once/],
    ['a newer', 99, /use the newer version/],
  ])('is not read by who only reads when it has %s schema', (_what, version, message) => {
    openState(file()).close();
    const db = openDatabase(file());
    db.pragma(`user_version = ${version}`);
    db.close();
    expect(() => openStateReadOnly(file())).toThrow(message);
  });

  it('refuses a file of a newer schema', () => {
    const db = openDatabase(file());
    db.pragma('user_version = 99');
    db.close();
    expect(() => openState(file())).toThrow(/has schema 99/);
  });
});

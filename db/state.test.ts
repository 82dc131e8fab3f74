import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Digest, parseDigest } from '../core/digest.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Verdict } from '../core/verdict.ts';
import { openDatabase } from './sqlite.ts';
import { openState, openStateReadOnly } from './state.ts';

const digest = (letter: string): Digest => {
  const parsed = parseDigest(`sha256:${letter.repeat(64)}`);
  if (parsed === null) throw new Error('not a digest');
  return parsed;
};
const nginx = { upstream: 'hub', namespace: 'docker.io', path: 'library/nginx' };
const other = { upstream: 'corp', namespace: 'registry.corp', path: 'team/app' };
const manifest = {
  digest: digest('a'),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  bytes: Buffer.from('{"schemaVersion":2}'),
  blobs: [{ digest: digest('b'), size: 7 }],
};
const verdict = (status: Verdict['status'], reason: string): Verdict => ({
  status,
  policy: 'baseline',
  policyRevision: 'p1',
  advisoriesRevision: 'a1',
  scanner: 'built-in',
  rules: [],
  reasons: [reason],
  summary: {
    counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
    fixable: 0,
    worst: [],
  },
  coverage: [],
  suppressed: [],
  evaluatedAt: '2026-01-01T00:00:00.000Z',
  validUntil: null,
  next: null,
});

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
    expect(state.getManifest(other, manifest.digest)).toBeNull();
    expect(state.manifestsWithBlob(nginx, digest('b'))).toEqual([{ manifest: digest('a'), size: 7 }]);
    expect(state.manifestsWithBlob(other, digest('b'))).toEqual([]);
    expect(state.imagesOf(manifest.digest)).toEqual(['docker.io/library/nginx']);
    state.close();
  });

  it('keeps proofs of possession apart by repository', () => {
    const state = openState(file());
    state.prove(nginx, digest('b'));
    expect(state.isProven(nginx, digest('b'))).toBe(true);
    expect(state.isProven(other, digest('b'))).toBe(false);
    state.close();
  });

  it('answers with the newest verdict, after a restart and to a second reader', () => {
    const state = openState(file());
    state.putManifest(nginx, manifest);
    state.putVerdict(manifest.digest, verdict('pass', 'first'));
    state.putVerdict(manifest.digest, verdict('fail', 'second'));
    state.close();
    const reader = openStateReadOnly(file());
    expect(reader.getVerdict(manifest.digest)?.reasons).toEqual(['second']);
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

  it('forgets what was found in an inventory when there is another one', () => {
    const state = openState(file());
    const inventory = (analyzers: string): Inventory => ({
      os: null,
      platform: null,
      packages: [],
      incomplete: [],
      unfit: [],
      analyzers,
      content: 'image',
    });
    const found = { findings: [], coverage: [], advisories: { revision: 'r1', updatedAt: null } };
    state.putInventory(digest('a'), inventory('deb/1'));
    state.putMatch(digest('a'), found);
    expect(state.getMatch(digest('a'), 'r1')).toEqual(found);
    state.putInventory(digest('a'), inventory('deb/1 rpm/1'));
    expect(state.getMatch(digest('a'), 'r1')).toBeNull();
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

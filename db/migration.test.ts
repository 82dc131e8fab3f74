import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packJson, packText } from './packed-json.ts';
import { at, digest, exception, inventory, judged, manifest, nginx } from './samples.ts';
import { openDatabase } from './sqlite.ts';
import { openState } from './state.ts';
import { stateSchema } from './state-schema.ts';

describe('a state file of schema 3', () => {
  let dir: string;
  const file = (): string => join(dir, 'state.db');
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pratique-migration-'));
    const db = openDatabase(file());
    for (const step of stateSchema.slice(0, 3)) db.exec(step);
    db.pragma('user_version = 3');
    db.prepare('INSERT INTO repository VALUES (1, ?, ?, ?)').run(
      'hub',
      nginx.path,
      'docker.io/library/nginx',
    );
    db.prepare('INSERT INTO manifest VALUES (?, ?, ?)').run(
      manifest.digest,
      manifest.mediaType,
      manifest.bytes,
    );
    db.prepare('INSERT INTO repository_manifest VALUES (?, 1)').run(manifest.digest);
    db.prepare('INSERT INTO manifest_blob VALUES (?, ?, 7)').run(digest('b'), manifest.digest);
    db.prepare('INSERT INTO repository_blob VALUES (?, 1)').run(digest('b'));
    db.prepare('INSERT INTO tag VALUES (1, ?, ?, ?)').run('latest', manifest.digest, at(0));
    db.prepare('INSERT INTO layer VALUES (?, ?, ?)').run(digest('b'), 'deb/1', packText('{"x":1}'));
    db.prepare('INSERT INTO inventory VALUES (?, ?, ?)').run(manifest.digest, 'deb/1', packJson({}));
    db.prepare('INSERT INTO match VALUES (?, ?, ?)').run(manifest.digest, 'a1', packJson({}));
    db.prepare('INSERT INTO verdict VALUES (1, ?, ?, ?, ?, ?, ?, ?)').run(
      ...[manifest.digest, 'p1', 'a1', 'deb/1', 'pass', at(0), '{}'],
    );
    db.prepare('INSERT INTO blob_push VALUES (?, 1, ?)').run(digest('b'), 'ann');
    db.close();
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('keeps what repositories hold and what layers are; what is judged is found out again', () => {
    const state = openState(file());
    expect(state.getManifest(nginx, manifest.digest)).toEqual(manifest);
    expect(state.getTag(nginx, 'latest')).toBe(manifest.digest);
    expect([state.isProven(nginx, digest('b')), state.isPushedBy(nginx, digest('b'), 'ann')]).toEqual([
      true,
      true,
    ]);
    expect(state.getLayer(digest('b'), 'deb/1')).toBe('{"x":1}');
    expect(state.getInventory(manifest.digest, 'deb/1')).toBeNull();
    expect([state.inventoried('deb/1'), state.getMatch(manifest.digest, 'a1')]).toEqual([[], null]);
    expect([state.listVerdicts(10), state.lastCursor()]).toEqual([[], 0]);
    state.close();
  });

  it('takes everything that the newest one takes, and stays so', () => {
    const first = openState(file());
    first.putInventory(manifest.digest, inventory(), at(1));
    first.putVerdicts([judged(manifest.digest)], at(1));
    first.addException(exception());
    first.close();
    const second = openState(file());
    expect(second.verdictsOf(manifest.digest)).toHaveLength(1);
    expect(second.inventoried('deb/1')).toEqual([manifest.digest]);
    expect(second.brokenAudit()).toBeNull();
    second.close();
  });
});

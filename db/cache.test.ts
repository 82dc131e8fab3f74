import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import { digest, nginx } from './samples.ts';
import { openState, openStateBeside, type StateFile } from './state.ts';

const hosted = { upstream: 'hosted', namespace: 'hosted', path: 'team/app' };
const [image, index, a, b, c] = ['1', '2', 'a', 'b', 'c'].map((seed) => digest(seed)) as [
  Digest,
  Digest,
  Digest,
  Digest,
  Digest,
];
const manifest = (name: Digest, blobs: readonly Digest[], bytes = '{}') => ({
  digest: name,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  bytes: Buffer.from(bytes),
  blobs: blobs.map((blob) => ({ digest: blob, size: 10 })),
});

let dir: string;
let state: StateFile;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pratique-cache-'));
  state = openState(join(dir, 'state.db'));
  state.putBlobUses([a, b, c].map((blob, at) => ({ digest: blob, size: 10, usedAt: at + 1 })));
});
afterEach(() => {
  state.close();
  rmSync(dir, { recursive: true, force: true });
});

const release = (given: { readonly unreferenced?: boolean; readonly claimedBefore?: number } = {}) =>
  state.releaseBlobs({
    blobs: [a, b, c].map((blob, at) => ({ digest: blob, usedAt: at + 1 })),
    unreferenced: given.unreferenced ?? false,
    claimedBefore: given.claimedBefore ?? 100,
  });

describe('blobs in the store', () => {
  it('are counted as they come, are used again and go', () => {
    expect(state.cacheTotals()).toEqual({ bytes: 30, blobs: 3 });
    expect(state.putBlobUses([{ digest: a, size: 12, usedAt: 9 }])).toEqual({ bytes: 32, blobs: 3 });
    state.forgetBlobs([b]);
    expect(state.cacheTotals()).toEqual({ bytes: 22, blobs: 2 });
    expect(state.storedBlobs('sha256', 'a')).toEqual([a]);
  });

  it('are told in the order of their last use, page by page', () => {
    state.putBlobUses([{ digest: a, size: 10, usedAt: 9 }]);
    const first = state.blobsByUse(null, 2);
    expect(first.map((blob) => blob.digest)).toEqual([b, c]);
    expect(state.blobsByUse(first[1] ?? null, 2).map((blob) => blob.digest)).toEqual([a]);
  });

  it('are let go where an upstream has them, and the upstream still has them', () => {
    state.putManifest(nginx, manifest(image, [a]));
    state.prove(nginx, a);
    expect(release()).toEqual([a, b, c]);
    expect(state.isProven(nginx, a)).toBe(true);
  });

  it('stay where somebody used them since they were chosen', () => {
    state.putBlobUses([{ digest: a, size: 10, usedAt: 50 }]);
    expect(release()).toEqual([b, c]);
  });

  it('stay where a manifest of a hosted repository has them, and go once it is deleted', () => {
    state.putClaim(hosted, { blob: a, size: 10, user: 'ci', mountedBy: null, at: 1 });
    state.putManifest(hosted, manifest(image, [a]));
    expect(release()).toEqual([b, c]);
    expect(state.idleClaims(100, 10)).toEqual([]);
    state.deleteManifest(hosted, image, []);
    expect(state.idleClaims(100, 10)).toHaveLength(1);
    expect(release({ unreferenced: true })).toEqual([a]);
    expect([state.isProven(hosted, a), state.isPushedBy(hosted, a, 'ci')]).toEqual([false, false]);
  });

  it('stay for a while where a hosted repository was given them', () => {
    state.putBlobUses([a, b, c].map((blob) => ({ digest: blob, size: 10, usedAt: 50 })));
    state.putClaim(hosted, { blob: a, size: 10, user: 'ci', mountedBy: null, at: 40 });
    const release = ({ claimedBefore }: { readonly claimedBefore: number }) =>
      state.releaseBlobs({
        blobs: [a, b, c].map((blob) => ({ digest: blob, usedAt: 50 })),
        unreferenced: false,
        claimedBefore,
      });
    expect(release({ claimedBefore: 40 })).toEqual([b, c]);
    expect(release({ claimedBefore: 41 })).toEqual([a]);
  });

  it('stay where any manifest has them, where only what is unreferenced goes', () => {
    state.putManifest(nginx, manifest(image, [b]));
    expect(release({ unreferenced: true })).toEqual([a, c]);
  });

  it('stay where a pinned image has them, through an index, and a pin goes with its tag', () => {
    state.putManifest(nginx, manifest(image, [a]));
    state.putManifest(nginx, manifest(index, [], JSON.stringify({ manifests: [{ digest: image }] })));
    state.putTag(nginx, '1', index, '2026-01-01T00:00:00Z');
    const beside = openStateBeside(join(dir, 'state.db'));
    const pointer = { kind: 'tag', tag: '1' } as const;
    beside.putPin({ address: nginx, pointer, by: 'ops', note: 'why', at: '2026-01-01T00:00:00Z' });
    expect(release()).toEqual([b, c]);
    expect(state.pins()).toMatchObject([{ digest: index, bytes: 10, blobs: 1, by: 'ops' }]);
    expect(state.cacheStanding(5)).toMatchObject({
      bytes: 10,
      pinned: { bytes: 10, blobs: 1 },
      upstreams: [{ name: nginx.upstream, bytes: 10 }],
    });
    state.putTag(nginx, '1', digest('9'), '2026-01-01T00:00:00Z');
    expect(release()).toEqual([a]);
    expect(beside.deletePin(nginx, pointer)).toBe(true);
    expect(beside.deletePin(nginx, pointer)).toBe(false);
    beside.close();
  });
});

describe('what hosted repositories have', () => {
  it('is counted once for a blob, by repository and by user, deleted or not, while a manifest has it', () => {
    state.putClaim(hosted, { blob: a, size: 10, user: 'ci', mountedBy: null, at: 1 });
    state.putClaim(hosted, { blob: a, size: 10, user: 'other', mountedBy: null, at: 1 });
    state.putClaim(
      { ...hosted, path: 'team/web' },
      { blob: b, size: 10, user: 'ci', mountedBy: null, at: 1 },
    );
    state.putManifest(hosted, manifest(image, [a]));
    expect(state.hostedPaths()).toEqual(['team/app', 'team/web']);
    expect(state.bytesOfRepositories(['team/app'])).toBe(10);
    expect(state.bytesOfRepositories(['team/app', 'team/web'])).toBe(20);
    expect([state.bytesOfUser('ci'), state.bytesOfUser('other')]).toEqual([20, 10]);
    state.deleteBlob(hosted, a);
    expect([state.bytesOfRepositories(['team/app']), state.bytesOfUser('ci')]).toEqual([10, 20]);
    state.deleteManifest(hosted, image, []);
    expect(state.dropClaims(state.idleClaims(100, 10), 100)).toBe(2);
    expect([state.bytesOfRepositories(['team/app']), state.bytesOfUser('ci')]).toEqual([0, 0]);
  });
});

describe('what the cache is asked', () => {
  it('is done in turn, and begun anew after a restart', () => {
    const beside = openStateBeside(join(dir, 'state.db'));
    const order = {
      kind: 'prune',
      dryRun: false,
      unreferenced: true,
      to: null,
      usedBefore: null,
      claimedBefore: 1,
    } as const;
    const ids = [beside.askCache(order, '2026-01-01'), beside.askCache(order, '2026-01-02')];
    expect(state.nextCacheRequest()).toMatchObject({ id: ids[0], order, state: 'running' });
    state.resumeCacheRequests();
    expect(state.nextCacheRequest()?.id).toBe(ids[0]);
    state.putCacheOutcome(ids[0] ?? 0, 'done', { blobs: 1, bytes: 2, reasons: {} }, null);
    expect(beside.cacheRequest(ids[0] ?? 0)).toMatchObject({ state: 'done', outcome: { bytes: 2 } });
    expect([state.nextCacheRequest()?.id, state.nextCacheRequest()]).toEqual([ids[1], null]);
    beside.close();
  });
});

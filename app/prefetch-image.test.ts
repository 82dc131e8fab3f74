import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { StoredManifest } from '../core/image.ts';
import type { BlobClearance, Clearance, Gate } from '../core/ports/gate.ts';
import type { VerdictStatus } from '../core/verdict.ts';
import { parseManifest } from '../registry/manifest.ts';
import {
  type Built,
  type BuiltManifest,
  buildImage,
  buildIndex,
  linuxAmd64,
  linuxArm64,
  manifestsOf,
} from '../test/support/images.ts';
import { prefetchImage } from './prefetch-image.ts';

const address = { upstream: 'corp', namespace: 'registry.corp', path: 'team/app' };
const named = { name: 'registry.corp/team/app:1', address, pointer: { kind: 'tag', tag: '1' } } as const;
const imageFor = (platform: typeof linuxAmd64) =>
  buildImage({ platform, layers: [{ files: [{ path: platform.architecture, content: 'x' }] }] });
const amd64 = imageFor(linuxAmd64);
const arm64 = imageFor(linuxArm64);
const s390x = imageFor({ os: 'linux', architecture: 's390x', variant: null });
const index = buildIndex([amd64, arm64, s390x]);

const storedOf = ({ digest, mediaType, bytes }: BuiltManifest): StoredManifest => ({
  digest,
  mediaType,
  bytes,
  manifest: parseManifest(bytes, mediaType),
});

/** A gate that says `said`, one after the other and the last for ever. */
function gateOf(built: Built, said: readonly [VerdictStatus, boolean, string?][], staleAge: number | null) {
  const all = new Map(manifestsOf(built).map((one): [Digest, StoredManifest] => [one.digest, storedOf(one)]));
  const fetched: Digest[] = [];
  const scopes: string[] = [];
  let turn = 0;
  const settled: Gate['settled'] = (_address, { digest }, scope) => {
    const [status = 'error', allowed = false, reason] = said[Math.min(turn, said.length - 1)] ?? [];
    turn += 1;
    scopes.push(scope);
    const reasons = reason === undefined ? [] : [reason];
    const clearance: Clearance = {
      ...{ digest, status, allowed, reasons, ruled: null, platforms: [], transient: false },
    };
    return Promise.resolve(clearance);
  };
  const gate: Pick<Gate, 'tag' | 'resolve' | 'settled' | 'blob'> = {
    tag: () => Promise.resolve({ manifest: storedOf(built.manifest), staleAge }),
    resolve: (_address, pointer) => {
      const found = pointer.kind === 'digest' ? all.get(pointer.digest) : undefined;
      return found === undefined ? Promise.reject(new Error('not asked for')) : Promise.resolve(found);
    },
    settled,
    blob: (_address, digest) => {
      const blob: BlobClearance = {
        ...{
          status: 'pass',
          allowed: true,
          ruled: null,
          reasons: [],
          size: 1,
          transient: false,
          failures: [],
        },
        fetch: () => {
          fetched.push(digest);
          return Promise.resolve();
        },
        open: () => Promise.resolve(null),
      };
      return Promise.resolve(blob);
    },
  };
  return { gate, fetched, scopes };
}

const tools = (gate: Pick<Gate, 'tag' | 'resolve' | 'settled' | 'blob'>, patience = 60_000) => ({
  gate,
  patience,
  platforms: () => [linuxAmd64, linuxArm64],
  now: () => performance.now(),
  stopping: new AbortController().signal,
});
const pass: [VerdictStatus, boolean] = ['pass', true];

describe('an image that is prefetched', () => {
  it.each<
    [string, Built, readonly [VerdictStatus, boolean, string?][], number | null, string, string | null]
  >([
    ['an image', amd64, [pass], null, 'ready', null],
    ['the named platforms of an index', index, [pass], null, 'ready', null],
    ['one that waits for its inspection', amd64, [['pending', false], pass], null, 'ready', null],
    ['one whose binding only warns', amd64, [['fail', true, 'CVE-1']], null, 'ready', null],
    ['one whose upstream is away', amd64, [pass], 90, 'stale', 'the upstream was heard 90 s ago'],
    ['a refused one', amd64, [['fail', false, 'CVE-1']], null, 'refused', 'CVE-1'],
    ['one that cannot be judged', amd64, [['error', false, 'a layer']], null, 'failed', 'a layer'],
  ])('%s', async (_, built, said, staleAge, outcome, reason) => {
    const { gate, fetched, scopes } = gateOf(built, said, staleAge);
    expect(await prefetchImage(named, tools(gate))).toEqual({
      outcome,
      digest: built.manifest.digest,
      reason,
    });
    // Every platform has a say, as before it runs.
    expect(new Set(scopes)).toEqual(new Set(['admit']));
    const wanted =
      built.kind === 'index' ? [...amd64.blobs.keys(), ...arm64.blobs.keys()] : [...built.blobs.keys()];
    expect(fetched).toEqual(outcome === 'ready' || outcome === 'stale' ? wanted : []);
  });

  it('is pending where its time is over', async () => {
    const { gate } = gateOf(amd64, [['pending', false, 'it is being inspected']], null);
    expect(await prefetchImage(named, tools(gate, 0))).toMatchObject({
      outcome: 'pending',
      reason: 'it is being inspected',
    });
  });

  it('has failed where the upstream does not give it', async () => {
    const { gate } = gateOf(amd64, [pass], null);
    const away = new PratiqueError('upstream-unreachable', 'nobody there');
    expect(await prefetchImage(named, tools({ ...gate, tag: () => Promise.reject(away) }))).toEqual({
      outcome: 'failed',
      digest: null,
      reason: 'nobody there',
    });
  });

  it('keeps no server from stopping', async () => {
    const { gate } = gateOf(amd64, [pass], null);
    const stopping = new AbortController();
    const running = prefetchImage(named, {
      ...tools({ ...gate, settled: () => new Promise(() => undefined) }),
      stopping: stopping.signal,
    });
    stopping.abort();
    await expect(running).rejects.toThrow('the server stops');
  });
});

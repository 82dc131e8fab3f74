import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import type { StoredManifest } from '../core/image.ts';
import type { Clearance } from '../core/ports/gate.ts';
import { defaultVettingLimits, type VettingLimits } from './limits.ts';
import { lookAt } from './look.ts';
import { image, index } from './samples-images.ts';

const amd64 = 'linux/amd64';
const one = image('one').stored;
const two = image('two').stored;
const inner = index([one, amd64], [two, amd64]);
const outer = index([inner, amd64], [image('three').stored, amd64]);

function refusal(digest: Digest, reasons: readonly string[]): Clearance {
  return { digest, status: 'error', allowed: false, ruled: null, reasons, platforms: [], transient: false };
}

function pending(digest: Digest, platform: string | null): Clearance {
  const one = { platform, digest, status: 'pending', verdict: null, failure: null } as const;
  return { ...refusal(digest, ['is fetched']), status: 'pending', platforms: [one], transient: true };
}

/** Looks where these are held; every image is being inspected, everything else is still to be fetched. */
function look(
  at: StoredManifest,
  held: readonly StoredManifest[],
  limits: Partial<VettingLimits> = {},
): Clearance {
  return lookAt(
    at,
    {
      held: (digest) => held.find((manifest) => manifest.digest === digest) ?? null,
      absent: (digest, platform) => pending(digest, platform),
      unfit: refusal,
      image: (digest, _manifest, platform) => pending(digest, platform),
    },
    {
      scope: 'admit',
      platforms: [{ os: 'linux', architecture: 'amd64', variant: null }],
      limits: { ...defaultVettingLimits, ...limits },
    },
  );
}

describe('a look at an index', () => {
  it('goes down to every image, and says what is not there yet', () => {
    const { status, platforms } = look(outer, [inner, one]);
    expect(status).toBe('pending');
    expect(platforms.map(({ digest, platform }) => [digest, platform])).toEqual([
      [one.digest, amd64],
      [two.digest, amd64],
      [outer.manifest.kind === 'index' && outer.manifest.manifests[1]?.digest, amd64],
    ]);
  });

  const bytes = inner.bytes.length + one.bytes.length;
  it.each<readonly [string, Partial<VettingLimits>, RegExp]>([
    ['too deep', { indexDepth: 1 }, /nest deeper than 1 levels/],
    ['that name too much together', { indexDescriptors: 3 }, /name more than 3 manifests/],
    ['whose manifests are too large together', { indexBytes: bytes }, /more than \d+ bytes together/],
  ])('refuses indexes %s', (_what, limits, reason) => {
    const { status, reasons } = look(outer, [inner, one, two], limits);
    expect([status, reasons.join()]).toEqual(['error', expect.stringMatching(reason)]);
  });

  it.each<readonly [string, Partial<VettingLimits>]>([
    ['two levels', { indexDepth: 2 }],
    ['four manifests', { indexDescriptors: 4 }],
  ])('takes %s where the limit is just that', (_what, limits) => {
    expect(look(outer, [inner, one, two], limits).status).toBe('pending');
  });

  it('refuses a child of another size than is stated, before anything is said of it', () => {
    const longer = { ...one, bytes: Buffer.concat([one.bytes, Buffer.from(' ')]) };
    const { status, reasons } = look(index([one, amd64]), [longer]);
    const said = `has ${one.bytes.length + 1} bytes, its index says that it has ${one.bytes.length} bytes`;
    expect([status, reasons.join()]).toEqual(['error', expect.stringContaining(said)]);
  });

  it('refuses one that is a hazard itself', () => {
    const { manifest } = outer;
    const hazardous = { ...outer, manifest: { ...manifest, hazards: ['it is two things at once'] } };
    expect(look(hazardous, [inner])).toEqual(refusal(outer.digest, ['it is two things at once']));
  });
});

import type { Digest } from '../../core/digest.ts';
import type { Descriptor } from '../../core/image.ts';
import { formatPlatform, matchesPlatform, type Platform } from '../../core/platform.ts';
import type { Clearance, ClearanceScope, PlatformClearance } from '../../core/ports/gate.ts';
import { worstStatus } from '../../core/verdict.ts';

/**
 * The children of an index that have a say: those that a runtime could choose for a named platform, and those
 * that state none. Of what states no part of a platform nobody can say what chooses it, so it has a say too.
 */
export function namedChildren(children: readonly Descriptor[], named: readonly Platform[]): Descriptor[] {
  const stated = children.map((child) => ({ child, platform: normalised(child.platform) }));
  const chosen = new Set(stated.filter(({ platform }) => platform === null).map(({ child }) => child));
  const offering = (wanted: Platform): Descriptor[] =>
    stated.flatMap(({ child, platform }) =>
      platform !== null && matchesPlatform(platform, wanted) ? [child] : [],
    );
  for (const wanted of named) {
    const exact = offering(wanted);
    const architecture = narrowerThan.get(wanted.architecture);
    for (const child of exact) chosen.add(child);
    if (architecture === undefined || exact.some(({ platform }) => isBaseline(platform))) continue;
    // A node may be too old for every variant that is offered; then it takes the narrower one.
    for (const child of offering({ os: wanted.os, architecture, variant: null })) chosen.add(child);
  }
  return children.filter((child) => chosen.has(child));
}

/** What containerd takes on a node of an architecture when an index has nothing for it (platforms, `Only`). */
const narrowerThan: ReadonlyMap<string, string> = new Map([
  ['amd64', '386'],
  ['arm64', 'arm'],
]);

/** Whether every node of the architecture can run it: amd64 without variant or v1, arm64 without or v8. */
function isBaseline(platform: Platform | null): boolean {
  return platform?.variant == null || ['', 'v1', 'v8'].includes(platform.variant);
}

/** Spellings that containerd takes for another (platforms, `Normalize`). */
const sameArchitecture: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['aarch64', 'arm64'],
  ['i386', '386'],
  ['armhf', 'arm'],
  ['armel', 'arm'],
]);

/** null: an entry without a platform, or with one that is not whole. */
function normalised(platform: Platform | null): Platform | null {
  if (platform === null || platform.os === '' || platform.architecture === '') return null;
  const architecture = platform.architecture.toLowerCase();
  return {
    ...platform,
    os: platform.os.toLowerCase(),
    architecture: sameArchitecture.get(architecture) ?? architecture,
  };
}

/** What is said of an index none of whose children is for a named platform. */
export function noNamedPlatform(children: readonly Descriptor[], named: readonly Platform[]): string {
  const offered = children.flatMap(({ platform }) => (platform === null ? [] : [formatPlatform(platform)]));
  const shown = [...new Set(offered)].slice(0, 10).join(', ');
  return `the index offers ${shown === '' ? 'no platform' : shown}, and none of those that are vetted here (${named.map(formatPlatform).join(', ')}); ask for one of its manifests by digest, or name its platform in "platforms"`;
}

/**
 * What stands of an index, from what stands of its children. `serve`: one allowed child is enough (ADR 0002);
 * `admit`: the worst of all decides.
 */
export function combine(digest: Digest, children: readonly Clearance[], scope: ClearanceScope): Clearance {
  const platforms: PlatformClearance[] = children.flatMap((child) => child.platforms);
  const refusing = children.filter((child) => !child.allowed);
  const allowing = children.filter((child) => child.allowed);
  const decisive =
    scope === 'serve' && allowing.length > 0 ? allowing : refusing.length > 0 ? refusing : allowing;
  const status = worstDecided(decisive, scope);
  const deciding = decisive.filter((child) => child.status === status);
  return {
    digest,
    status,
    allowed: decisive === allowing && allowing.length > 0,
    ruled: deciding[0]?.ruled ?? null,
    reasons: deciding.flatMap((child) => labelled(child)),
    platforms,
    // Where each may still let it in, the best of them counts; where each can refuse it, what has refused it is final.
    transient: (scope === 'serve' ? decisive : deciding).some((child) => child.transient),
  };
}

/**
 * While served children may still become allowed, a refused sibling decides nothing; for admission one refusal
 * is final whatever the others say.
 */
function worstDecided(decisive: readonly Clearance[], scope: ClearanceScope): Clearance['status'] {
  const statuses = decisive.map((child) => child.status);
  const anyAllowed = decisive.some((child) => child.allowed);
  if (scope === 'serve' && !anyAllowed && statuses.includes('pending')) return 'pending';
  return worstStatus(statuses) ?? 'error';
}

function labelled(child: Clearance): string[] {
  const platform = child.platforms.length === 1 ? child.platforms[0]?.platform : null;
  return child.reasons.map((reason) => (platform == null ? reason : `${platform}: ${reason}`));
}

import type { Digest } from '../../core/digest.ts';
import type { CachedBlob } from '../../core/ports/cache.ts';

/** Why a blob goes. */
export const evictionReasons = ['unreferenced', 'age', 'quota', 'disk', 'asked'] as const;
export type EvictionReason = (typeof evictionReasons)[number];

export interface EvictionTerms {
  /** Whether what no manifest refers to goes. */
  readonly unreferenced: boolean;
  /** Milliseconds since 1970: what a hosted repository was given later stays; what was used later is not unreferenced. */
  readonly claimedBefore: number;
  /** Milliseconds since 1970: what was not used since goes; null: age plays no role. */
  readonly usedBefore: number | null;
  /** Bytes that have to go, whatever their age. */
  readonly excess: number;
  /** Why they have to. */
  readonly pressure: Extract<EvictionReason, 'quota' | 'disk' | 'asked'>;
}

export interface Eviction {
  readonly blob: CachedBlob;
  readonly reason: EvictionReason;
}

/**
 * Which blobs go, of some in the order of their last use. Never one that is in use, that a pinned image has, or that is a
 * hosted repository's: that is no cache, but the only copy.
 */
export function chooseEvictions(
  blobs: readonly CachedBlob[],
  terms: EvictionTerms,
  isHeld: (digest: Digest) => boolean,
): readonly Eviction[] {
  let freed = 0;
  return blobs.flatMap((blob): readonly Eviction[] => {
    if (isProtected(blob, terms) || isHeld(blob.digest)) return [];
    const reason = reasonOf(blob, terms, freed);
    if (reason === null) return [];
    freed += blob.size;
    return [{ blob, reason }];
  });
}

function isProtected({ hosted, pinned, claimedAt }: CachedBlob, { claimedBefore }: EvictionTerms): boolean {
  return hosted || pinned || (claimedAt !== null && claimedAt >= claimedBefore);
}

function reasonOf(
  { referenced, size, usedAt }: CachedBlob,
  { unreferenced, claimedBefore, usedBefore, excess, pressure }: EvictionTerms,
  freed: number,
): EvictionReason | null {
  if (unreferenced && !referenced && usedAt < claimedBefore) return 'unreferenced';
  if (usedBefore !== null && usedAt < usedBefore) return 'age';
  return freed < excess && size > 0 ? pressure : null;
}

/** Whether nothing can go that was used as late as that, or later. */
export function isOver(usedAt: number, terms: EvictionTerms, freed: number): boolean {
  const { unreferenced, claimedBefore, usedBefore, excess } = terms;
  const until = Math.max(unreferenced ? claimedBefore : 0, usedBefore ?? 0);
  return freed >= excess && usedAt >= until;
}

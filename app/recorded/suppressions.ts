import { type Exception, isContextFree } from '../../core/exception.ts';
import type { StandingVerdict } from '../../core/ports/verdicts.ts';
import type { Suppressed } from '../../core/verdict.ts';
import type { ReadableState } from '../../db/state.ts';

/** An exception where it stands. */
export interface PlacedException {
  readonly exception: Exception;
  /** Name of the policy whose file it stands in; null: granted by hand. */
  readonly file: string | null;
}

export interface Effect {
  findings: number;
  images: number;
}

/** Standing verdicts read at once. */
const page = 500;

/**
 * What each exception lets through in the verdicts that stand: counts by exception. Those for certain gates, clusters
 * or namespaces have none: no verdict tells.
 */
export function effectsOf(
  placed: readonly PlacedException[],
  state: Pick<ReadableState, 'pageVerdicts'>,
): ReadonlyMap<PlacedException, Effect> {
  const groups = new Map<string, PlacedException[]>();
  const effects = new Map<PlacedException, Effect>();
  for (const one of placed) {
    if (!isContextFree(one.exception.scope)) continue;
    effects.set(one, { findings: 0, images: 0 });
    const key = keyOf(one);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  if (groups.size === 0) return effects;
  // An image that two policies judge counts once; its verdicts come one after the other.
  const counted = new Map<PlacedException, string>();
  let last: StandingVerdict | undefined;
  do {
    const standing = state.pageVerdicts(last ?? null, page);
    last = standing.at(-1);
    for (const { digest, policy, verdict } of standing) {
      for (const suppressed of verdict.suppressed) {
        if (suppressed.vex !== undefined) continue;
        const one = responsible(
          groups.get(suppressed.exception ?? fileKey(policy, suppressed)) ?? [],
          suppressed,
        );
        const effect = one === undefined ? undefined : effects.get(one);
        if (one === undefined || effect === undefined) continue;
        effect.findings += 1;
        if (counted.get(one) !== digest) effect.images += 1;
        counted.set(one, digest);
      }
    }
  } while (last !== undefined);
  return effects;
}

function keyOf({ exception, file }: PlacedException): string {
  if (exception.id !== null) return exception.id;
  const { author, reason, expires } = exception;
  return fileKey(file ?? '', { by: author, reason, expires });
}

function fileKey(
  policy: string,
  { by, reason, expires }: Pick<Suppressed, 'by' | 'reason' | 'expires'>,
): string {
  return JSON.stringify([policy, by, reason, expires]);
}

/** Several that one person wrote at once differ in what they name. */
function responsible(group: readonly PlacedException[], { id }: Suppressed): PlacedException | undefined {
  return group.find(({ exception }) => exception.advisory === id) ?? group[0];
}

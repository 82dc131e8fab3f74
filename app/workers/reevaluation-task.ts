import type { Digest } from '../../core/digest.ts';
import {
  type ErrorCode,
  errorText,
  isPratiqueError,
  type PlainError,
  toPlainError,
} from '../../core/errors.ts';
import type { InventoryView } from '../../core/inventory.ts';
import { assembleMatch, countPackages, type PackageMatches } from '../../core/match.ts';
import type { EvaluatedEntry, EvaluatedMatch, JudgedEntry } from '../../core/ports/verdicts.ts';
import type { Verdict, VerdictTerms } from '../../core/verdict.ts';
import type { AttachedVex } from '../../core/vex.ts';
import type { RecordedImage, StandingRow } from '../../db/reevaluation.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Policy } from '../../policy/policy.ts';
import { causeOf } from '../../vetting/cause.ts';

/** What all images of a round are judged by. */
export interface Bench {
  readonly policies: readonly Policy[];
  readonly scanner: string;
  /** What is recorded of repositories' attaching to an image. */
  readonly attached: (digest: Digest) => readonly AttachedVex[];
  /** @throws PratiqueError `advisories-unreadable`, `limit-exceeded` */
  readonly match: (inventory: InventoryView) => PackageMatches;
  /** What has to be written of a verdict; null: it says what stands. */
  readonly compare: (before: StandingRow | null, judged: JudgedEntry) => EvaluatedEntry | null;
  readonly now: () => number;
}

/** What came of one image. */
export interface Rejudged {
  readonly digest: Digest;
  readonly entries: readonly EvaluatedEntry[];
  /** Findings that were made again; null: those that are recorded were used. */
  readonly match: EvaluatedMatch | null;
  readonly problem: PlainError | null;
}

/** What is wrong with no single image: the round ends, and nothing is taken back. */
const aboutAll: ReadonlySet<ErrorCode> = new Set(['advisories-missing', 'advisories-unreadable']);

/**
 * Judges one image by every policy, from what is recorded. What cannot be judged is never left as it was: its verdicts
 * become errors that are overtaken at once, so that whoever follows verdicts closes, and a gate judges it when asked.
 * @throws PratiqueError `advisories-missing`, `advisories-unreadable`
 */
export function rejudge(image: RecordedImage, bench: Bench): Rejudged {
  try {
    const { images, inventory, scannedAt } = image;
    const known = image.match();
    const found = known === null ? bench.match(inventory) : null;
    const match = found === null ? known : assembleMatch(countPackages(inventory.packages()), found);
    if (match === null) throw new Error('nothing was found, and nothing was looked for');
    const attached = bench.attached(image.digest);
    const entries: EvaluatedEntry[] = [];
    for (const policy of bench.policies) {
      const at = bench.now();
      const verdict = evaluate({
        policy,
        inventory,
        match,
        image: images,
        digest: image.digest,
        attached,
        scanner: bench.scanner,
        scannedAt,
        at,
      });
      const before = image.standing(policy.name);
      if (before !== null && isLater(before.mark.terms, verdict)) continue;
      const cause = causeOf(before?.mark.terms ?? null, verdict, at);
      const entry = bench.compare(before, { digest: image.digest, verdict, cause });
      if (entry !== null) entries.push(entry);
    }
    return {
      digest: image.digest,
      entries,
      match: found === null ? null : { digest: image.digest, scannedAt, found },
      problem: null,
    };
  } catch (error) {
    if (isPratiqueError(error) && aboutAll.has(error.code)) throw error;
    return {
      digest: image.digest,
      match: null,
      ...takenBack(image, bench, toPlainError(error, 'vetting-failed')),
    };
  }
}

/** Whether a gate has judged by the very same in the meantime: what it says is of a later moment. */
function isLater(before: VerdictTerms, verdict: VerdictTerms): boolean {
  return (
    before.evaluatedAt > verdict.evaluatedAt &&
    before.policyRevision === verdict.policyRevision &&
    before.advisoriesRevision === verdict.advisoriesRevision &&
    before.scanner === verdict.scanner
  );
}

/** Where not even what stands can be read, its revision is that of before, and no gate takes it for current. */
function takenBack(
  image: RecordedImage,
  bench: Bench,
  problem: PlainError,
): Pick<Rejudged, 'entries' | 'problem'> {
  try {
    const entries = bench.policies.flatMap((policy) => {
      const before = image.standing(policy.name);
      const stood = before?.verdict() ?? null;
      if (before === null || stood === null) return [];
      const at = bench.now();
      const verdict = unjudged(stood, problem, at);
      const cause = causeOf(stood, { ...verdict, policyRevision: policy.revision }, at);
      return bench.compare(before, { digest: image.digest, verdict, cause }) ?? [];
    });
    return { entries, problem };
  } catch (error) {
    const message = `${problem.message}; what stands of it cannot be read either: ${errorText(error)}`;
    return { entries: [], problem: { ...problem, message } };
  }
}

function unjudged(before: Verdict, problem: PlainError, at: number): Verdict {
  const evaluatedAt = new Date(at).toISOString();
  return {
    ...before,
    status: 'error',
    rules: [],
    reasons: [`it could not be judged again: ${problem.message}`],
    blockers: { complete: false, list: [] },
    evaluatedAt,
    validUntil: evaluatedAt,
    next: null,
  };
}

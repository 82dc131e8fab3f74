import type { VerdictChange } from '../core/change.ts';
import { displayId } from '../core/finding.ts';
import type { EvaluatedEntry, JudgedEntry } from '../core/ports/verdicts.ts';
import { compareVerdicts, type Verdict } from '../core/verdict.ts';

/** A standing row, as far as a verdict is compared with it. */
export interface StandingRow {
  /** Another with every write, and never the same twice. */
  readonly version: number;
  readonly verdict: Verdict;
}

const mostReasons = 5;
const mostNewlyDenying = 20;

/** What has to be written of a verdict; null: it says what stands already. */
export function entryOf(before: StandingRow | null, judged: JudgedEntry): EvaluatedEntry | null {
  const { digest, verdict } = judged;
  const compared = before === null ? 'changed' : compareVerdicts(before.verdict, verdict);
  if (compared === 'same') return null;
  return {
    digest,
    policy: verdict.policy,
    status: verdict.status,
    policyRevision: verdict.policyRevision,
    advisoriesRevision: verdict.advisoriesRevision,
    dueAt: dueAt(verdict),
    text: JSON.stringify(verdict),
    before: before?.version ?? null,
    change: compared === 'changed' ? changeOf(before?.verdict ?? null, judged) : null,
  };
}

/** What `EvaluatedVerdicts.putEvaluated` takes. */
export function packEvaluated(entries: readonly EvaluatedEntry[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(entries));
}

/** What `packEvaluated` packed; it never comes from outside the process. */
export function unpackEvaluated(batch: Uint8Array): readonly EvaluatedEntry[] {
  return JSON.parse(new TextDecoder().decode(batch)) as readonly EvaluatedEntry[];
}

function changeOf(
  before: Verdict | null,
  { verdict, cause }: JudgedEntry,
): Pick<VerdictChange, 'from' | 'cause' | 'reasons' | 'newlyDenying'> {
  const denied = new Set(before === null ? [] : denyingIds(before));
  const newly = new Set(denyingIds(verdict).filter((id) => !denied.has(id)));
  return {
    from: before?.status ?? null,
    cause,
    reasons: verdict.reasons.slice(0, mostReasons),
    newlyDenying: [...newly].slice(0, mostNewlyDenying),
  };
}

function denyingIds({ blockers }: Verdict): readonly string[] {
  return blockers.list.flatMap(({ finding }) => (finding === null ? [] : [displayId(finding)]));
}

/** The first instant at which time overtakes the verdict; times are compared as texts, so all are written alike. */
function dueAt({ validUntil, next }: Verdict): string | null {
  const times = [validUntil, next?.at ?? null].flatMap((time) => (time === null ? [] : [Date.parse(time)]));
  return times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
}

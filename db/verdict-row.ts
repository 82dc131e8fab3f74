import { createHash } from 'node:crypto';
import type { Digest } from '../core/digest.ts';
import {
  type FinalStatus,
  textsOf,
  type Verdict,
  type VerdictMark,
  type VerdictTerms,
  verdictOf,
} from '../core/verdict.ts';
import { unpackSmall } from './packed-json.ts';

/** What a standing verdict is compared by, as its row has it. */
export interface MarkRow {
  readonly version: number;
  readonly status: FinalStatus;
  readonly policy_revision: string;
  readonly advisories_revision: string;
  readonly scanner: string;
  readonly evaluated_at: string;
  readonly valid_until: string | null;
  readonly next_at: string | null;
  readonly next_status: FinalStatus | null;
  readonly decided: string;
  readonly described: string;
  /** Id of its text: the version that wrote it. */
  readonly text: number;
}

/** A standing verdict with its text. */
export interface VerdictRow extends MarkRow {
  readonly digest: Digest;
  readonly policy: string;
  readonly since: string;
  readonly packed: Buffer;
}

export const markColumns = `version, status, policy_revision, advisories_revision, scanner, evaluated_at, valid_until, next_at,
  next_status, decided, described, text`;

/** Between the two texts of a verdict; JSON has none. */
const separator = '\n';

/** What a verdict says beside its terms: the same for as long as it is only renewed. */
export function markOf(verdict: Verdict): { readonly mark: VerdictMark; readonly text: () => string } {
  const { decided, described } = textsOf(verdict);
  const { policyRevision, advisoriesRevision, scanner, evaluatedAt, validUntil, next } = verdict;
  const terms = { policyRevision, advisoriesRevision, scanner, evaluatedAt, validUntil, next };
  return {
    mark: { terms, decided: digestOf(decided), described: digestOf(described) },
    text: () => decided + separator + described,
  };
}

export function markOfRow(row: MarkRow): VerdictMark {
  return { terms: termsOf(row), decided: row.decided, described: row.described };
}

/** The terms are the row's and not the text's, which a renewal leaves as it is. What this program wrote. */
export function verdictOfRow(row: MarkRow & { readonly policy: string }, packed: Uint8Array): Verdict {
  const text = unpackSmall(packed);
  const end = text.indexOf(separator);
  const texts = { decided: text.slice(0, end), described: text.slice(end + 1) };
  return verdictOf(row.policy, termsOf(row), texts);
}

function termsOf(row: MarkRow): VerdictTerms {
  const { next_at: at, next_status: status } = row;
  return {
    policyRevision: row.policy_revision,
    advisoriesRevision: row.advisories_revision,
    scanner: row.scanner,
    evaluatedAt: row.evaluated_at,
    validUntil: row.valid_until,
    next: at === null || status === null ? null : { at, status },
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

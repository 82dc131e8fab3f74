import { explainClearance } from '../core/denial.ts';
import type { Clearance } from '../core/ports/gate.ts';
import type { VerdictStatus } from '../core/verdict.ts';

/** What a gate tells a client, before it is written in HTTP. */
export type Answer =
  | { readonly kind: 'serve'; readonly warning: string | null }
  | {
      readonly kind: 'refuse';
      readonly message: string;
      readonly phrase: string;
      readonly report: string | null;
    }
  | { readonly kind: 'not-yet'; readonly message: string; readonly retryAfter: number };

/** Longest message in an error body, characters: clients print it whole. */
const longestMessage = 1200;
/** `Warning` header: at most 4096 bytes are read by clients; one line is enough. */
const longestWarning = 400;

/**
 * Turns what stands of `subject` (a name a person knows) into an answer (ADR 0009).
 * @param report where the whole verdict can be read; null when nothing listens there
 */
export function answerTo(subject: string, clearance: Answerable, report: string | null): Answer {
  const { status, allowed, reasons } = clearance;
  if (allowed) return { kind: 'serve', warning: warningOf(clearance) };
  if (status === 'pass' || status === 'warn' || status === 'pending') {
    return {
      kind: 'not-yet',
      message: `${subject} is not cleared yet: ${join(reasons, 1)}. Try again in a few seconds`,
      retryAfter: 5,
    };
  }
  const verb = verbs[status];
  return {
    kind: 'refuse',
    message: `${verb}: ${subject}: ${explainClearance({ platforms: [], ...clearance }, longestMessage)}`,
    phrase: `${verb}: ${join(reasons, 1)}`,
    report,
  };
}

/** What decides an answer; `platforms` hold the verdicts that say what to do. */
export type Answerable = Pick<Clearance, 'status' | 'allowed' | 'ruled' | 'reasons'> & {
  readonly platforms?: Clearance['platforms'];
};

/** A binding that only records has nothing to say to who asks. */
function warningOf({ status, ruled, reasons }: Answerable): string | null {
  if (status === 'pass' || ruled?.mode === 'off') return null;
  if (status === 'warn') return clip(`allowed with findings: ${join(reasons, 3)}`, longestWarning);
  if (ruled === null || ruled.mode === 'audit') return null;
  return clip(`allowed though ${status}, binding ${ruled.binding}: ${join(reasons, 3)}`, longestWarning);
}

/** A refusal begins so; what begins otherwise is no verdict. */
export const refusalVerb = 'Blocked by Pratique';

const verbs: Record<Exclude<VerdictStatus, 'pass' | 'warn' | 'pending'>, string> = {
  fail: refusalVerb,
  error: 'Not cleared by Pratique',
};

function join(reasons: readonly string[], shown: number): string {
  const more = reasons.length > shown ? ` (+${reasons.length - shown} more)` : '';
  return `${reasons.slice(0, shown).join('; ')}${more}`;
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

import type { RuleOutcome, Verdict } from '../core/verdict.ts';
import { findingSentence } from './sentences.ts';
import { oneLine, plural } from './text.ts';

/**
 * Why an image is refused, in one line of at most `limit` characters and without its name, which each gate tells itself:
 * `3 findings deny (critical-with-fix): CVE-… (fixed in …); …; +2 more`.
 */
export function explanation(verdict: Verdict, limit: number): string {
  const { head, items, total } = parts(verdict);
  // Room is kept for what tells that the list is not whole.
  let text = oneLine(head, limit - 20);
  let shown = 0;
  for (const item of items) {
    const longer = `${text}${shown === 0 ? (head === '' ? '' : ': ') : '; '}${item}`;
    if (longer.length > limit - 20) break;
    text = longer;
    shown += 1;
  }
  const first = items[0];
  if (shown === 0 && first !== undefined && limit - 20 - text.length > 40) {
    text = `${text}${head === '' ? '' : ': '}${oneLine(first, limit - 22 - text.length)}`;
    shown = 1;
  }
  return total > shown ? `${text}; +${total - shown} more` : text;
}

interface Parts {
  readonly head: string;
  readonly items: readonly string[];
  /** How many items there are in truth, as far as the verdict tells. */
  readonly total: number;
}

function parts(verdict: Verdict): Parts {
  const denying = verdict.rules.filter((rule) => rule.action === 'deny');
  // Findings that deny come first in `worst`, and at least as many as the largest rule caught deny.
  const total = Math.max(0, ...denying.map((rule) => rule.findings));
  if (total > 0 && denying.every((rule) => rule.findings > 0)) {
    const items = verdict.summary.worst.slice(0, total).map((finding) => findingSentence(finding));
    return { head: denying.map(count).join(', '), items, total };
  }
  if (verdict.reasons.length > 0) return { head: '', items: verdict.reasons, total: verdict.reasons.length };
  return { head: `its verdict is ${verdict.status}`, items: [], total: 0 };
}

function count(rule: RuleOutcome): string {
  return `${plural(rule.findings, 'finding')} ${rule.findings === 1 ? 'denies' : 'deny'} (${rule.id})`;
}

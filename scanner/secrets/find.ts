import { AnchorSearch } from './anchors.ts';
import type { SecretRule, Span } from './rule.ts';
import { secretRules } from './rules.ts';

export interface SecretHit extends Span {
  readonly rule: SecretRule;
}

const search = new AnchorSearch(secretRules);

/** Anchors that are looked at in one text: no real one has as many, and each may cost the look at a thousand characters. */
const mostAnchors = 4000;

export interface SecretsFound {
  /** In the text's order. */
  readonly hits: readonly SecretHit[];
  /** Whether that is all that there is. */
  readonly all: boolean;
}

const none: SecretsFound = { hits: [], all: true };

/**
 * Secrets in a text; where two rules see the same place, the first one's.
 * @param most so many are given at most
 */
export function findSecrets(bytes: Buffer, most: number): SecretsFound {
  const anchors = search.in(bytes, mostAnchors + 1);
  if (anchors.length === 0) return none;
  const text = bytes.toString('latin1');
  const hits: SecretHit[] = [];
  for (const { at, rules } of anchors.slice(0, mostAnchors)) {
    if (hits.length === most) return { hits: inOrder(hits), all: false };
    for (const rule of rules) {
      const span = rule.find(text, at);
      if (span === null || hits.some(({ start, end }) => span.start < end && start < span.end)) continue;
      hits.push({ rule, ...span });
      break;
    }
  }
  return { hits: inOrder(hits), all: anchors.length <= mostAnchors };
}

function inOrder(hits: readonly SecretHit[]): readonly SecretHit[] {
  return hits.toSorted((a, b) => a.start - b.start);
}

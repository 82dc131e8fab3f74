import { bindsTo, parseLicenseExpression } from '../core/license-expression.ts';
import { matchesName } from './bindings/glob.ts';

/** Expressions whose answer is kept while one image is judged; real images have a few hundred. */
const mostRemembered = 5000;

/**
 * Whether a package is under a licence that one of the patterns names, whichever licence one chooses where it leaves a
 * choice: `MIT OR GPL-3.0-only` is not under `GPL-*`, and `MIT AND GPL-3.0-only` is. A package that declares none is
 * under `unknown`.
 */
export function licenceMatcher(patterns: readonly string[]): (licences: readonly string[]) => boolean {
  const matches = (licence: string): boolean => patterns.some((pattern) => matchesName(pattern, licence));
  const known = new Map<string, boolean>();
  const answer = (text: string): boolean => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const expression = parseLicenseExpression(text);
    const matched = expression === null ? matches(text) : matches(text) || bindsTo(expression, matches);
    if (known.size < mostRemembered) known.set(text, matched);
    return matched;
  };
  return (licences) => (licences.length === 0 ? matches('unknown') : licences.some(answer));
}

/** One kind of secret. Pure; raise `secretsVersion` (rules.ts) with every change. */
export interface SecretRule {
  readonly id: string;
  /** What it is, with its article: `a GitHub token`. */
  readonly what: string;
  /** Whether its shape proves it; else it is told as a possible secret. */
  readonly certain: boolean;
  /**
   * Texts of which one stands in every such secret, for the one search through the whole file: rare ones, of four
   * characters at least.
   */
  readonly anchors: readonly string[];
  /**
   * Where the secret begins and ends that has an anchor at `at`; null: there is none. Never throws, and takes time that is
   * bounded whatever the text.
   * @param text one character per byte
   */
  find(text: string, at: number): Span | null;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A rule's `find` for a pattern that begins at the anchor, or `back` characters before it.
 * @param pattern sticky; its lengths are bounded
 * @param isReal looks at the pattern's groups, of which 0 is the whole
 */
export function by(
  pattern: RegExp,
  isReal: (groups: readonly string[]) => boolean,
  back = 0,
): SecretRule['find'] {
  return (text, at) => {
    const start = at - back;
    if (start < 0) return null;
    pattern.lastIndex = start;
    const found = pattern.exec(text);
    if (found === null || !isReal(found)) return null;
    return { start, end: start + found[0].length };
  };
}

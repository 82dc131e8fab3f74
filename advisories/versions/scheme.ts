/** How the versions of one packaging system are ordered. */
export interface VersionScheme {
  readonly name: string;
  /**
   * Negative, zero or positive as `a` is older than, the same as or newer than `b`; null when either of them
   * is no version of this scheme. Never throws, whatever the text.
   */
  compare(a: string, b: string): number | null;
  /**
   * False only where `compare` does not find them equal: a glance, for lists of hundreds of versions of which one is looked
   * for. Left out: nothing cheaper than comparing tells.
   */
  mayEqual?(a: string, b: string): boolean;
}

/** Longer texts are no versions: dpkg, apk and npm know none above 256 characters. */
export const longestVersion = 1024;

/** Orders two runs of decimal digits of any length by value; an empty run counts as 0. */
export function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

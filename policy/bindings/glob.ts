/**
 * Whether a text fits a pattern in which `*` stands for any characters, none included. Each part between two stars is
 * looked for once, the leftmost place first, which suffices.
 */
export function matchesName(pattern: string, text: string): boolean {
  const first = pattern.indexOf('*');
  if (first < 0) return pattern === text;
  const last = pattern.lastIndexOf('*');
  const suffix = pattern.length - last - 1;
  if (text.length < first + suffix) return false;
  if (!text.startsWith(pattern.slice(0, first)) || !text.endsWith(pattern.slice(last + 1))) return false;
  if (first === last) return true;
  let from = first;
  for (const part of pattern.slice(first + 1, last).split('*')) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= text.length - suffix;
}

/** Whether everything that fits one pattern fits the wider one: a `*` of the narrower can be met by a `*` alone. */
export function coversName(wider: string, narrower: string): boolean {
  return matchesName(wider, narrower);
}

/** Longer ones are the text of a license, not its name. */
const longest = 200;
const most = 20;

/** Names of licenses as a package gives them, without what is none; each once. */
export function licenseNames(texts: Iterable<unknown>): readonly string[] {
  const names = new Set<string>();
  for (const text of texts) {
    if (typeof text !== 'string') continue;
    const name = text.trim();
    if (name === '' || name.length > longest || name.includes('\n')) continue;
    names.add(name);
    if (names.size === most) break;
  }
  return [...names];
}

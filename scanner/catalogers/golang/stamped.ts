/** How projects call the variable in which the linker puts the version (`go build -ldflags "-X main.version=v1.2.3"`). */
const variable = /^(?:app|build|cli|git|program|release|sem(?:antic)?)?_?(?:version|tag)$/i;
const version = /^v?[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
/** What `git describe` says between tags, and builds of a tree that is on its way, are no versions that advisories know. */
const between = /-[0-9]+-g[0-9a-f]{6,}|dirty|snapshot|next/i;
const begin = 'build\t-ldflags=';

/**
 * The version of a main module that Go knows none of, as whoever built it told the linker; null: he told none, or several.
 * Flags are recorded by Go 1.18 and later, and left out with `-trimpath`.
 */
export function stampedVersion(lines: readonly string[], module: string): string | null {
  const flags = lines.find((line) => line.startsWith(begin))?.slice(begin.length) ?? '';
  const found = new Set<string>();
  for (const match of flags.matchAll(/-X[\s=]+(?:\\?["'])?([^\s"'\\=]+)=([^\s"'\\]*)/g)) {
    const [, symbol = '', value = ''] = match;
    const dot = symbol.lastIndexOf('.');
    const isOurs = isWithin(symbol.slice(0, dot), module);
    if (!isOurs || !variable.test(symbol.slice(dot + 1))) continue;
    if (version.test(value) && !between.test(value)) found.add(value.replace(/^v?/, 'v'));
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

function isWithin(path: string, module: string): boolean {
  return path === 'main' || path === module || path.startsWith(`${module}/`);
}

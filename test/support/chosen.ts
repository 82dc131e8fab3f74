/**
 * Those of a program's parts that its command line names; all, where it names none.
 * @throws Error where there is none of a name
 */
export function chosen<Part extends { readonly name: string }>(
  parts: readonly Part[],
  option: string,
  named: readonly string[] | undefined,
): readonly Part[] {
  const names = parts.map(({ name }) => name);
  const unknown = (named ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(`${option}: found ${unknown.join(', ')}, allowed are ${names.join(', ')}`);
  }
  return parts.filter(({ name }) => named === undefined || named.includes(name));
}

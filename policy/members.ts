/** Names by the CVE that they are of; feeds have names of their own for each (`DEBIAN-CVE-…`). */
export function membersOf(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const members = new Map<string, string[]>();
  for (const name of names) {
    const cve = cveIn(name);
    if (cve === null) continue;
    const known = members.get(cve);
    if (known === undefined) members.set(cve, [name]);
    else known.push(name);
  }
  return members;
}

export function cveIn(name: string): string | null {
  return /CVE-\d{4}-\d+/.exec(name)?.[0] ?? null;
}

import { ecosystemOfClass, ecosystemOfSystem } from '../advisories/ecosystems.ts';
import type { Coverage } from '../core/finding.ts';
import { type Inventory, systemPackageTypes } from '../core/inventory.ts';
import { type PackageClass, packageClass } from '../core/match.ts';
import type { Looked } from '../core/ports/scanner.ts';

/**
 * What another scanner's silence is worth, for each kind of packages that the inventory has. What it does not say that it
 * has looked at is not covered, whatever it has found elsewhere. Packages that the distribution brought are the
 * distribution's.
 * @param feed the scanner's name and version, and of when its advisories are
 */
export function reportedCoverage(
  { os, packages }: Pick<Inventory, 'os' | 'packages'>,
  looked: Looked,
  feed: { readonly name: string; readonly updatedAt: string | null },
): readonly Coverage[] {
  const entries = new Map<string, Coverage>();
  const count = (
    of: { readonly ecosystem: string; readonly release: string | null },
    covered: boolean,
    more: number,
  ): void => {
    const before = entries.get(of.ecosystem);
    entries.set(of.ecosystem, {
      ecosystem: of.ecosystem,
      release: of.release,
      feed: feed.name,
      updatedAt: feed.updatedAt,
      // One kind of its packages that nobody has looked at is enough.
      covered: covered && (before?.covered ?? true),
      packages: (before?.packages ?? 0) + more,
    });
  };
  const counts = new Map<PackageClass, number>();
  for (const one of packages) {
    if (one.ownedBy !== undefined && looked.system === null) continue;
    const its = packageClass(one);
    counts.set(its, (counts.get(its) ?? 0) + 1);
  }
  const system = os === null ? null : ecosystemOfSystem(os).ecosystem;
  if (os !== null) count(ecosystemOfSystem(os), looked.system === null, 0);
  for (const [its, number] of counts) {
    const of = ecosystemOfClass(os, its);
    // A Debian package on Alpine is not the system's, and nobody has looked at it.
    // Whose advisories speak of which program is another matter there.
    const type = its === 'unspoken' ? 'generic' : its;
    const isSystems = type !== 'drupal' && systemPackageTypes.has(type);
    const covered = isSystems
      ? looked.system === null && of.ecosystem === system
      : type !== 'drupal' && looked.types.includes(type);
    count(of, covered, number);
  }
  return [...entries.values()].sort((a, b) => (a.ecosystem < b.ecosystem ? -1 : 1));
}

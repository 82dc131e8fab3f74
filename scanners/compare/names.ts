import { displayId, type Finding } from '../../core/finding.ts';
import type { Package } from '../../core/inventory.ts';

/** Names that mean the same advisory, of one finding: CVE ids that a distribution's own are made of count too. */
export function idsOf({ id, aliases }: Pick<Finding, 'id' | 'aliases'>): ReadonlySet<string> {
  const all = new Set<string>();
  for (const name of [id, ...aliases]) {
    all.add(name.toUpperCase());
    const cve = /CVE-[0-9]{4}-[0-9]{4,19}$/.exec(name.toUpperCase())?.[0];
    if (cve !== undefined) all.add(cve);
  }
  return all;
}

/** The name that people know a finding by: `DEBIAN-CVE-2024-1` is `CVE-2024-1`. */
export function knownAs(finding: Finding): string {
  const name = displayId(finding);
  return /CVE-[0-9]{4}-[0-9]{4,19}$/.exec(name)?.[0] ?? name;
}

/** Names of packages as scanners agree on them: without case, and of Python with one kind of hyphen. */
export function packageKey({ package: name, packageType }: Pick<Finding, 'package' | 'packageType'>): string {
  const plain = name.toLowerCase();
  return packageType === 'pypi' ? plain.replace(/[-_.]+/g, '-') : plain;
}

export function keyOfPackage({ name, type }: Pick<Package, 'name' | 'type'>): string {
  return packageKey({ package: name, packageType: type });
}

/** Versions as scanners agree on them: without an epoch, Go's `v`, and what comes before the `go` of its own. */
export function versionKey(version: string): string {
  return version.replace(/^(?:[0-9]+:|v(?=[0-9])|go(?=[0-9]))/, '');
}

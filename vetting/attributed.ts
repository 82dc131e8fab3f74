import type { Finding } from '../core/finding.ts';
import type { Package } from '../core/inventory.ts';

/**
 * Another scanner's findings, each once, with what the inventory knows of their packages: what they were built from, and of
 * which kind they are where the scanner has no word for it. A finding of a package that the inventory does not have stays
 * as it is.
 */
export function attributed(findings: readonly Finding[], packages: readonly Package[]): readonly Finding[] {
  const byName = new Map<string, Package[]>();
  for (const one of packages) {
    const key = nameKey(one.name, one.version);
    const others = byName.get(key);
    if (others === undefined) byName.set(key, [one]);
    else others.push(one);
  }
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const told = toldWith(finding, byName.get(nameKey(finding.package, finding.version)) ?? []);
    const key = JSON.stringify([told.packageType, told.package, told.version, told.purl, told.id]);
    if (!seen.has(key)) seen.set(key, told);
  }
  return [...seen.values()];
}

function toldWith(finding: Finding, candidates: readonly Package[]): Finding {
  const isTyped = finding.purl !== '' || finding.packageType !== 'generic';
  const own = candidates.find((one) => !isTyped || one.type === finding.packageType);
  if (own === undefined) return finding;
  return {
    ...finding,
    packageType: own.type,
    purl: finding.purl === '' ? own.purl : finding.purl,
    source: finding.source === finding.package ? own.source.name : finding.source,
  };
}

function nameKey(name: string, version: string): string {
  return `${name}\n${version}`;
}

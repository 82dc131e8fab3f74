import type { Finding } from '../../core/finding.ts';
import type { Package } from '../../core/inventory.ts';
import { compareSeverity, type Severity } from '../../core/severity.ts';
import type { ScannedLayer, ScanResult } from './scan-result.ts';

/** What one layer brought. */
export interface LayerShare extends ScannedLayer {
  readonly packages: number;
  /** Of its packages; one that two layers brought counts for both. */
  readonly findings: number;
  readonly worst: Severity | null;
}

export function layersOf({ layers, inventory, match }: ScanResult): readonly LayerShare[] {
  const found = new Map<string, Finding[]>();
  for (const finding of match.findings) {
    const others = found.get(finding.purl);
    if (others === undefined) found.set(finding.purl, [finding]);
    else others.push(finding);
  }
  const brought = new Map<string, Package[]>();
  for (const one of inventory.packages) {
    const others = brought.get(one.layer ?? '');
    if (others === undefined) brought.set(one.layer ?? '', [one]);
    else others.push(one);
  }
  const told = new Set<string>();
  return layers.map((layer) => {
    // Empty layers often are there more than once, and have brought what they brought the first time.
    const packages = told.has(layer.digest) ? [] : (brought.get(layer.digest) ?? []);
    told.add(layer.digest);
    const purls = new Set(packages.map(({ purl }) => purl));
    const findings = [...purls].flatMap((purl) => found.get(purl) ?? []);
    const [worst = null] = findings.map(({ severity }) => severity).sort(compareSeverity);
    return { ...layer, packages: packages.length, findings: findings.length, worst };
  });
}

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { matchInventory } from '../../advisories/match/index.ts';
import type { Inventory, Package, PackageType } from '../../core/inventory.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { cli } from '../../test/support/pratique.ts';
import { type Cost, costOf } from './peak-memory.ts';

export interface MatchingMeasured {
  readonly packages: number;
  readonly findings: number;
  /** Milliseconds of the first time in this process, and of the times after it. */
  readonly first: number;
  readonly later: readonly number[];
}

/** Imports everything that lies in a folder of OSV bulk exports, anew each time, by the real command. */
export async function measureImports(scratch: string, osv: string, turns: number): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    rmSync(join(scratch, 'imported'), { recursive: true, force: true });
    costs.push(
      await costOf([cli, 'advisories', 'update', '--from', osv, '--data', join(scratch, 'imported')]),
    );
  }
  return costs;
}

/** An image of which advisories speak of every third package, as of real ones. */
export function measureMatching(scratch: string, count: number, turns: number): MatchingMeasured {
  const known = Math.ceil(count / 3);
  const index = openAdvisoryIndex(join(scratch, 'imported', 'advisories.db'));
  try {
    const packages = [
      ...some('deb', 'Debian:12', namesIn(index, 'Debian:12'), Math.floor(known * 0.3)),
      ...some('npm', 'npm', namesIn(index, 'npm'), Math.floor(known * 0.4)),
      ...some('pypi', 'PyPI', namesIn(index, 'PyPI'), Math.ceil(known * 0.3)),
    ];
    const others = Array.from({ length: count - packages.length }, (_, n) => `unheard-of-${n}`);
    packages.push(...some('deb', 'Debian:12', others, others.length));
    const inventory = inventoryOf(packages);
    const times: number[] = [];
    let findings = 0;
    for (let turn = 0; turn <= turns; turn += 1) {
      const started = performance.now();
      findings = matchInventory(inventory, index).findings.length;
      times.push(performance.now() - started);
    }
    const [first = Number.NaN, ...later] = times;
    return { packages: packages.length, findings, first, later };
  } finally {
    index.close();
  }
}

function namesIn(index: AdvisoryIndex, ecosystem: string): readonly string[] {
  return [...'abcdefghijklmnopqrstuvwxyz0123456789'].flatMap((ending) =>
    index.packagesEnding(ecosystem, ending),
  );
}

/** Spread over all names of an ecosystem, in versions some of which are old. */
function some(type: PackageType, ecosystem: string, names: readonly string[], count: number): Package[] {
  const step = Math.max(1, Math.floor(names.length / count));
  return names
    .filter((_, position) => position % step === 0)
    .slice(0, count)
    .map((name, position) => {
      const version =
        type === 'deb' ? `${position % 9}.${position % 30}-1` : `${position % 9}.${position % 30}.0`;
      return {
        type,
        name,
        version,
        arch: null,
        source: { name, version },
        purl: `pkg:${type}/${encodeURIComponent(name)}@${version}?of=${encodeURIComponent(ecosystem)}`,
        layer: null,
        paths: [],
        licenses: [],
      };
    });
}

function inventoryOf(packages: readonly Package[]): Inventory {
  return {
    os: { id: 'debian', versionId: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
    platform: { os: 'linux', architecture: 'amd64', variant: null },
    packages,
    incomplete: [],
    unfit: [],
    analyzers: 'bench/1',
    content: 'image',
    facts: null,
    checks: [],
  };
}

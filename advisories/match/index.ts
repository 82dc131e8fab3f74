import type { Finding, MatchResult } from '../../core/finding.ts';
import type { Inventory, Package } from '../../core/inventory.ts';
import { caselessName } from '../../core/package-name.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { normalisedPythonName } from '../../core/python-name.ts';
import { ecosystemOf, namesOf } from '../ecosystems.ts';
import { endOfLifeOf } from '../end-of-life.ts';
import { schemeOfPackageType } from '../versions/index.ts';
import { coverageOf, oldestFeed, stateOf } from './coverage.ts';
import { compareFindings, type FindingBody, findingOf, reportFor } from './finding.ts';
import { joinApplicable } from './join.ts';
import { kernelSource } from './kernels.ts';
import { defaultMatchLimits, type MatchLimits, refuseMore, searchCost } from './limits.ts';
import { mavenNames } from './maven.ts';
import { isAboutBuild } from './modules.ts';
import { isUnsaid, OwnersWords } from './owned.ts';

/**
 * Which advisories apply to the packages of an inventory, worst first, and what the index cannot tell. Depends
 * on its arguments alone.
 * @throws PratiqueError `limit-exceeded`
 */
export function matchInventory(
  inventory: Inventory,
  index: AdvisoryIndex,
  limits: MatchLimits = defaultMatchLimits,
): MatchResult {
  let comparisons = 0;
  const subjects = new Map<string, readonly FindingBody[]>();
  const findings = new Map<string, Finding>();
  const words = new OwnersWords(inventory, {
    index,
    isCovered: (of) => stateOf(of, index).covered,
    namesFor: (one) => subjectOf(one, index).names,
  });
  for (const one of inventory.packages) {
    const of = ecosystemOf(inventory.os, one);
    if (!of.known) continue;
    const subject = subjectOf(one, index);
    if (subject.certain === false) comparisons += searchCost;
    // Many binary packages come from one source: ask for each source once.
    const word = words.of(one);
    const owner = word === null ? '' : (one.ownedBy ?? '');
    const key = [one.type, one.modularityLabel ?? '', owner, subject.version, ...subject.names].join('\n');
    let bodies = subjects.get(key);
    if (bodies === undefined) {
      const rows = namesOf(of)
        .flatMap((ecosystem) => subject.names.flatMap((name) => index.affecting(ecosystem, name)))
        .filter((row) => one.type !== 'rpm' || isAboutBuild(row, one))
        // No distribution tells of malware among the packages of a language.
        .filter((row) => word?.wholly !== true || row.advisory.kind === 'malware');
      comparisons += rows.length;
      refuseMore('comparisons with advisories', comparisons, limits.comparisons);
      bodies = joinApplicable(rows, subject.version, schemeOfPackageType(one.type))
        .filter((joined) => word === null || isUnsaid(joined, word))
        .map((joined) =>
          findingOf(subject.certain === false ? { ...joined, determined: false } : joined, index),
        );
      subjects.set(key, bodies);
    }
    for (const body of bodies) {
      // The same package in two places is one package to whoever has to update it.
      const identity = [one.type, one.name, one.version, one.arch ?? '', one.purl, body.id].join('\n');
      findings.set(identity, reportFor(one, body));
    }
    refuseMore('findings', findings.size, limits.findings);
  }
  const coverage = coverageOf(inventory, index, (one) => words.of(one)?.wholly === true);
  return {
    findings: [...findings.values()].sort(compareFindings),
    coverage,
    advisories: { revision: index.revision, updatedAt: oldestFeed(coverage, index) },
    endOfLife: endOfLifeOf(inventory.os, index),
  };
}

/** Under which names advisories speak of a package, and which of its versions they mean. */
interface Subject {
  readonly names: readonly string[];
  readonly version: string;
  /** False: advisories under these names may be about another package. */
  readonly certain?: boolean;
}

function subjectOf(one: Package, index: AdvisoryIndex): Subject {
  switch (one.type) {
    case 'deb':
      return sourceSubject(one);
    case 'apk':
      // Advisories are filed under the origin; some feeds also speak of a subpackage by its own name.
      return { names: [...new Set([one.source.name, one.name])], version: one.version };
    case 'rpm':
      return { names: [one.name], version: one.version };
    case 'pypi':
      return { names: [normalisedPythonName(one.name)], version: one.version };
    case 'maven':
      return { ...mavenNames(one, index), version: one.version };
    case 'composer':
    case 'nuget':
      return { names: [caselessName(one.name)], version: one.version };
    case 'npm':
    case 'golang':
    case 'gem':
    case 'cargo':
      return { names: [one.name], version: one.version };
  }
}

/** Advisories of Debian and its kin speak of sources. */
function sourceSubject(one: Package): Subject {
  const { name, version } = kernelSource(one.source);
  return { names: [name], version };
}

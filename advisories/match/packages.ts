import type { OperatingSystem, Package } from '../../core/inventory.ts';
import { type PackageFound, packageClass } from '../../core/match.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { ecosystemOf, namesOf } from '../ecosystems.ts';
import { schemeOfPackageType } from '../versions/index.ts';
import { type FindingBody, findingOf, reportFor, worseOf } from './finding.ts';
import { joinApplicable } from './join.ts';
import { defaultMatchLimits, type MatchLimits, refuseMore, searchCost } from './limits.ts';
import { isAboutBuild } from './modules.ts';
import { isUnsaid, OwnersWords } from './owned.ts';
import { subjectOf } from './subjects.ts';

/** To look at one version of a list, of a comparison with a record. */
const listedCost = 1 / 8;

/** Subjects that are kept in mind: those of one image, or of packages that are looked at one after the other. */
const mostSubjects = 20_000;

/** Finds what applies to one package after the other, of one image or of many. */
export class PackageMatcher {
  readonly #index: AdvisoryIndex;
  readonly #limits: MatchLimits;
  /** Many binary packages come from one source: each source is asked for once. */
  readonly #subjects = new Map<string, readonly FindingBody[]>();
  readonly #words: OwnersWords;
  #comparisons = 0;

  constructor(index: AdvisoryIndex, limits: MatchLimits = defaultMatchLimits) {
    this.#index = index;
    this.#limits = limits;
    this.#words = new OwnersWords(index);
  }

  /** What is compared from here on counts for another image, or another package that stands on its own. */
  next(): void {
    this.#comparisons = 0;
    if (this.#subjects.size >= mostSubjects) this.#subjects.clear();
    this.#words.bound(mostSubjects);
  }

  /**
   * @param owners the system's packages that brought it (`ownersIn`)
   * @throws PratiqueError `limit-exceeded`
   */
  find(os: OperatingSystem | null, one: Package, owners: readonly Package[]): PackageFound {
    const of = ecosystemOf(os, one);
    if (!of.known) return nothing;
    const word = this.#words.on(os, one, owners);
    const spokenFor = word?.wholly === true ? packageClass(one) : null;
    const subject = subjectOf(one, this.#index);
    if (!subject.certain) this.#comparisons += searchCost;
    const ecosystems = namesOf(of);
    const key = JSON.stringify([
      ...[ecosystems[0], one.type, one.modularityLabel ?? '', subject.certain, subject.version],
      ...[word?.wholly, word?.key],
      subject.names,
    ]);
    let bodies = this.#subjects.get(key);
    if (bodies === undefined) {
      const rows = ecosystems
        .flatMap((ecosystem) => subject.names.flatMap((name) => this.#index.affecting(ecosystem, name)))
        .filter((row) => one.type !== 'rpm' || isAboutBuild(row, one))
        // No distribution tells of malware among the packages of a language.
        .filter((row) => word?.wholly !== true || row.advisory.kind === 'malware');
      for (const { affected } of rows) this.#comparisons += 1 + (affected.listed ?? 0) * listedCost;
      refuseMore('comparisons with advisories', this.#comparisons, this.#limits.comparisons);
      bodies = distinct(
        joinApplicable(rows, subject.version, schemeOfPackageType(one.type))
          .filter((joined) => word === null || isUnsaid(joined, word))
          .map((joined) =>
            findingOf(subject.certain ? joined : { ...joined, determined: false }, this.#index),
          ),
      );
      this.#subjects.set(key, bodies);
    }
    if (bodies.length === 0 && spokenFor === null) return nothing;
    return { findings: bodies.map((body) => reportFor(one, body)), spokenFor };
  }
}

const nothing: PackageFound = { findings: [], spokenFor: null };

/** One for each record that names it; where two have one name, what is worse of both. */
function distinct(bodies: readonly FindingBody[]): readonly FindingBody[] {
  const found = new Map<string, FindingBody>();
  for (const body of bodies) {
    const known = found.get(body.id);
    found.set(body.id, known === undefined ? body : worseOf(known, body));
  }
  return [...found.values()];
}

import type { OperatingSystem, Package } from '../../core/inventory.ts';
import { packageIdentity, systemKey } from '../../core/match.ts';
import type { AdvisoryIndex, AffectedRow } from '../../core/ports/advisories.ts';
import { isNamedFor, silenceOf } from '../comprehensive.ts';
import { ecosystemOf, namesOf } from '../ecosystems.ts';
import { stateOf } from './ground.ts';
import type { Joined } from './join.ts';
import { isAboutBuild } from './modules.ts';
import { subjectOf } from './subjects.ts';

/** What the distribution's advisories say of a language's package that one of its own packages brought. */
export interface OwnersWord {
  /** They would name what is wrong with it, so that a language's advisories say nothing more. */
  readonly wholly: boolean;
  /** Every id that they name for the owner, whether it is affected or not. */
  readonly named: ReadonlySet<string>;
  /** Whose word it is: another for other owners. */
  readonly key: string;
}

/** What is said of all packages that own one. */
interface Owners {
  readonly named: ReadonlySet<string>;
  /** The distribution's advisories have named each, if only once. */
  readonly known: boolean;
}

/** The distribution's word on packages that it brought (docs/adr/0021-ownership.md). */
export class OwnersWords {
  readonly #index: AdvisoryIndex;
  readonly #owners = new Map<string, Owners | null>();

  constructor(index: AdvisoryIndex) {
    this.#index = index;
  }

  /** Forgets what was found out, where that is more than `most`. */
  bound(most: number): void {
    if (this.#owners.size >= most) this.#owners.clear();
  }

  /**
   * Null: the package is nobody's, or the distribution's advisories are not known.
   * @param owners what `ownersIn` tells
   */
  on(os: OperatingSystem | null, one: Package, owners: readonly Package[]): OwnersWord | null {
    if (owners.length === 0 || one.ownedBy === undefined) return null;
    const key = JSON.stringify([systemKey(os), owners.map((owner) => packageIdentity(os, owner, []))]);
    let said = this.#owners.get(key);
    if (said === undefined) {
      said = this.#saidOf(os, owners);
      this.#owners.set(key, said);
    }
    if (said === null) return null;
    // Others make packages too, of whose faults the distribution says nothing.
    const ofDistribution = said.known || isNamedFor(one.ownedBy, one.type);
    const wholly = ofDistribution && owners.every((owner) => isItself(os, owner, one));
    return { wholly, named: said.named, key };
  }

  #saidOf(os: OperatingSystem | null, owners: readonly Package[]): Owners | null {
    const rows: AffectedRow[] = [];
    let known = true;
    for (const owner of owners) {
      const about = this.#rowsOf(os, owner);
      if (about === null) return null;
      known &&= about.length > 0;
      rows.push(...about);
    }
    const ids = rows.flatMap(({ advisory }) => [advisory.id, ...advisory.aliases, ...advisory.upstream]);
    return { known, named: new Set(ids) };
  }

  /** What is said of a package of the system; null: nobody says anything of that system. */
  #rowsOf(os: OperatingSystem | null, owner: Package): readonly AffectedRow[] | null {
    const of = ecosystemOf(os, owner);
    if (!of.known || !stateOf(of, this.#index).covered) return null;
    const { names } = subjectOf(owner, this.#index);
    return namesOf(of)
      .flatMap((ecosystem) => names.flatMap((name) => this.#index.affecting(ecosystem, name)))
      .filter((row) => row.advisory.kind !== 'bugfix' && (owner.type !== 'rpm' || isAboutBuild(row, owner)));
  }
}

/** Whether a language's package is what its owner was made from, in a distribution that tells of all faults. */
function isItself(os: OperatingSystem | null, owner: Package, one: Package): boolean {
  const { ecosystem } = ecosystemOf(os, owner);
  return (
    silenceOf(ecosystem, one.type) === 'all' &&
    [owner.source.version, owner.version].some((version) => isVersionOf(version, one.version))
  );
}

/**
 * Whether a distribution's version is one of this upstream version: `1:2.28.1+dfsg-1` of `2.28.1`. Copies of other
 * projects that a package holds have versions of their own, and are rarely what its advisories speak of.
 */
function isVersionOf(version: string, upstream: string): boolean {
  const plain = version.replace(/^[0-9]+:/, '');
  return upstream !== '' && plain.startsWith(upstream) && /^(?:$|[-+~_^])/.test(plain.slice(upstream.length));
}

/** What of joined records of a language stays where the distribution has a word on the package. */
export function isUnsaid(joined: Joined, { named }: OwnersWord): boolean {
  if (joined.rows.some(({ advisory }) => advisory.kind === 'malware')) return true;
  const ids = [...joined.ids];
  const cves = ids.filter((id) => id.startsWith('CVE-'));
  return cves.length === 0 ? !ids.some((id) => named.has(id)) : !cves.every((id) => named.has(id));
}

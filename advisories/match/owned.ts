import { type Inventory, type Package, systemPackageTypes } from '../../core/inventory.ts';
import type { AdvisoryIndex, AffectedRow } from '../../core/ports/advisories.ts';
import { isNamedFor, silenceOf } from '../comprehensive.ts';
import { type EcosystemOf, ecosystemOf, namesOf } from '../ecosystems.ts';
import type { Joined } from './join.ts';
import { isAboutBuild } from './modules.ts';

/** What the distribution's advisories say of a language's package that one of its own packages brought. */
export interface OwnersWord {
  /** They would name what is wrong with it, so that a language's advisories say nothing more. */
  readonly wholly: boolean;
  /** Every id that they name for the owner, whether it is affected or not. */
  readonly named: ReadonlySet<string>;
}

interface Asking {
  readonly index: AdvisoryIndex;
  readonly isCovered: (of: EcosystemOf) => boolean;
  /** Names under which advisories speak of a package of the system. */
  readonly namesFor: (one: Package) => readonly string[];
}

/** Of one name there are some for several architectures, and kernels. More are nobody's. */
const mostOwners = 20;

/** What is said of all packages of one name. */
interface Owners {
  readonly packages: readonly Package[];
  readonly named: ReadonlySet<string>;
  /** The distribution's advisories have named each, if only once. */
  readonly known: boolean;
}

/** The distribution's word on packages of an inventory (docs/adr/0021-ownership.md). */
export class OwnersWords {
  readonly #inventory: Inventory;
  readonly #asking: Asking;
  #packages: ReadonlyMap<string, readonly Package[]> | null = null;
  readonly #owners = new Map<string, Owners | null>();

  constructor(inventory: Inventory, asking: Asking) {
    this.#inventory = inventory;
    this.#asking = asking;
  }

  /** Null: the package is nobody's, or the distribution's advisories are not known. */
  of(one: Package): OwnersWord | null {
    if (one.ownedBy === undefined || systemPackageTypes.has(one.type)) return null;
    let owners = this.#owners.get(one.ownedBy);
    if (owners === undefined) {
      owners = this.#ownersOf(one.ownedBy);
      this.#owners.set(one.ownedBy, owners);
    }
    if (owners === null) return null;
    const { packages, named, known } = owners;
    // Others make packages too, of whose faults the distribution says nothing.
    const ofDistribution = known || isNamedFor(one.ownedBy, one.type);
    return { wholly: ofDistribution && packages.every((owner) => this.#isItself(owner, one)), named };
  }

  #ownersOf(name: string): Owners | null {
    this.#packages ??= systemPackages(this.#inventory);
    const packages = this.#packages.get(name) ?? [];
    if (packages.length === 0 || packages.length > mostOwners) return null;
    const rows: AffectedRow[] = [];
    let known = true;
    for (const owner of packages) {
      const about = this.#rowsOf(owner);
      if (about === null) return null;
      known &&= about.length > 0;
      rows.push(...about);
    }
    const ids = rows.flatMap(({ advisory }) => [advisory.id, ...advisory.aliases, ...advisory.upstream]);
    return { packages, known, named: new Set(ids) };
  }

  /** Whether a language's package is what its owner was made from, in a distribution that tells of all faults. */
  #isItself(owner: Package, one: Package): boolean {
    const { ecosystem } = ecosystemOf(this.#inventory.os, owner);
    return (
      silenceOf(ecosystem, one.type) === 'all' &&
      [owner.source.version, owner.version].some((version) => isVersionOf(version, one.version))
    );
  }

  /** What is said of a package of the system; null: nobody says anything of that system. */
  #rowsOf(owner: Package): readonly AffectedRow[] | null {
    const { index, isCovered, namesFor } = this.#asking;
    const of = ecosystemOf(this.#inventory.os, owner);
    if (!of.known || !isCovered(of)) return null;
    return namesOf(of)
      .flatMap((ecosystem) => namesFor(owner).flatMap((name) => index.affecting(ecosystem, name)))
      .filter((row) => row.advisory.kind !== 'bugfix' && (owner.type !== 'rpm' || isAboutBuild(row, owner)));
  }
}

function systemPackages({ packages }: Inventory): ReadonlyMap<string, readonly Package[]> {
  const byName = new Map<string, Package[]>();
  for (const one of packages) {
    if (!systemPackageTypes.has(one.type)) continue;
    const others = byName.get(one.name);
    if (others === undefined) byName.set(one.name, [one]);
    else others.push(one);
  }
  return byName;
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

import { parseDigest } from '../../core/digest.ts';
import { type OperatingSystem, unknownVersion } from '../../core/inventory.ts';
import { mostPackages } from '../catalogers/cataloger.ts';
import {
  type DocumentPackage,
  isSystemType,
  nameOf,
  packageTypeOf,
  type Source,
  sourceOf,
  systemOfPurls,
  versionOf,
} from './package.ts';
import { type Purl, readPurl } from './purl.ts';

/** What a document says of one thing, whatever its format. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** Package URL; empty where there is none. */
  readonly purl: string;
  readonly licenses: readonly string[];
  readonly source: Source | null;
  /** What Pratique itself wrote beside what formats have places for; null: another tool wrote it. */
  readonly own: Own | null;
}

/** See `Package`; texts are empty where nothing is told. */
export interface Own {
  readonly type: string;
  readonly ownedBy: string;
  readonly modularityLabel: string;
  readonly layer: string;
  readonly changedIn: string;
  readonly licenseTexts: readonly string[];
  readonly paths: readonly string[];
}

/** Characters of a name or version; the longest real ones have a few hundred. */
const longestField = 1024;
/** Kinds that hold the others, or that are where something came from. */
const noPackages: ReadonlySet<string> = new Set(['oci', 'docker', 'github', 'bitbucket', 'gitlab', 'swid']);

/** Gathers the packages of a document. */
export class Components {
  readonly packages: DocumentPackage[] = [];
  /** What could not be read, sentences. */
  readonly incomplete = new Set<string>();
  readonly #purls: Purl[] = [];
  /** How many there are of each kind that is not known here; of those without a package URL under an empty name. */
  readonly #unknown = new Map<string, number>();

  /** @param named something of a name and a version without a package URL is a package, and not just a group of some */
  add(component: Component, named: boolean): void {
    if (this.packages.length >= mostPackages) {
      this.incomplete.add(`it tells of more than ${mostPackages} packages`);
      return;
    }
    if (component.purl === '') {
      if (named) this.#count('');
      return;
    }
    const purl = readPurl(component.purl);
    if (purl === null) {
      this.incomplete.add(`it holds something that is no package URL: ${component.purl.slice(0, 80)}`);
      return;
    }
    if (noPackages.has(purl.type)) return;
    const type = packageTypeOf(component.own?.type || purl.type);
    if (type === null) {
      this.#count(purl.type);
      return;
    }
    const own = component.own;
    const name = own === null ? nameOf(purl) : component.name;
    const version = (own === null ? versionOf(purl) : component.version) || unknownVersion;
    const source = component.source ?? sourceOf(purl, name, version);
    const told = [name, version, source.name, source.version];
    if (told.some((text) => text === '' || text.length > longestField)) {
      this.incomplete.add(`a package has no name, or one that none has: ${component.purl.slice(0, 80)}`);
      return;
    }
    const label = own?.modularityLabel || (purl.qualifiers.get('modularitylabel') ?? '');
    this.#purls.push(purl);
    this.packages.push({
      type,
      name,
      version,
      arch: isSystemType(type) ? purl.qualifiers.get('arch') || null : null,
      source,
      ...(label === '' ? {} : { modularityLabel: label }),
      licenses: component.licenses.filter((text) => text !== '' && text.length <= longestField),
      purl: component.purl,
      ...(own === null || own.ownedBy === '' ? {} : { ownedBy: own.ownedBy }),
      paths: own?.paths ?? [],
      ...layersOf(own),
      ...(own === null || own.licenseTexts.length === 0 ? {} : { licenseTexts: own.licenseTexts }),
    });
  }

  /** By the package URLs alone. */
  system(): OperatingSystem | null {
    return systemOfPurls(this.#purls);
  }

  /** Sentences about what is told and cannot be judged. */
  unknown(): readonly string[] {
    return [...this.#unknown].map(([type, count]) =>
      type === ''
        ? `${count} of what it tells of have no package URL`
        : `${count} packages are of the kind "${type.slice(0, 40)}", of which no advisories are known here`,
    );
  }

  #count(type: string): void {
    this.#unknown.set(type, (this.#unknown.get(type) ?? 0) + 1);
  }
}

function layersOf(own: Own | null): Pick<DocumentPackage, 'layer' | 'changedIn'> {
  if (own === null) return { layer: null };
  const changedIn = parseDigest(own.changedIn);
  return { layer: parseDigest(own.layer), ...(changedIn === null ? {} : { changedIn }) };
}

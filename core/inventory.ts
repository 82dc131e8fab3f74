import type { Check, CheckId } from './check.ts';
import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** purl types (package-url specification) of the packages that are told. */
export const packageTypes = [
  'deb',
  'apk',
  'rpm',
  'npm',
  'golang',
  'pypi',
  'maven',
  'gem',
  'cargo',
  'composer',
  'nuget',
  'alpm',
  'opkg',
  'conda',
  'bitnami',
  'generic',
] as const;
export type PackageType = (typeof packageTypes)[number];

/** Those of a distribution's own package managers. */
export const systemPackageTypes: ReadonlySet<PackageType> = new Set(['deb', 'apk', 'rpm', 'alpm', 'opkg']);

/** The version of a package that does not tell its own. No scheme reads it: what is matched with it is undetermined. */
export const unknownVersion = 'unknown';

export interface Package {
  readonly type: PackageType;
  readonly name: string;
  readonly version: string;
  readonly arch: string | null;
  /** What the distribution's advisories speak of; the package itself where there is no other source. */
  readonly source: { readonly name: string; readonly version: string };
  /** `NAME:STREAM:VERSION:CONTEXT` of the module that an rpm package was built for. */
  readonly modularityLabel?: string;
  /** Name of the distribution's package that brought every file of it; left out where that is not certain. */
  readonly ownedBy?: string;
  readonly purl: string;
  /** Digest of the layer blob that brought it, at whatever version; null for a plain directory. */
  readonly layer: Digest | null;
  /** Digest of the layer blob that made it what it is now, by another version; left out where `layer` did. */
  readonly changedIn?: Digest;
  readonly paths: readonly string[];
  /** SPDX expressions; what SPDX has no word for is a `LicenseRef-` in them. All of them hold. */
  readonly licenses: readonly string[];
  /** What was declared, in the package manager's own words, where SPDX has none for all of it. */
  readonly licenseTexts?: readonly string[];
}

/** os-release(5), as far as it tells which advisories apply. */
export interface OperatingSystem {
  readonly id: string;
  readonly versionId: string;
  readonly name: string;
}

/** What the image's config says of what will run. */
export interface ImageFacts {
  /** As it is written there; ISO 8601 where it was made by the usual tools. */
  readonly created: string | null;
  readonly user: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** `22/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly healthcheck: boolean;
}

/** Something that could not be read. An inventory that has any is not complete. */
export interface Incomplete {
  readonly what: string;
  readonly why: string;
}

/**
 * What an image contains. A fact: it depends on the image's bytes and on the analyzers' versions alone, and
 * is kept so that findings can be made again without a pull.
 */
export interface Inventory {
  readonly os: OperatingSystem | null;
  /** There is no operating system in it, nor anything that only one brings: programs on an empty root. */
  readonly bare?: true;
  readonly platform: Platform | null;
  readonly packages: readonly Package[];
  readonly incomplete: readonly Incomplete[];
  /**
   * Why the image cannot be judged at all, whatever a policy says: a layer that is not what `diff_ids` says,
   * one that could not be read, content fetched from elsewhere. Not empty: verdict `error`. Each a sentence.
   */
  readonly unfit: readonly string[];
  /** The analyzers and their versions, as one text; a different text means: analyse again. */
  readonly analyzers: string;
  /** `artifact`: told by its content to be no container image (a chart, a signature, an SBOM). */
  readonly content: 'image' | 'artifact';
  /** null: the image has no config, or it could not be read. */
  readonly facts: ImageFacts | null;
  readonly checks: readonly Check[];
  /** Checks that were switched off, or that a bill of materials has no place for: whether there is anything to find, nobody can tell. Left out: none. */
  readonly unchecked?: readonly CheckId[];
}

/** An inventory for those who rarely need its packages, which are most of it. */
export interface InventoryView extends Omit<Inventory, 'packages' | 'analyzers'> {
  readonly packageCount: number;
  readonly packages: () => readonly Package[];
}

export function viewOf({ packages, analyzers: _, ...rest }: Inventory): InventoryView {
  return { ...rest, packageCount: packages.length, packages: () => packages };
}

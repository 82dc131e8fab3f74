import type { PackageType } from './inventory.ts';
import type { Severity } from './severity.ts';

export type FindingStatus = 'affected' | 'fixed' | 'will_not_fix' | 'under_investigation' | 'undetermined';
export type FindingKind = 'vulnerability' | 'malware' | 'bugfix';

export interface Cvss {
  readonly vector: string;
  readonly score: number;
}

/** An advisory that applies to a package. Field names are those of `pratique scan --format json`. */
export interface Finding {
  /** The feed's own record that decided (e.g. `DEBIAN-CVE-…`, `GHSA-…`). */
  readonly id: string;
  readonly kind: FindingKind;
  /** Every other name of it, CVE ids first. */
  readonly aliases: readonly string[];
  readonly package: string;
  /** What the package was built from; the package itself where there is no other source. */
  readonly source: string;
  readonly packageType: PackageType;
  readonly version: string;
  readonly purl: string;
  readonly severity: Severity;
  readonly cvss: Cvss | null;
  /** `fixed`: a version without it exists for this release; `undetermined`: a version could not be compared, or the package not be named. */
  readonly status: FindingStatus;
  readonly fixedVersion: string | null;
  /** What the publisher says of it beside its status, for a person: `no-dsa: Minor issue`. */
  readonly note?: string;
  /** null: no known-exploited catalogue has been imported, so nobody can tell. */
  readonly kev: boolean | null;
  /** Probability of exploitation in the next 30 days, 0 to 1, to two significant digits; null: nobody says. */
  readonly epss: number | null;
  /** ISO 8601; of the oldest record that speaks of it. null: no record says when. */
  readonly published: string | null;
  /** ISO 8601: since when, at the earliest, a fixed version is known; null where none is, or nobody says when. */
  readonly fixedSince: string | null;
  readonly url: string;
  readonly summary: string;
}

/** The name people know a finding by: its CVE where it has one. */
export function displayId(finding: Pick<Finding, 'id' | 'aliases'>): string {
  if (finding.id.startsWith('CVE-')) return finding.id;
  return finding.aliases.find((alias) => alias.startsWith('CVE-')) ?? finding.id;
}

/** Whether advisories speak of the packages of one ecosystem and release. */
export interface Coverage {
  /** In OSV's words: `Debian:12`, `Alpine:v3.19`, `npm`. */
  readonly ecosystem: string;
  readonly release: string | null;
  readonly feed: string | null;
  readonly updatedAt: string | null;
  readonly covered: boolean;
  /** How many packages of the inventory depend on it. */
  readonly packages: number;
}

/** What matching an inventory against one advisory revision gave. */
export interface MatchResult {
  readonly findings: readonly Finding[];
  readonly coverage: readonly Coverage[];
  readonly advisories: AdvisoriesState;
  /** First day without support of the operating system's release, `2026-06-30`; null: not known, or none is planned. */
  readonly endOfLife: string | null;
  /** Left out: made from the inventory, and made again from it whenever advisories change. */
  readonly provenance?: Provenance;
}

/** Whose word findings are that another scanner gave. They cannot be made again without it, so they end. */
export interface Provenance {
  readonly scanner: { readonly name: string; readonly version: string };
  /** When its advisories were made, ISO 8601; null: it does not say. */
  readonly databaseAt: string | null;
  /** ISO 8601, as the next. */
  readonly scannedAt: string;
  /** From then on they say nothing any more. */
  readonly validUntil: string;
}

/** Which advisories were asked. `updatedAt` is that of the oldest feed which took part, ISO 8601. */
export interface AdvisoriesState {
  readonly revision: string;
  readonly updatedAt: string | null;
}

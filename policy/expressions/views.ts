import { type Coverage, displayId, type Finding } from '../../core/finding.ts';
import type { ImageFacts, InventoryView, OperatingSystem, Package } from '../../core/inventory.ts';

/**
 * What expressions see. A field that nobody knows is undefined, and reading it is an error, which makes the rule
 * undecided: an unknown must never count as "no".
 */

function time(text: string | null | undefined): Date | undefined {
  const milliseconds = Date.parse(text ?? '');
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds);
}

export class FindingView {
  readonly #finding: Finding;
  constructor(finding: Finding) {
    this.#finding = finding;
  }
  get id() {
    return this.#finding.id;
  }
  get name() {
    return displayId(this.#finding);
  }
  get kind() {
    return this.#finding.kind;
  }
  get aliases() {
    return this.#finding.aliases;
  }
  get package() {
    return this.#finding.package;
  }
  get source() {
    return this.#finding.source;
  }
  get ecosystem() {
    return this.#finding.packageType;
  }
  get version() {
    return this.#finding.version;
  }
  get purl() {
    return this.#finding.purl;
  }
  get severity() {
    return this.#finding.severity;
  }
  get cvss() {
    return this.#finding.cvss?.score;
  }
  get vector() {
    return this.#finding.cvss?.vector;
  }
  get epss() {
    return this.#finding.epss ?? undefined;
  }
  get status() {
    return this.#finding.status;
  }
  get fixAvailable() {
    return this.#finding.fixedVersion !== null;
  }
  get fixedVersion() {
    return this.#finding.fixedVersion ?? undefined;
  }
  get knownExploited() {
    return this.#finding.kev ?? undefined;
  }
  get published() {
    return time(this.#finding.published);
  }
  get fixedSince() {
    return time(this.#finding.fixedSince);
  }
  get summary() {
    return this.#finding.summary;
  }
}

export class PackageView {
  readonly #package: Package;
  constructor(one: Package) {
    this.#package = one;
  }
  get name() {
    return this.#package.name;
  }
  get source() {
    return this.#package.source.name;
  }
  get ecosystem() {
    return this.#package.type;
  }
  get version() {
    return this.#package.version;
  }
  get arch() {
    return this.#package.arch ?? undefined;
  }
  get purl() {
    return this.#package.purl;
  }
  get licences() {
    return this.#package.licenses;
  }
  get paths() {
    return this.#package.paths;
  }
}

export class OsView {
  readonly #os: OperatingSystem;
  constructor(os: OperatingSystem) {
    this.#os = os;
  }
  get id() {
    return this.#os.id;
  }
  get version() {
    return this.#os.versionId;
  }
  get name() {
    return this.#os.name;
  }
}

export class ImageView {
  readonly #inventory: InventoryView;
  readonly #scannedAt: string | null;
  readonly #endOfLife: string | null;
  constructor(inventory: InventoryView, scannedAt: string | null, endOfLife: string | null) {
    this.#inventory = inventory;
    this.#scannedAt = scannedAt;
    this.#endOfLife = endOfLife;
  }
  get #facts(): ImageFacts | null {
    return this.#inventory.facts;
  }
  get created() {
    return time(this.#facts?.created);
  }
  get user() {
    return this.#facts === null ? undefined : (this.#facts.user ?? 'root');
  }
  get labels() {
    return this.#facts?.labels;
  }
  get exposedPorts() {
    return this.#facts?.exposedPorts;
  }
  get healthcheck() {
    return this.#facts?.healthcheck;
  }
  get architecture() {
    return this.#inventory.platform?.architecture;
  }
  get packageCount() {
    return BigInt(this.#inventory.packageCount);
  }
  get scannedAt() {
    return time(this.#scannedAt);
  }
  get endOfLife() {
    return time(this.#endOfLife);
  }
}

export class CoverageView {
  readonly #coverage: Coverage;
  constructor(coverage: Coverage) {
    this.#coverage = coverage;
  }
  get ecosystem() {
    return this.#coverage.ecosystem;
  }
  get release() {
    return this.#coverage.release ?? undefined;
  }
  get feed() {
    return this.#coverage.feed ?? undefined;
  }
  get updatedAt() {
    return time(this.#coverage.updatedAt);
  }
  get covered() {
    return this.#coverage.covered;
  }
  get packages() {
    return BigInt(this.#coverage.packages);
  }
}

import type { Finding, MatchResult } from '../core/finding.ts';
import type { Inventory, Package } from '../core/inventory.ts';
import type { PolicyTest } from './policy-test.ts';
import type { PolicyTestFile } from './schema-test.ts';
import { isoTime, parseInstant, surely } from './time.ts';

type ImageFile = NonNullable<PolicyTestFile['image']>;
type FindingFile = NonNullable<PolicyTestFile['findings']>[number];
type PackageFile = NonNullable<PolicyTestFile['packages']>[number];

/** A test with everything that it does not say filled in: a Debian image, scanned just now, that advisories cover. */
export function buildTest(test: PolicyTestFile): PolicyTest {
  const at = surely(parseInstant(test.at));
  const image = test.image ?? {};
  const findings = (test.findings ?? []).map(findingOf);
  const packages = (test.packages ?? defaultPackages(findings)).map(packageOf);
  return {
    name: test.name,
    at,
    inventory: inventoryOf(image, packages, isoTime(at)),
    match: matchOf(image, findings, packages, at),
    scannedAt: time(image.scannedAt) ?? isoTime(at),
    image: image.names ?? ['registry.example/image'],
    expect: { status: test.expect.status, rules: test.expect.rules ?? null },
  };
}

function inventoryOf(image: ImageFile, packages: readonly Package[], at: string): Inventory {
  const { os } = image;
  return {
    os:
      os === null
        ? null
        : { id: os?.id ?? 'debian', versionId: os?.version ?? '12', name: `${os?.id ?? 'Debian'}` },
    platform: null,
    packages,
    incomplete: (image.incomplete ?? []).map((what) => ({ what, why: 'the test says so' })),
    unfit: image.unfit ?? [],
    analyzers: 'test',
    content: image.content ?? 'image',
    facts:
      image.facts === null
        ? null
        : {
            created: image.created === null ? null : (time(image.created) ?? at),
            user: image.user ?? null,
            labels: image.labels ?? {},
            exposedPorts: image.exposedPorts ?? [],
            healthcheck: image.healthcheck ?? false,
          },
    checks: (image.checks ?? []).map((id) => ({ id, detail: 'the test says so' })),
  };
}

function matchOf(
  image: ImageFile,
  findings: readonly Finding[],
  packages: readonly Package[],
  at: number,
): MatchResult {
  const updatedAt = time(image.advisories) ?? isoTime(at);
  const covered = image.covered ?? true;
  const coverage = { ecosystem: 'test', release: null, feed: covered ? 'test' : null, covered };
  return {
    findings,
    coverage: [{ ...coverage, updatedAt: covered ? updatedAt : null, packages: packages.length }],
    advisories: { revision: 'test', updatedAt },
    endOfLife: time(image.endOfLife),
  };
}

function findingOf(finding: FindingFile): Finding {
  const name = finding.package ?? 'openssl';
  return {
    id: finding.id,
    kind: finding.kind ?? 'vulnerability',
    aliases: finding.aliases ?? [],
    package: name,
    source: finding.source ?? name,
    packageType: finding.ecosystem ?? 'deb',
    version: finding.version ?? '1',
    purl: '',
    severity: finding.severity ?? 'unknown',
    cvss: finding.cvss === undefined ? null : { vector: '', score: finding.cvss },
    status: finding.status ?? (finding.fixedVersion === undefined ? 'affected' : 'fixed'),
    fixedVersion: finding.fixedVersion ?? null,
    kev: finding.knownExploited === undefined ? false : finding.knownExploited,
    epss: finding.epss ?? null,
    published: time(finding.published),
    fixedSince: time(finding.fixedSince),
    url: '',
    summary: '',
  };
}

function packageOf({ name, version, source, ecosystem, licences }: PackageFile): Package {
  return {
    type: ecosystem ?? 'deb',
    name,
    version: version ?? '1',
    arch: null,
    source: { name: source ?? name, version: version ?? '1' },
    purl: '',
    layer: null,
    paths: [],
    licenses: licences ?? [],
  };
}

/** Those that the findings name, or one that nothing is wrong with. */
function defaultPackages(findings: readonly Finding[]): readonly PackageFile[] {
  if (findings.length === 0) return [{ name: 'base-files' }];
  return findings.map(({ package: name, version, source, packageType }) => ({
    name,
    version,
    source,
    ecosystem: packageType,
  }));
}

function time(text: string | undefined): string | null {
  return text === undefined ? null : isoTime(surely(parseInstant(text)));
}

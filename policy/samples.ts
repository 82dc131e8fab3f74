import type { Coverage, Finding, Provenance } from '../core/finding.ts';
import { type Inventory, type Package, viewOf } from '../core/inventory.ts';
import type { Verdict } from '../core/verdict.ts';
import { evaluate } from './evaluate.ts';
import { parsePolicy } from './parse.ts';
import { baselineText } from './ready/baseline.ts';

/** Small cases for the tests of this room: a Debian image with one package, and a policy over it. */

export const now = Date.parse('2026-06-01T12:00:00Z');
export const day = 86_400_000;

export function finding(fields: Partial<Finding> = {}): Finding {
  return {
    id: 'DEBIAN-CVE-2024-1',
    kind: 'vulnerability',
    aliases: ['CVE-2024-1'],
    package: 'libssl3',
    source: fields.package ?? 'openssl',
    packageType: 'deb',
    version: '3.0.1-1',
    purl: 'pkg:deb/debian/libssl3@3.0.1-1',
    severity: 'critical',
    cvss: null,
    status: 'fixed',
    fixedVersion: '3.0.2-1',
    kev: false,
    epss: null,
    published: null,
    fixedSince: null,
    url: 'https://example.org/CVE-2024-1',
    summary: '',
    ...fields,
  };
}

const libssl: Package = {
  type: 'deb',
  name: 'libssl3',
  version: '3.0.1-1',
  arch: 'amd64',
  source: { name: 'openssl', version: '3.0.1-1' },
  purl: 'pkg:deb/debian/libssl3@3.0.1-1',
  layer: null,
  paths: [],
  licenses: [],
};
export const debian: Coverage = {
  ecosystem: 'Debian:12',
  release: '12',
  feed: 'osv:Debian',
  updatedAt: '2026-05-31T12:00:00Z',
  covered: true,
  packages: 1,
};

export const inventory: Inventory = {
  os: { id: 'debian', versionId: '12', name: 'Debian' },
  platform: null,
  packages: [libssl],
  incomplete: [],
  unfit: [],
  analyzers: 'a1',
  content: 'image',
  facts: null,
  checks: [],
};

export interface Given {
  readonly provenance?: Provenance;
  readonly findings?: readonly Finding[];
  readonly inventory?: Partial<Inventory>;
  readonly coverage?: readonly Coverage[];
  readonly advisoriesAt?: string | null;
  /** Lines of the policy that stand in place of the baseline's. */
  readonly policy?: string;
  readonly exceptions?: readonly string[];
  readonly image?: readonly string[];
  readonly endOfLife?: string;
  readonly at?: number;
}

function policyText(given: Given): string {
  const text = given.policy === undefined ? baselineText : `version: 1\nname: test\n${given.policy}`;
  const exceptions = (given.exceptions ?? []).map(
    (one) => `  - { reason: "not called", author: ada, ${one} }\n`,
  );
  if (exceptions.length === 0) return text;
  return `${text.replace('exceptions: []', '')}\nexceptions:\n${exceptions.join('')}`;
}

export function verdictOn(given: Given): Verdict {
  return evaluate({
    policy: parsePolicy(policyText(given), 'p.yaml'),
    inventory: viewOf({ ...inventory, ...given.inventory }),
    match: {
      findings: given.findings ?? [],
      coverage: given.coverage ?? [debian],
      advisories: {
        revision: 'r1',
        updatedAt: given.advisoriesAt === undefined ? debian.updatedAt : given.advisoriesAt,
      },
      endOfLife: given.endOfLife ?? null,
      ...(given.provenance === undefined ? {} : { provenance: given.provenance }),
    },
    scannedAt: '2026-05-31T12:00:00Z',
    image: given.image ?? ['docker.io/library/x'],
    scanner: 'pratique 1',
    at: given.at ?? now,
  });
}

export const only = (when: string, action = 'deny') =>
  `rules: [{ id: r, title: Rule, action: ${action}, when: ${when} }]`;
export const old = { ...debian, updatedAt: '2026-05-01T00:00:00Z' };
export const alpine = {
  ...debian,
  ecosystem: 'Alpine:v3.19',
  covered: false,
  updatedAt: null,
  feed: null,
  packages: 15,
};

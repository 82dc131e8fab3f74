/** Where an expression stands: under `when`, under `packages`, or as a rule's subject. */
export const places = ['finding', 'package', 'image'] as const;
export type Place = (typeof places)[number];

const time = 'google.protobuf.Timestamp';

/** Types with their fields, in CEL's words. The one source for the type checker, for suggestions and for docs/policy.md. */
export const types = {
  Finding: {
    id: 'string',
    name: 'string',
    kind: 'string',
    aliases: 'list<string>',
    package: 'string',
    source: 'string',
    ecosystem: 'string',
    version: 'string',
    purl: 'string',
    severity: 'string',
    cvss: 'double',
    vector: 'string',
    epss: 'double',
    status: 'string',
    fixAvailable: 'bool',
    fixedVersion: 'string',
    knownExploited: 'bool',
    published: time,
    fixedSince: time,
    summary: 'string',
  },
  Package: {
    name: 'string',
    source: 'string',
    ecosystem: 'string',
    version: 'string',
    arch: 'string',
    purl: 'string',
    licences: 'list<string>',
    paths: 'list<string>',
  },
  Image: {
    created: time,
    user: 'string',
    labels: 'map<string, string>',
    exposedPorts: 'list<string>',
    healthcheck: 'bool',
    architecture: 'string',
    packageCount: 'int',
    scannedAt: time,
    endOfLife: time,
  },
  Os: { id: 'string', version: 'string', name: 'string' },
  Coverage: {
    ecosystem: 'string',
    release: 'string',
    feed: 'string',
    updatedAt: time,
    covered: 'bool',
    packages: 'int',
  },
} as const;

const everywhere = { image: 'Image', os: 'Os', now: time } as const;

/** Variables by where the expression stands. */
export const variables: Readonly<Record<Place, Readonly<Record<string, string>>>> = {
  finding: { finding: 'Finding', ...everywhere },
  package: { pkg: 'Package', ...everywhere },
  image: {
    ...everywhere,
    packages: 'list<Package>',
    findings: 'list<Finding>',
    checks: 'list<string>',
    coverage: 'list<Coverage>',
  },
};

/** Functions that take no more time than their arguments are long. */
export const functions: readonly string[] = [
  'has',
  'size',
  'string',
  'int',
  'double',
  'timestamp',
  'duration',
];
export const methods: readonly string[] = [
  'startsWith',
  'endsWith',
  'contains',
  'matches',
  'lowerAscii',
  'upperAscii',
  'trim',
  'size',
  'exists',
  'exists_one',
  'all',
  'filter',
  'map',
  'getFullYear',
  'getMonth',
  'getDate',
  'getDayOfWeek',
  'getHours',
];

import type { Digest } from '../../core/digest.ts';

/** Reports in Grype's documented shape, small and made up. */
export const digest = `sha256:${'a'.repeat(64)}` as Digest;

export const debMatch = {
  vulnerability: {
    id: 'CVE-2024-0001',
    dataSource: 'https://tracker.example/CVE-2024-0001',
    namespace: 'debian:distro:debian:12',
    severity: 'High',
    urls: [],
    description: 'A buffer is read beyond its end.',
    cvss: [],
    knownExploited: [{ cve: 'CVE-2024-0001', vendorProject: 'OpenSSL', product: 'OpenSSL' }],
    epss: [{ cve: 'CVE-2024-0001', epss: 0.12345, percentile: 0.9, date: '2026-06-01' }],
    fix: {
      versions: ['3.0.2-1'],
      state: 'fixed',
      available: [{ version: '3.0.2-1', date: '2024-02-01', kind: 'advisory' }],
    },
    advisories: [{ id: 'DSA-5000-1', link: 'https://tracker.example/DSA-5000-1' }],
    risk: 1.2,
  },
  relatedVulnerabilities: [
    {
      id: 'CVE-2024-0001',
      namespace: 'nvd:cpe',
      cvss: [
        {
          source: 'nvd@nist.gov',
          type: 'Primary',
          version: '2.0',
          vector: 'AV:N/AC:L/Au:N/C:P/I:P/A:P',
          metrics: { baseScore: 7.5 },
        },
        {
          source: 'nvd@nist.gov',
          type: 'Primary',
          version: '3.1',
          vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
          metrics: { baseScore: 9.8, exploitabilityScore: 3.9, impactScore: 5.9 },
        },
      ],
    },
  ],
  matchDetails: [{ type: 'exact-indirect-match', matcher: 'dpkg-matcher', found: {} }],
  artifact: {
    id: '1',
    name: 'libssl3',
    version: '3.0.1-1',
    type: 'deb',
    locations: [{ path: '/var/lib/dpkg/status', layerID: `sha256:${'b'.repeat(64)}` }],
    language: '',
    licenses: [],
    cpes: [],
    purl: 'pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12',
    upstreams: [{ name: 'openssl' }],
  },
};

export const jarMatch = {
  vulnerability: {
    id: 'GHSA-jfh8-c2jp-5v3q',
    dataSource: 'https://advisories.example/GHSA-jfh8-c2jp-5v3q',
    namespace: 'github:language:java',
    severity: 'Critical',
    fix: { versions: [], state: 'wont-fix' },
    advisories: [],
  },
  relatedVulnerabilities: [{ id: 'CVE-2021-44228' }],
  artifact: {
    name: 'log4j-core',
    version: '2.14.0',
    type: 'java-archive',
    purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.0',
    upstreams: [],
  },
};

export const report = {
  matches: [debMatch, jarMatch],
  source: {
    type: 'image',
    target: {
      userInput: `127.0.0.1:5001/app@${digest}`,
      imageID: `sha256:${'c'.repeat(64)}`,
      manifestDigest: digest,
      tags: [],
      repoDigests: [],
    },
  },
  distro: { name: 'debian', version: '12', idLike: [] },
  descriptor: {
    name: 'grype',
    version: '0.116.0',
    configuration: {},
    db: {
      status: {
        schemaVersion: 'v6.1.0',
        from: 'https://db.example',
        built: '2026-06-01T06:00:00Z',
        valid: true,
      },
      providers: {},
    },
    timestamp: '2026-06-01T08:00:00Z',
  },
};

export const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

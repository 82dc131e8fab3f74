/** Reports in Trivy's documented shape (schema version 2), small and made up. */
export const image = `127.0.0.1:5001/docker.io/library/app@sha256:${'a'.repeat(64)}`;

export const osVulnerability = {
  VulnerabilityID: 'CVE-2024-0001',
  VendorIDs: ['DSA-5000-1'],
  PkgID: 'libssl3@3.0.1-1',
  PkgName: 'libssl3',
  PkgIdentifier: { PURL: 'pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12.5', UID: 'aaaa' },
  InstalledVersion: '3.0.1-1',
  FixedVersion: '3.0.2-1',
  Status: 'fixed',
  Layer: { Digest: `sha256:${'b'.repeat(64)}`, DiffID: `sha256:${'c'.repeat(64)}` },
  SeveritySource: 'nvd',
  PrimaryURL: 'https://avd.example/nvd/cve-2024-0001',
  DataSource: { ID: 'debian', Name: 'Debian Security Tracker', URL: 'https://tracker.example' },
  Title: 'openssl: a buffer is read\nbeyond its end',
  Description: 'Longer words.',
  Severity: 'CRITICAL',
  CweIDs: ['CWE-125'],
  CVSS: {
    nvd: {
      V2Vector: 'AV:N/AC:L/Au:N/C:P/I:P/A:P',
      V3Vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
      V2Score: 7.5,
      V3Score: 9.8,
    },
    redhat: { V3Vector: 'CVSS:3.0/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:L', V3Score: 5.6 },
  },
  References: ['https://example.com/1'],
  PublishedDate: '2024-01-02T03:04:05Z',
  LastModifiedDate: '2024-01-03T00:00:00Z',
};

export const npmVulnerability = {
  VulnerabilityID: 'GHSA-aaaa-bbbb-cccc',
  PkgName: '@scope/thing',
  PkgPath: 'app/node_modules/@scope/thing/package.json',
  PkgIdentifier: { PURL: 'pkg:npm/%40scope/thing@1.0.0' },
  InstalledVersion: '1.0.0',
  Status: 'affected',
  Severity: 'UNKNOWN',
};

const osResult = {
  Target: `${image} (debian 12.5)`,
  Class: 'os-pkgs',
  Type: 'debian',
  Packages: [
    {
      ID: 'libssl3@3.0.1-1',
      Name: 'libssl3',
      Identifier: { PURL: osVulnerability.PkgIdentifier.PURL, UID: 'aaaa' },
      Version: '3.0.1',
      Release: '1',
      SrcName: 'openssl',
      SrcVersion: '3.0.1',
    },
  ],
  Vulnerabilities: [osVulnerability],
};
const npmResult = {
  Target: 'Node.js',
  Class: 'lang-pkgs',
  Type: 'node-pkg',
  Packages: [{ Name: '@scope/thing', Version: '1.0.0' }],
  Vulnerabilities: [npmVulnerability],
};

export const report = {
  SchemaVersion: 2,
  CreatedAt: '2026-06-01T00:00:00Z',
  ArtifactName: image,
  ArtifactType: 'container_image',
  Metadata: {
    OS: { Family: 'debian', Name: '12.5' },
    ImageID: `sha256:${'d'.repeat(64)}`,
    RepoDigests: [image],
  },
  Results: [osResult, npmResult],
};

export const version = {
  Version: '0.74.0',
  VulnerabilityDB: {
    Version: 2,
    NextUpdate: '2026-06-01T12:00:00Z',
    UpdatedAt: '2026-06-01T06:00:00.123456789Z',
    DownloadedAt: '2026-06-01T07:00:00Z',
  },
};

export const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** With one vulnerability of the operating system's, changed. */
export function withVulnerability(fields: Readonly<Record<string, unknown>>): Uint8Array {
  return bytesOf({
    ...report,
    Results: [{ ...osResult, Vulnerabilities: [{ ...osVulnerability, ...fields }] }, npmResult],
  });
}

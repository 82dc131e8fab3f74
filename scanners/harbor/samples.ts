import type { Digest } from '../../core/digest.ts';

/** What an adapter answers, in the shape of Harbor's pluggable scanner API, small and made up. */
export const digest = `sha256:${'a'.repeat(64)}` as Digest;
export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

export const metadata = {
  scanner: { name: 'Clair', vendor: 'Somebody', version: '4.8.0' },
  capabilities: [
    {
      type: 'sbom',
      consumes_mime_types: [manifestType],
      produces_mime_types: ['application/vnd.security.sbom.report+json; version=1.0'],
    },
    {
      type: 'vulnerability',
      consumes_mime_types: [manifestType, 'application/vnd.docker.distribution.manifest.v2+json'],
      produces_mime_types: ['application/vnd.security.vulnerability.report;version=1.1'],
    },
  ],
  properties: {
    'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
    'harbor.scanner-adapter/vulnerability-database-updated-at': '2026-06-01T06:00:00Z',
  },
};

export const vulnerability = {
  id: 'CVE-2024-0001',
  package: 'openssl',
  version: '3.0.1-1',
  fix_version: '3.0.2-1',
  severity: 'High',
  description: 'A buffer is read beyond its end.',
  links: ['https://tracker.example/CVE-2024-0001|https://other.example'],
  preferred_cvss: {
    score_v3: 7.5,
    vector_v3: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N',
    score_v2: null,
  },
  cwe_ids: ['CWE-125'],
  vendor_attributes: { CVSS: {} },
};

export const report = {
  generated_at: '2026-06-01T08:00:00Z',
  artifact: { repository: 'docker.io/library/app', digest, mime_type: manifestType },
  scanner: metadata.scanner,
  severity: 'High',
  vulnerabilities: [vulnerability],
};

export const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

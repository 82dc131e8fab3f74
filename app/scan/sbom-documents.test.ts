import { describe, expect, it } from '@jest/globals';
import { parseDigest } from '../../core/digest.ts';
import type { Inventory, Package } from '../../core/inventory.ts';
import { cycloneDxDocument } from '../../sbom/cyclonedx.ts';
import { spdxDocument } from '../../sbom/spdx.ts';
import type { SbomInput } from '../../sbom/subject.ts';
import type { FoundPackage } from '../../scanner/catalogers/cataloger.ts';
import { readSbom } from '../../scanner/documents/index.ts';
import { purlOf } from '../../scanner/purl.ts';

const layer = parseDigest(`sha256:${'b'.repeat(64)}`);
const other = parseDigest(`sha256:${'c'.repeat(64)}`);
const os = { id: 'almalinux', versionId: '9.3', name: 'AlmaLinux 9.3' };

function one(
  found: Partial<FoundPackage> & Pick<FoundPackage, 'type' | 'name' | 'version'>,
  path: string,
): Package {
  const { name, version } = found;
  const whole = { arch: null, source: { name, version }, licenses: ['MIT'], ...found };
  return { ...whole, purl: purlOf(whole, os), layer, paths: [path, `${path}!/within.jar`] };
}

const packages: readonly Package[] = [
  one(
    {
      type: 'rpm',
      name: 'bind-libs',
      version: '32:9.16-1.el9',
      arch: 'x86_64',
      source: { name: 'bind', version: '9.16-1.el9' },
      modularityLabel: 'bind:9:8090:abc',
    },
    'var/lib/rpm',
  ),
  one({ type: 'npm', name: '@scope/a', version: '1.0.0' }, 'a/package.json'),
  {
    ...one({ type: 'pypi', name: 'Jinja2', version: '3.1.2' }, 'METADATA'),
    ownedBy: 'python3-jinja2',
    ...(other === null ? {} : { changedIn: other }),
  },
  one({ type: 'maven', name: 'org.a:b', version: '2.0' }, 'b.jar'),
  one({ type: 'maven', name: 'nogroup', version: 'unknown' }, 'c.jar'),
  one({ type: 'golang', name: 'example.org/main', version: '(devel)' }, 'bin/main'),
  one({ type: 'composer', name: 'Symfony/Http', version: '5.4.0' }, 'installed.json'),
  one({ type: 'bitnami', name: 'nginx', version: '1.25.1-4' }, '.spdx'),
  one({ type: 'generic', name: 'openssl', version: '1.1.1w' }, 'libssl.so'),
  one({ type: 'cargo', name: 'serde', version: '1.0.0' }, 'bin/tool'),
];

function input(rest: Partial<Inventory> = {}): SbomInput {
  const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
  if (digest === null) throw new Error('no digest');
  return {
    inventory: {
      os,
      platform: { os: 'linux', architecture: 'amd64', variant: null },
      packages,
      incomplete: [],
      unfit: [],
      analyzers: 'x/1',
      content: 'image',
      facts: null,
      checks: [],
      ...rest,
    },
    repository: 'corp/app',
    repositoryUrl: 'registry.example/corp/app',
    digest,
    created: 0,
    tool: { name: 'Pratique', version: '0.1.0' },
  };
}

const formats = [
  ['CycloneDX', (of: SbomInput) => cycloneDxDocument(of)],
  ['SPDX', (of: SbomInput) => spdxDocument(of)],
] as const;

describe.each(formats)('a bill of materials that Pratique wrote as %s', (_, write) => {
  const read = (of: SbomInput): ReturnType<typeof readSbom> =>
    readSbom(Buffer.from(JSON.stringify(write(of))));

  it('gives the system and the packages that it was written from', () => {
    expect(read(input())).toMatchObject({ kind: 'packages', os, packages, incomplete: [], unknown: [] });
  });

  it('says what it does not tell', () => {
    const reading = read(input({ os: null, incomplete: [{ what: 'a.jar', why: 'it is cut' }] }));
    expect(JSON.stringify(reading)).toMatch(/a\.jar could not be read: it is cut/);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSbom, type SbomReading } from './index.ts';

type Packages = Extract<SbomReading, { kind: 'packages' }>;

function read(document: unknown): Packages {
  const reading = readSbom(Buffer.from(JSON.stringify(document)));
  if (reading.kind === 'none') throw new Error(reading.why);
  return reading;
}
const cycloneDx = (...components: readonly object[]): object => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  components,
});
const spdx = (...packages: readonly object[]): object => ({ spdxVersion: 'SPDX-2.3', packages });
const spdxPackage = (purl: string, rest: object = {}): object => ({
  SPDXID: `SPDXRef-${purl}`,
  externalRefs: [
    { referenceType: 'cpe23Type', referenceLocator: 'cpe:2.3:a:x' },
    { referenceType: 'purl', referenceLocator: purl },
  ],
  ...rest,
});
const rows = ({ packages }: Packages): readonly string[] =>
  packages.map(({ type, name, version, source }) =>
    [type, name, version, source.name, source.version].join(' '),
  );

describe('CycloneDX', () => {
  it('as Trivy writes it: the system, its packages with their sources, and files that just list others', () => {
    const reading = read(
      cycloneDx(
        { type: 'operating-system', name: 'debian', version: '12.9' },
        {
          type: 'library',
          name: 'login',
          version: '1:4.13+dfsg1-1+b1',
          purl: 'pkg:deb/debian/login@4.13%2Bdfsg1-1%2Bb1?arch=amd64&distro=debian-12.9&epoch=1',
          licenses: [{ license: { name: 'GPL-2.0-only' } }, { license: { id: 'MIT' } }],
          properties: [
            { name: 'aquasecurity:trivy:SrcName', value: 'shadow' },
            { name: 'aquasecurity:trivy:SrcVersion', value: '4.13+dfsg1' },
            { name: 'aquasecurity:trivy:SrcRelease', value: '1' },
            { name: 'aquasecurity:trivy:SrcEpoch', value: '1' },
          ],
        },
        { type: 'application', name: 'app/package-lock.json' },
      ),
    );
    expect(reading.os).toEqual({ id: 'debian', versionId: '12.9', name: 'debian 12.9' });
    expect(rows(reading)).toEqual(['deb login 1:4.13+dfsg1-1+b1 shadow 1:4.13+dfsg1-1']);
    expect(reading.packages[0]).toMatchObject({ arch: 'amd64', licenses: ['GPL-2.0-only', 'MIT'] });
    expect([...reading.incomplete, ...reading.unknown]).toEqual([]);
  });

  it('as Syft writes it: sources in package URLs, the system in them as well', () => {
    const reading = read(
      cycloneDx(
        {
          type: 'library',
          name: 'libssl3',
          purl: 'pkg:apk/alpine/libssl3@3.1.4-r5?arch=x86_64&upstream=openssl&distro=alpine-3.19.1',
        },
        { type: 'library', name: 'musl', purl: 'pkg:apk/alpine/musl@1.2.4-r2?distro=alpine-3.19.1' },
      ),
    );
    expect(reading.os).toMatchObject({ id: 'alpine', versionId: '3.19.1' });
    expect(rows(reading)).toEqual([
      'apk libssl3 3.1.4-r5 openssl 3.1.4-r5',
      'apk musl 1.2.4-r2 musl 1.2.4-r2',
    ]);
  });

  it('with what the document is about, and components within components', () => {
    const inner = { type: 'library', purl: 'pkg:npm/inner@1', components: [] };
    const reading = read({
      ...cycloneDx({ type: 'library', purl: 'pkg:npm/outer@1', components: [inner] }),
      metadata: { component: { type: 'application', name: 'app', version: '1', purl: 'pkg:npm/app@1' } },
    });
    expect(rows(reading)).toEqual(['npm app 1 app 1', 'npm outer 1 outer 1', 'npm inner 1 inner 1']);
  });

  it('with more components in one than a call can have arguments', () => {
    const components = Array.from({ length: 200_000 }, () => ({}));
    expect(read(cycloneDx({ components })).packages).toEqual([]);
  });

  it('says what it cannot tell', () => {
    const reading = read({
      ...cycloneDx(
        { type: 'library', name: 'nameless' },
        { type: 'library', name: 'b', purl: 'pkg:hex/b@1' },
        { type: 'library', name: 'c', purl: 'pkg:hex/c@1' },
        { type: 'library', name: 'd', purl: 'not a URL' },
        { type: 'library', name: 'e', purl: 'pkg:oci/e@sha256:0' },
        { type: 'file', name: '/etc/passwd' },
      ),
      compositions: [{ aggregate: 'incomplete' }],
    });
    expect(reading.packages).toEqual([]);
    expect(reading.unknown).toEqual([
      '1 of what it tells of have no package URL',
      '2 packages are of the kind "hex", of which no advisories are known here',
    ]);
    expect(reading.incomplete).toEqual(['it holds something that is no package URL: not a URL']);
    expect(read({ ...cycloneDx(), compositions: [{ aggregate: 'incomplete' }] }).incomplete).toEqual([
      'it says that it is incomplete',
    ]);
  });
});

describe('SPDX', () => {
  it('as Trivy writes it', () => {
    const reading = read(
      spdx(
        spdxPackage('pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12.9', {
          name: 'libc6',
          versionInfo: '2.36-9',
          sourceInfo: 'built package from: glibc 2.36-9',
          licenseDeclared: 'LicenseRef-x',
          primaryPackagePurpose: 'LIBRARY',
        }),
        { name: 'debian', versionInfo: '12.9', primaryPackagePurpose: 'OPERATING-SYSTEM' },
        { name: 'app/package-lock.json', primaryPackagePurpose: 'APPLICATION' },
      ),
    );
    expect(reading.os).toMatchObject({ id: 'debian', versionId: '12.9' });
    expect(rows(reading)).toEqual(['deb libc6 2.36-9 glibc 2.36-9']);
    expect([...reading.incomplete, ...reading.unknown]).toEqual([]);
  });

  it('without what a package was made from', () => {
    const reading = read({
      ...spdx(
        spdxPackage('pkg:apk/wolfi/a@1.0-r0'),
        spdxPackage('pkg:generic/a@1.0?download_url=x'),
        spdxPackage('pkg:github/wolfi-dev/os@abc#a.yaml'),
        spdxPackage('pkg:generic/src@1', { primaryPackagePurpose: 'SOURCE' }),
      ),
      relationships: [
        {
          spdxElementId: 'SPDXRef-pkg:apk/wolfi/a@1.0-r0',
          relationshipType: 'GENERATED_FROM',
          relatedSpdxElement: 'SPDXRef-pkg:generic/a@1.0?download_url=x',
        },
      ],
    });
    expect(rows(reading)).toEqual(['apk a 1.0-r0 a 1.0-r0']);
  });

  it('says what it cannot tell, and nothing of what it is about', () => {
    const reading = read({
      ...spdx(
        { SPDXID: 'SPDXRef-root', name: 'root', versionInfo: '1' },
        { SPDXID: 'SPDXRef-x', name: 'x', versionInfo: '1' },
        { SPDXID: 'SPDXRef-y', name: 'y', versionInfo: 'NOASSERTION' },
      ),
      documentDescribes: ['SPDXRef-root'],
    });
    expect(reading.unknown).toEqual(['1 of what it tells of have no package URL']);
  });
});

describe('what is no bill of materials', () => {
  it.each<readonly [string, RegExp]>([
    ['', /not JSON/],
    ['[]', /no JSON object/],
    ['{}', /neither/],
    ['SPDXVersion: SPDX-2.3', /not JSON/],
    ['{"spdxVersion":"SPDX-3.0"}', /neither/],
    ['['.repeat(100_000), /200 deep/],
  ])('%.30s', (text, why) => {
    expect(readSbom(Buffer.from(text))).toEqual({ kind: 'none', why: expect.stringMatching(why) });
  });

  it('is never thrown at, whatever stands where', () => {
    const key = fc.constantFrom(
      ...['components', 'packages', 'externalRefs', 'metadata', 'component', 'properties', 'purl', 'name'],
      ...['version', 'licenses', 'license', 'relationships', 'type', 'primaryPackagePurpose', 'comment'],
    );
    const leaf = fc.constantFrom<unknown>(
      ...['pkg:npm/a@1', 'pkg:deb/debian/a@1?distro=x', 'library', 'operating-system', 'APPLICATION', 'a: b'],
      ...[1, null, true],
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        leaf,
        fc.dictionary(key, tie('tree')),
        fc.array(tie('tree'), { maxLength: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree), fc.boolean(), (document, isSpdx) => {
        const head = isSpdx ? { spdxVersion: 'SPDX-2.3' } : { bomFormat: 'CycloneDX' };
        for (const one of read({ ...document, ...head }).packages) {
          expect([one.name, one.version, one.source.name, one.source.version]).not.toContain('');
        }
      }),
      { numRuns: 1000 },
    );
  });
});

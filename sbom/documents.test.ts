import { describe, expect, it } from '@jest/globals';
import { cycloneDxDocument } from './cyclonedx.ts';
import { digestOf, input, libssl, lodash } from './samples.ts';
import { spdxDocument } from './spdx.ts';

describe('SPDX', () => {
  it('tells the image, its system and its packages', () => {
    const document = spdxDocument(input());
    expect(document).toMatchObject({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name: `library/nginx@${digestOf('a')}`,
      creationInfo: { created: '2026-06-01T12:30:15Z', creators: ['Tool: Pratique-0.1.0'] },
    });
    expect(document.packages).toMatchObject([
      {
        name: 'library/nginx',
        versionInfo: digestOf('a'),
        primaryPackagePurpose: 'CONTAINER',
        checksums: [{ algorithm: 'SHA256', checksumValue: 'a'.repeat(64) }],
        externalRefs: [
          {
            referenceType: 'purl',
            referenceLocator: `pkg:oci/nginx@sha256%3A${'a'.repeat(64)}?arch=amd64&repository_url=harbor.example%3A8443%2Flibrary%2Fnginx`,
          },
        ],
      },
      { name: 'debian', versionInfo: '12', primaryPackagePurpose: 'OPERATING_SYSTEM' },
      {
        name: 'libssl3',
        versionInfo: '3.0.15-1~deb12u1',
        supplier: 'NOASSERTION',
        downloadLocation: 'NOASSERTION',
        licenseDeclared: 'Apache-2.0',
        sourceInfo: 'built package from: openssl 3.0.15-1~deb12u1',
        comment: `layer: ${digestOf('b')}`,
        externalRefs: [{ referenceLocator: libssl().purl }],
      },
      {
        name: '@scope/lodash',
        comment: `layer: ${digestOf('c')}\npath: app/node_modules/@scope/lodash/package.json`,
      },
    ]);
  });

  it('says what contains what, by names that are there', () => {
    const { packages, relationships } = spdxDocument(input());
    const ids = new Set(['SPDXRef-DOCUMENT', ...packages.map((one) => one.SPDXID)]);
    expect(ids.size).toBe(packages.length + 1);
    for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
    const names = new Map(packages.map((one) => [one.SPDXID, one.name]));
    expect(
      relationships.map((one) => [
        names.get(one.spdxElementId) ?? one.spdxElementId,
        one.relationshipType,
        names.get(one.relatedSpdxElement),
      ]),
    ).toEqual([
      ['SPDXRef-DOCUMENT', 'DESCRIBES', 'library/nginx'],
      ['library/nginx', 'CONTAINS', 'debian'],
      ['debian', 'CONTAINS', 'libssl3'],
      ['library/nginx', 'CONTAINS', '@scope/lodash'],
    ]);
  });

  it('names licences that SPDX does not know', () => {
    const { packages, hasExtractedLicensingInfos } = spdxDocument(
      input({
        packages: [
          libssl({ licenses: ['LicenseRef-Public-Domain'], licenseTexts: ['Public Domain'] }),
          lodash({ licenses: [] }),
        ],
      }),
    );
    const [info] = hasExtractedLicensingInfos ?? [];
    expect(info).toEqual({ licenseId: 'LicenseRef-Public-Domain', extractedText: 'Public Domain' });
    expect(packages.slice(2).map((one) => one.licenseDeclared)).toEqual([info?.licenseId, 'NOASSERTION']);
  });
});

describe('CycloneDX', () => {
  it('tells the image, its system and its packages', () => {
    expect(cycloneDxDocument(input())).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: expect.stringMatching(
        /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      metadata: {
        timestamp: '2026-06-01T12:30:15Z',
        component: { type: 'container', name: 'library/nginx', version: digestOf('a') },
      },
      components: [
        { type: 'operating-system', name: 'debian', version: '12' },
        {
          name: 'libssl3',
          purl: libssl().purl,
          licenses: [{ expression: 'Apache-2.0' }],
          properties: expect.arrayContaining([{ name: 'pratique:source:name', value: 'openssl' }]),
        },
        { name: '@scope/lodash' },
      ],
      compositions: [{ aggregate: 'unknown' }],
    });
  });

  it('keeps licences that SPDX does not know', () => {
    const { components } = cycloneDxDocument(
      input({
        packages: [
          libssl({ licenses: ['MIT OR ISC', 'LicenseRef-Mine'], licenseTexts: ['MIT/ISC', 'Mine'] }),
          libssl({ licenses: ['no expression'] }),
        ],
      }),
    );
    expect(components[1]?.licenses).toEqual([{ expression: '(MIT OR ISC) AND LicenseRef-Mine' }]);
    expect(components[1]?.properties).toContainEqual({ name: 'pratique:license', value: 'MIT/ISC' });
    expect(components[2]?.licenses).toEqual([
      { expression: expect.stringMatching(/^LicenseRef-[0-9a-f]{16}$/) },
    ]);
  });

  it('has references that are unique and there', () => {
    const { metadata, components, dependencies } = cycloneDxDocument(input());
    const refs = components.map((one) => one['bom-ref']);
    expect(new Set([...refs, metadata.component['bom-ref']]).size).toBe(4);
    expect(dependencies).toEqual([{ ref: metadata.component['bom-ref'], dependsOn: refs }]);
  });
});

describe('both', () => {
  const documentsOf = (...given: Parameters<typeof input>) =>
    [spdxDocument(input(...given)), cycloneDxDocument(input(...given))].map((one) => JSON.stringify(one));
  const namesOf = (...given: Parameters<typeof input>) => [
    spdxDocument(input(...given)).documentNamespace,
    cycloneDxDocument(input(...given)).serialNumber,
  ];

  it('are the same for the same', () => {
    expect(documentsOf()).toEqual(documentsOf());
  });

  it.each<[what: string, ...given: Parameters<typeof input>]>([
    ['another repository', {}, { repositoryUrl: 'harbor.example/other/nginx' }],
    ['another time', {}, { created: 0 }],
    ['another image', {}, { digest: digestOf('d') }],
    ['other analyzers', { analyzers: 'dpkg 2' }],
    ['another version of this', {}, { tool: { name: 'Pratique', version: '0.2.0' } }],
  ])('have another name for %s', (_what, ...given) => {
    for (const name of namesOf(...given)) expect(namesOf()).not.toContain(name);
  });

  it.each<[what: string, fields: Parameters<typeof input>[0], told: string]>([
    [
      'a file that could not be read',
      { incomplete: [{ what: 'var/lib/dpkg/status', why: 'it breaks off' }] },
      'var/lib/dpkg/status could not be read: it breaks off',
    ],
    ['unfit bytes', { unfit: ['layer 2 is not what it claims'] }, 'layer 2 is not what it claims'],
    ['no system', { os: null }, 'no operating system was recognised'],
  ])('tell of %s', (_what, fields, told) => {
    for (const document of documentsOf(fields)) expect(document).toContain(told);
    expect(cycloneDxDocument(input(fields)).compositions).toMatchObject([{ aggregate: 'incomplete' }]);
    expect(spdxDocument(input(fields)).comment).toContain('incomplete');
  });

  it('miss nothing in programs on an empty root', () => {
    for (const document of documentsOf({ os: null, bare: true, packages: [lodash()] }))
      expect(document).not.toContain('incomplete');
  });

  it('name the layer that changed a package', () => {
    for (const document of documentsOf({ packages: [libssl({ changedIn: digestOf('e') })] })) {
      expect(document).toMatch(/changedIn/);
      expect(document).toContain(digestOf('e'));
    }
  });

  it('keep packages apart that are alike in all that is told', () => {
    const { packages } = spdxDocument(input({ packages: [lodash(), lodash(), lodash({ paths: [] })] }));
    expect(new Set(packages.map((one) => one.SPDXID)).size).toBe(5);
  });

  it('have an image without packages', () => {
    expect(spdxDocument(input({ os: null, platform: null, packages: [] })).packages).toHaveLength(1);
  });
});

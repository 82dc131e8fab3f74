import { describe, expect, it } from '@jest/globals';
import { sbom } from './index.ts';

describe('places of bills of materials', () => {
  it.each<readonly [string, boolean]>([
    ['opt/bitnami/nginx/.spdx-nginx.spdx', true],
    ['opt/bitnami/common/.spdx-render-template.spdx', true],
    ['opt/bitnami/nginx/licenses/x.spdx', false],
    ['var/lib/db/sbom/zlib-1.3-r0.spdx.json', true],
    ['var/lib/db/sbom/zlib-1.3-r0.json', false],
    ['usr/share/sbom/app.cdx.json', true],
    ['usr/local/share/sbom/app.spdx.json', true],
    ['layers/sbom/launch/paketo-buildpacks_node/sbom.cdx.json', true],
    ['layers/sbom/launch/paketo-buildpacks_node/sbom.syft.json', false],
    ['srv/app.cdx.json', false],
  ])('%s: %s', (path, matches) => expect(sbom.match(path) !== null).toBe(matches));
});

const purl = (referenceLocator: string): object => ({
  externalRefs: [{ referenceCategory: 'PACKAGE_MANAGER', referenceType: 'purl', referenceLocator }],
});
const rows = (path: string, document: unknown): readonly string[] => {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const { packages, incomplete } = sbom.parse(path, Buffer.from(text));
  return [
    ...packages.map(({ type, name, version }) => `${type} ${name} ${version}`),
    ...incomplete.map(({ what, why }) => `${what}: ${why}`),
  ];
};

describe('bills of materials', () => {
  it('of Bitnami tell the component, what it was linked with, and packages of languages', () => {
    const document = {
      SPDXID: 'SPDXRef-elasticsearch',
      spdxVersion: 'SPDX-2.3',
      documentDescribes: ['SPDXRef-elasticsearch'],
      packages: [
        { SPDXID: 'SPDXRef-elasticsearch', ...purl('pkg:bitnami/elasticsearch@8.7.1-2?arch=arm64') },
        purl('pkg:bitnami/geos@3.8.3'),
        { name: 'co.elastic.apm:apm-agent', ...purl('pkg:maven/co.elastic.apm/apm-agent@1.36.0') },
      ],
      files: [],
    };
    expect(rows('opt/bitnami/elasticsearch/.spdx-elasticsearch.spdx', document)).toEqual([
      'bitnami elasticsearch 8.7.1-2',
      'bitnami geos 3.8.3',
      'maven co.elastic.apm:apm-agent 1.36.0',
    ]);
  });

  it('of Wolfi tell the package, and not what it was made from', () => {
    const document = {
      spdxVersion: 'SPDX-2.3',
      packages: [purl('pkg:apk/wolfi/zlib@1.3.1-r4?arch=x86_64'), purl('pkg:generic/zlib@1.3.1')],
    };
    expect(rows('var/lib/db/sbom/zlib-1.3.1-r4.spdx.json', document)).toEqual(['apk zlib 1.3.1-r4']);
  });

  it('that cannot be read are told', () => {
    const path = 'opt/bitnami/a/.spdx-a.spdx';
    expect(rows(path, 'SPDXVersion: SPDX-2.3')).toEqual([
      `${path}: this bill of materials is not read: it is not JSON`,
    ]);
    expect(rows(path, '['.repeat(1_000_000))[0]).toMatch(/200 deep/);
  });
});

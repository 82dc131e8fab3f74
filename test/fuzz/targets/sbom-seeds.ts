import type { Input } from '../target.ts';
import { json, jsonWords } from './seeds.ts';

export const sbomWords = [
  ...['"purl":"pkg:npm/a@1"', '"components":[', '"packages":[', '"externalRefs":[', '"properties":['],
  ...[
    '"bomFormat":"CycloneDX"',
    '"spdxVersion":"SPDX-2.3"',
    'pkg:deb/debian/a@1%3A2?distro=debian-12',
    '%',
    '?',
    ...jsonWords,
  ],
];

/** Bills of materials in both formats. */
export function sbomSeeds(path: string): readonly Input[] {
  const purl = 'pkg:deb/debian/login@1:4.13-1?arch=amd64&distro=debian-12&upstream=shadow@4.13';
  return [
    json(path, {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      components: [
        { type: 'operating-system', name: 'debian', version: '12' },
        { type: 'library', name: 'login', version: '1:4.13-1', purl, licenses: [{ license: { id: 'MIT' } }] },
        {
          type: 'library',
          name: 'a',
          version: '1',
          purl: 'pkg:npm/%40s/a@1',
          components: [{ name: 'b', version: '2' }],
        },
      ],
    }),
    json(path, {
      spdxVersion: 'SPDX-2.3',
      packages: [
        {
          SPDXID: 'SPDXRef-a',
          name: 'login',
          versionInfo: '1:4.13-1',
          licenseDeclared: 'MIT',
          externalRefs: [
            { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
          ],
        },
      ],
    }),
  ];
}

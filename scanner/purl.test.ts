import { describe, expect, it } from '@jest/globals';
import type { FoundPackage } from './catalogers/cataloger.ts';
import { purlOf } from './purl.ts';

const debian = { id: 'debian', versionId: '12', name: 'Debian 12' };
const rolling = { id: 'wolfi', versionId: '', name: 'Wolfi' };
const arch = { arch: 'amd64' };
const from = (version: string) => ({ arch: 'x86_64', source: { name: 'src', version } });

describe('the purl of a package', () => {
  const table: readonly (readonly [
    string,
    FoundPackage['type'],
    string,
    string,
    Partial<FoundPackage>,
    string,
  ])[] = [
    ['has its system', 'deb', 'a', '1-2', arch, 'pkg:deb/debian/a@1-2?arch=amd64&distro=debian-12'],
    ['tells no architecture that is not told', 'deb', 'a', '1', {}, 'pkg:deb/debian/a@1?distro=debian-12'],
    ['has the system of the image', 'apk', 'a', '1-r0', {}, 'pkg:apk/debian/a@1-r0?distro=debian-12'],
    [
      'has the epoch beside the version',
      'rpm',
      'a',
      '1:2-3',
      from('1:2-3'),
      'pkg:rpm/debian/a@2-3?arch=x86_64&distro=debian-12&epoch=1&upstream=src-1%3A2-3.src.rpm',
    ],
    [
      'has no epoch where there is none',
      'rpm',
      'a',
      '2-3',
      from('2-3'),
      'pkg:rpm/debian/a@2-3?arch=x86_64&distro=debian-12&upstream=src-2-3.src.rpm',
    ],
    ['has the scope as namespace', 'npm', '@scope/a', '1.0.0', {}, 'pkg:npm/%40scope/a@1.0.0'],
    ['has none without a scope', 'npm', 'a', '1.0.0', arch, 'pkg:npm/a@1.0.0'],
    ['has the name that indexes use', 'pypi', 'A.b_C', '1.0', {}, 'pkg:pypi/a-b-c@1.0'],
    ['has the group', 'maven', 'org.x:a', '1', {}, 'pkg:maven/org.x/a@1'],
    ['is generic without a group', 'maven', 'a', '1', {}, 'pkg:generic/a@1'],
    ['tells no version that is not known', 'maven', 'org.x:a', 'unknown', {}, 'pkg:maven/org.x/a'],
    ['has the name of a gem', 'gem', 'RedCloth', '4.2.9', {}, 'pkg:gem/RedCloth@4.2.9'],
    [
      'has the platform of a gem',
      'gem',
      'a',
      '1',
      { qualifiers: { platform: 'java' } },
      'pkg:gem/a@1?platform=java',
    ],
    [
      'has the build',
      'conda',
      'a',
      '1',
      { qualifiers: { subdir: 'linux-64', build: 'py_0' } },
      'pkg:conda/a@1?build=py_0&subdir=linux-64',
    ],
    ['tells no version that is not known', 'npm', '@s/a', 'unknown', {}, 'pkg:npm/%40s/a'],
    ['has the name of a crate', 'cargo', 'serde_json', '1.0.1', {}, 'pkg:cargo/serde_json@1.0.1'],
    ['keeps the capitals of', 'nuget', 'Newtonsoft.Json', '13.0.1', {}, 'pkg:nuget/Newtonsoft.Json@13.0.1'],
    [
      'has the vendor',
      'composer',
      'Symfony/Http-Kernel',
      'v6.1',
      {},
      'pkg:composer/symfony/http-kernel@v6.1',
    ],
    ['has none without one', 'composer', 'app', 'dev-main', {}, 'pkg:composer/app@dev-main'],
    ['tells no version that is not known', 'nuget', 'A', 'unknown', {}, 'pkg:nuget/A'],
    ['has the module path', 'golang', 'example.org/x/y', 'v1.0.0', {}, 'pkg:golang/example.org/x/y@v1.0.0'],
  ];
  it.each(table)('%s: %s %s %s', (_what, type, name, version, rest, purl) => {
    const found = { type, name, version, arch: null, source: { name, version }, licenses: [], ...rest };
    expect(purlOf(found, debian)).toBe(purl);
  });

  it.each([
    ['no system', null, 'deb', 'pkg:deb/debian/a@1'],
    ['no system', null, 'apk', 'pkg:apk/alpine/a@1'],
    ['no system', null, 'rpm', 'pkg:rpm/a@1?upstream=a-1.src.rpm'],
    ['a system without releases', rolling, 'apk', 'pkg:apk/wolfi/a@1'],
  ] as const)('of an image with %s', (_what, os, type, purl) => {
    const source = { name: 'a', version: '1' };
    expect(purlOf({ type, name: 'a', version: '1', arch: null, source, licenses: [] }, os)).toBe(purl);
  });
});

import { type Seeds, text } from './seeds.ts';

/** Of what tells of systems and their packages, but for the first three package managers. */
export const systemSeeds: Readonly<Record<string, Seeds>> = {
  jdk: {
    words: ['JAVA_VERSION="', '1.8.0_392', '17.0.10"', '\n'],
    seeds: () => [
      text('opt/jdk-17/release', 'IMPLEMENTOR="x"', 'JAVA_VERSION="17.0.10"', 'MODULES="java.base"'),
    ],
  },
  sbom: {
    words: [
      ...[
        '"spdxVersion":"SPDX-2.3"',
        '"packages":[',
        '"externalRefs":[',
        '"referenceType":"purl"',
        'pkg:npm/a@1',
      ],
      ...[
        '"bomFormat":"CycloneDX"',
        '"components":[',
        '"purl":"pkg:deb/debian/a@1?epoch=1',
        '"properties":[',
      ],
      ...['{', '}', '[', ']', '"', '\\', '%40', '?upstream=a-1-2.src.rpm'],
    ],
    seeds: () => [
      text(
        'opt/bitnami/a/.spdx-a.spdx',
        '{"spdxVersion":"SPDX-2.3","documentDescribes":["SPDXRef-a"],"packages":[{"SPDXID":"SPDXRef-a","name":"a",',
        '"versionInfo":"1-2","licenseDeclared":"MIT","sourceInfo":"built package from: b 1","externalRefs":[',
        '{"referenceType":"purl","referenceLocator":"pkg:bitnami/a@1-2?arch=amd64"}]}],"relationships":[',
        '{"relationshipType":"GENERATED_FROM","relatedSpdxElement":"SPDXRef-b"}]}',
      ),
      text(
        'usr/share/sbom/a.cdx.json',
        '{"bomFormat":"CycloneDX","metadata":{"component":{"type":"container","name":"a"}},"components":[',
        '{"type":"operating-system","name":"debian","version":"12"},{"type":"library","name":"a","version":"1",',
        '"purl":"pkg:deb/debian/a@1?distro=debian-12","licenses":[{"license":{"id":"MIT"}}],"properties":[',
        '{"name":"pratique:source:name","value":"b"},{"name":"pratique:source:version","value":"1"}]}]}',
      ),
    ],
  },
  'deb-copyright': {
    words: [
      'Format: ',
      'Files: *',
      'License: ',
      '\n\n',
      '\n ',
      '/usr/share/common-licenses/',
      'GPL-2+ or Artistic',
    ],
    seeds: () => [
      text(
        'usr/share/doc/a/copyright',
        'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
        'License: MIT',
        '',
        'Files: *',
        'Copyright: 2020 A',
        'License: GPL-2+ or Artistic',
        ' text',
        ' .',
        '',
        'License: GPL-2+',
        ' /usr/share/common-licenses/GPL-2',
      ),
      text(
        'usr/share/doc/b/copyright',
        'See /usr/share/common-licenses/LGPL-2.1.',
        'Redistribution and use in source',
      ),
    ],
  },
  'deb-pending': { words: [], seeds: () => [text('var/lib/dpkg/updates/0001', 'x')] },
  pacman: {
    words: ['%NAME%', '%VERSION%', '%BASE%', '%LICENSE%', '%FILES%', '\n\n', '1:2-3'],
    seeds: () => [
      text(
        'var/lib/pacman/local/a-1:2-3/desc',
        ...[
          '%NAME%',
          'a',
          '',
          '%VERSION%',
          '1:2-3',
          '',
          '%BASE%',
          'b',
          '',
          '%ARCH%',
          'any',
          '',
          '%LICENSE%',
          'MIT',
          '',
        ],
      ),
      text(
        'var/lib/pacman/local/a-1:2-3/files',
        '%FILES%',
        'usr/',
        'usr/bin/a',
        '',
        '%BACKUP%',
        'etc/a\tx',
        '',
      ),
    ],
  },
  opkg: {
    words: ['Package: ', 'Version: ', 'Status: install user installed', 'Architecture: ', '\n\n', '\t'],
    seeds: () => [
      text(
        'usr/lib/opkg/status',
        ...[
          'Package: a',
          'Version: 1-2',
          'Status: install user installed',
          'Architecture: all',
          'Conffiles:',
          ' /etc/a 0',
          '',
        ],
        ...['Package: b', 'Version: 1', 'Status: deinstall ok not-installed', ''],
      ),
      text('usr/lib/opkg/info/a.list', '/usr/bin/a', '/usr/lib/x/package.json\t0644\t'),
    ],
  },
  'opkg-control': {
    words: ['Source: ', 'SourceName: ', 'License: ', '.bb', '_', '/'],
    seeds: () => [
      text(
        'usr/lib/opkg/info/a.control',
        'Package: a',
        'Source: feeds/base/a',
        'License: MIT',
        'Description:  x',
        ' y',
      ),
      text('var/lib/opkg/info/b.control', 'Package: b', 'Source: b_1.0.bb'),
    ],
  },
  'older-release': {
    words: [
      'DISTRIB_ID=',
      'DISTRIB_RELEASE=',
      ' release ',
      'VERSION = ',
      'PATCHLEVEL = ',
      '/sid',
      '/alpine/edge/main',
      '@',
    ],
    seeds: () => [
      text(
        'etc/lsb-release',
        'DISTRIB_ID=Ubuntu',
        'DISTRIB_RELEASE=12.04',
        'DISTRIB_DESCRIPTION="Ubuntu 12.04 LTS"',
      ),
      text('etc/redhat-release', 'CentOS Linux release 7.9.2009 (Core)'),
      text('etc/SuSE-release', 'SUSE Linux Enterprise Server 11 (x86_64)', 'VERSION = 11', 'PATCHLEVEL = 4'),
      text('etc/debian_version', 'trixie/sid'),
      text('etc/alpine-release', '3.21.0_alpha20240923'),
      text('etc/apk/repositories', 'https://a/alpine/v3.21/main', '@edge https://a/alpine/edge/main', '#x'),
    ],
  },
};

import { describe, expect, it } from '@jest/globals';
import { olderRelease } from './index.ts';

const told = (path: string, text: string): string | null => {
  const { os, incomplete } = olderRelease.parse(path, Buffer.from(text));
  expect(incomplete).toEqual([]);
  return os === null ? null : `${os.id} ${os.versionId} (${os.name})`;
};

describe('what told a release before os-release', () => {
  it.each<readonly [string, string, string | null]>([
    ['etc/alpine-release', '3.2.3\n', 'alpine 3.2.3 (Alpine Linux 3.2.3)'],
    [
      'etc/alpine-release',
      '3.21.0_alpha20240923\n',
      'alpine 3.21.0_alpha20240923 (Alpine Linux 3.21.0_alpha20240923)',
    ],
    ['etc/debian_version', '6.0.10\n', 'debian 6 (Debian GNU/Linux 6.0.10)'],
    ['etc/debian_version', '12.5\n', 'debian 12 (Debian GNU/Linux 12.5)'],
    ['etc/debian_version', 'trixie/sid\n', 'debian  (Debian GNU/Linux trixie/sid)'],
    ['etc/debian_version', 'kali-rolling\n', null],
    [
      'etc/lsb-release',
      'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\nDISTRIB_CODENAME=precise\nDISTRIB_DESCRIPTION="Ubuntu 12.04.5 LTS"\n',
      'ubuntu 12.04 (Ubuntu 12.04.5 LTS)',
    ],
    ['etc/lsb-release', 'LSB_VERSION=1.4\n', null],
    ['etc/lsb-release', 'DISTRIB_ID="Arch"\nDISTRIB_RELEASE="rolling"\n', 'arch  (Arch rolling)'],
    [
      'etc/openwrt_release',
      "DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='19.07.10'\n",
      'openwrt 19.07.10 (OpenWrt 19.07.10)',
    ],
    ['etc/redhat-release', 'CentOS release 6.10 (Final)\n', 'centos 6 (CentOS release 6.10 (Final))'],
    [
      'etc/redhat-release',
      'Red Hat Enterprise Linux Server release 6.10 (Santiago)\n',
      'rhel 6.10 (Red Hat Enterprise Linux Server release 6.10 (Santiago))',
    ],
    [
      'etc/centos-release',
      'CentOS Linux release 7.9.2009 (Core)\n',
      'centos 7 (CentOS Linux release 7.9.2009 (Core))',
    ],
    [
      'etc/oracle-release',
      'Oracle Linux Server release 6.10\n',
      'ol 6.10 (Oracle Linux Server release 6.10)',
    ],
    [
      'usr/lib/fedora-release',
      'Fedora release 20 (Heisenbug)\n',
      'fedora 20 (Fedora release 20 (Heisenbug))',
    ],
    [
      'etc/system-release',
      'Amazon Linux AMI release 2018.03\n',
      'amzn 2018.03 (Amazon Linux AMI release 2018.03)',
    ],
    ['etc/system-release', 'Amazon Linux release 2 (Karoo)\n', 'amzn 2 (Amazon Linux release 2 (Karoo))'],
    [
      'usr/lib/system-release',
      'Amazon Linux release 2023.6.20241010 (Amazon Linux)\n',
      'amzn 2023 (Amazon Linux release 2023.6.20241010 (Amazon Linux))',
    ],
    [
      'etc/mariner-release',
      'CBL-Mariner 2.0.20230811\nMARINER_BUILD_NUMBER=x\n',
      'mariner 2.0 (CBL-Mariner 2.0.20230811)',
    ],
    ['etc/redhat-release', 'Somebody else’s Linux release 1\n', null],
    ['etc/redhat-release', 'CentOS\n', null],
    [
      'etc/SuSE-release',
      'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n',
      'sles 11.4 (SUSE Linux Enterprise Server 11 (x86_64))',
    ],
    [
      'etc/SuSE-release',
      'SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\nPATCHLEVEL = 0\n',
      'sles 12 (SUSE Linux Enterprise Server 12 (x86_64))',
    ],
    [
      'etc/SuSE-release',
      'openSUSE 13.1 (x86_64)\nVERSION = 13.1\n',
      'opensuse 13.1 (openSUSE 13.1 (x86_64))',
    ],
    ['etc/arch-release', '', 'arch  (Arch Linux)'],
    ['etc/slackware-version', 'Slackware 14.2\n', 'slackware 14.2 (Slackware 14.2)'],
    [
      'etc/gentoo-release',
      'Gentoo Base System release 2.14\n',
      'gentoo 2.14 (Gentoo Base System release 2.14)',
    ],
    ['etc/alpine-release', '\0\0', null],
  ])('%s "%s"', (path, text, expected) => {
    expect(olderRelease.match(path)?.kind).toBe('optional');
    expect(told(path, text)).toBe(expected);
  });

  it.each([
    [
      'https://dl-cdn.alpinelinux.org/alpine/edge/main\nhttps://dl-cdn.alpinelinux.org/alpine/edge/community\n',
      'edge',
    ],
    ['http://a/alpine/v3.21/main\n#http://a/alpine/edge/testing\n@edge http://a/alpine/edge/main\n', '3.21'],
    ['http://a/alpine/v3.20/main\nhttp://a/alpine/edge/community/\n', null],
    ['https://packages.wolfi.dev/os\n', null],
    ['http://a/alpine/latest-stable/main\n', null],
    ['/media/cdrom/apks\nhttp://a/alpine/v3.7/main\r\n', '3.7'],
  ])('repositories %j are of %s', (text, release) => {
    expect(olderRelease.parse('etc/apk/repositories', Buffer.from(text)).os?.versionId ?? null).toBe(release);
  });
});

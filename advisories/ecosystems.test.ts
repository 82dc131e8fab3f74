import { describe, expect, it } from '@jest/globals';
import type { PackageType } from '../core/inventory.ts';
import { ecosystemOf, ecosystemOfSystem, namesOf } from './ecosystems.ts';

const os = (id: string, versionId: string) => ({ id, versionId, name: id });
const one = (type: PackageType, name = 'x') => ({ type, name });

describe('which advisories speak of a package', () => {
  const table: readonly (readonly [string, string, PackageType, string, string | null, boolean])[] = [
    ['debian', '12', 'deb', 'Debian:12', '12', true],
    ['debian', '', 'deb', 'Debian', null, false],
    ['debian', 'trixie/sid', 'deb', 'Debian', null, false],
    ['ubuntu', '22.04', 'deb', 'Ubuntu:22.04:LTS', '22.04:LTS', true],
    ['ubuntu', '23.04', 'deb', 'Ubuntu:23.04', '23.04', true],
    ['ubuntu', '24.10', 'deb', 'Ubuntu:24.10', '24.10', true],
    ['alpine', '3.19.4', 'apk', 'Alpine:v3.19', 'v3.19', true],
    ['alpine', '3.20.0_rc1', 'apk', 'Alpine:v3.20', 'v3.20', true],
    ['alpine', '3.21.0_alpha20240923', 'apk', 'Alpine:edge', 'edge', true],
    ['alpine', '', 'apk', 'Alpine', null, false],
    ['wolfi', '20230201', 'apk', 'Wolfi', null, true],
    ['alpine', '3.19.4', 'npm', 'npm', null, true],
    ['almalinux', '8.9', 'rpm', 'AlmaLinux:8', '8', true],
    ['almalinux', '10', 'rpm', 'AlmaLinux:10', '10', true],
    ['almalinux', 'kitten', 'rpm', 'AlmaLinux', null, false],
    ['rocky', '9.3', 'rpm', 'Rocky Linux:9', '9', true],
    ['rhel', '6.10', 'rpm', 'Red Hat', null, false],
    ['ol', '9.4', 'rpm', 'Oracle Linux:9', '9', true],
    ['amzn', '2', 'rpm', 'Amazon Linux:2', '2', true],
    ['amzn', '2023', 'rpm', 'Amazon Linux:2023', '2023', true],
    ['amzn', '2018.03', 'rpm', 'Amazon Linux', null, false],
    ['opensuse-tumbleweed', '20260801', 'rpm', 'openSUSE:Tumbleweed', 'Tumbleweed', true],
    ['sles', '11.4', 'rpm', 'SUSE', null, false],
    ['opensuse-leap', '42', 'rpm', 'openSUSE', null, false],
    ['fedora', '40', 'rpm', 'fedora:40', null, false],
    ['centos', '8', 'rpm', 'centos:8', null, false],
    ['almalinux', '9.3', 'deb', 'deb', null, false],
    ['alpine', '3.19.4', 'golang', 'Go', null, true],
    ['alpine', '3.19.4', 'pypi', 'PyPI', null, true],
    ['linuxmint', '21.3', 'maven', 'Maven', null, true],
    ['alpine', '3.19.4', 'gem', 'RubyGems', null, true],
    ['alpine', '3.19.4', 'cargo', 'crates.io', null, true],
    ['alpine', '3.19.4', 'composer', 'Packagist', null, true],
    ['alpine', '3.19.4', 'nuget', 'NuGet', null, true],
    ['linuxmint', '21.3', 'deb', 'linuxmint:21.3', null, false],
    ['alpine', '3.19.4', 'deb', 'deb', null, false],
    ['__proto__', '', 'deb', '__proto__', null, false],
  ];
  it.each(table)('%s %s %s → %s', (id, versionId, type, ecosystem, release, known) => {
    expect(ecosystemOf(os(id, versionId), one(type))).toEqual({ ecosystem, release, known });
  });

  it.each<readonly [PackageType, string, string, boolean]>([
    ['bitnami', 'geos', 'Bitnami', true],
    ['generic', 'nginx', 'Bitnami', true],
    ['generic', 'openssl', 'generic', false],
    ['generic', '__proto__', 'generic', false],
  ])('of a program, %s %s: %s, known: %s', (type, name, ecosystem, known) => {
    expect(ecosystemOf(os('debian', '12'), one(type, name))).toMatchObject({ ecosystem, known });
  });

  it('names the repositories of RHEL', () => {
    const of = ecosystemOf(os('rhel', '9.4'), one('rpm'));
    expect(of).toMatchObject({ ecosystem: 'Red Hat:enterprise_linux:9', known: true });
    expect(of.parts?.always).toEqual([
      'Red Hat:enterprise_linux:9::baseos',
      'Red Hat:enterprise_linux:9::appstream',
    ]);
    expect(namesOf(of)).toContain('Red Hat:enterprise_linux:9::crb');
    expect(namesOf(ecosystemOf(os('almalinux', '9.3'), one('rpm')))).toEqual(['AlmaLinux:9']);
  });

  it.each(['drupal/core', 'Drupal/Token'])('names the repository of Drupal for %s too', (name) => {
    const of = ecosystemOf(null, one('composer', name));
    expect(of).toMatchObject({ ecosystem: 'Packagist:https://packages.drupal.org/8', known: true });
    expect(namesOf(of)).toEqual(['Packagist', 'Packagist:https://packages.drupal.org/8']);
    expect(of.parts?.always).toEqual(namesOf(of));
  });

  it('names it for no other vendor and no other type', () => {
    expect(namesOf(ecosystemOf(null, one('composer', 'drupalx/core')))).toEqual(['Packagist']);
    expect(namesOf(ecosystemOf(null, one('npm', 'drupal/core')))).toEqual(['npm']);
  });

  it.each([
    ['rhel', '7.9', ['Red Hat:enterprise_linux:7::server'], 'Red Hat:rhel_els:7'],
    [
      'rhel',
      '8.9',
      ['baseos', 'appstream'].map((one) => `Red Hat:enterprise_linux:8::${one}`),
      'Red Hat:enterprise_linux:8',
    ],
    [
      'rhel',
      '10.1',
      ['baseos', 'appstream'].map((one) => `Red Hat:enterprise_linux:10::${one}`),
      'Red Hat:enterprise_linux:10::crb',
    ],
    [
      'sles',
      '15.5',
      ['SUSE:Linux Enterprise Module for Basesystem 15 SP5'],
      'SUSE:Linux Enterprise Server 15 SP5-LTSS',
    ],
    [
      'sled',
      '15.6',
      ['SUSE:Linux Enterprise Module for Basesystem 15 SP6'],
      'SUSE:Linux Enterprise Module for Desktop Applications 15 SP6',
    ],
    [
      'sles',
      '15',
      ['SUSE:Linux Enterprise Module for Basesystem 15'],
      'SUSE:Linux Enterprise Server 15-LTSS',
    ],
    [
      'sles',
      '12.5',
      ['SUSE:Linux Enterprise Server 12 SP5'],
      'SUSE:Linux Enterprise Module for Containers 12',
    ],
    [
      'sles',
      '16.0',
      ['SUSE:Linux Enterprise Server 16.0'],
      'SUSE:Linux Enterprise Server for SAP applications 16.0',
    ],
    ['sle-micro', '5.5', ['SUSE:Linux Enterprise Micro 5.5'], 'SUSE:Linux Enterprise Micro 5.5'],
    ['sl-micro', '6.1', ['SUSE:Linux Micro 6.1'], 'SUSE:Linux Micro 6.1'],
    ['opensuse-leap', '15.6', ['openSUSE:Leap 15.6'], 'openSUSE:Leap 15.6 NonFree'],
  ])('of %s %s is filed under several names', (id, versionId, always, other) => {
    const of = ecosystemOf(os(id, versionId), { type: 'rpm', name: 'x' });
    expect(of).toMatchObject({ known: true, parts: { always } });
    expect(namesOf(of)).toContain(other);
    expect(new Set(namesOf(of)).size).toBe(namesOf(of).length);
  });

  it('names no system where none was recognised, except for what needs none', () => {
    expect(ecosystemOf(null, one('deb'))).toEqual({ ecosystem: 'deb', release: null, known: false });
    expect(ecosystemOf(null, one('npm'))).toEqual({ ecosystem: 'npm', release: null, known: true });
  });

  it('names a system even if it has no packages', () => {
    expect(ecosystemOfSystem(os('fedora', '40'))).toEqual({
      ecosystem: 'fedora:40',
      release: null,
      known: false,
    });
    expect(ecosystemOfSystem(os('debian', '12')).known).toBe(true);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { PackageType } from '../core/inventory.ts';
import { ecosystemOf, ecosystemOfSystem } from './ecosystems.ts';

const os = (id: string, versionId: string) => ({ id, versionId, name: id });

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
    ['linuxmint', '21.3', 'deb', 'linuxmint:21.3', null, false],
    ['alpine', '3.19.4', 'deb', 'deb', null, false],
    ['__proto__', '', 'deb', '__proto__', null, false],
  ];
  it.each(table)('%s %s %s → %s', (id, versionId, type, ecosystem, release, known) => {
    expect(ecosystemOf(os(id, versionId), type)).toEqual({ ecosystem, release, known });
  });

  it('names no system where none was recognised, except for what needs none', () => {
    expect(ecosystemOf(null, 'deb')).toEqual({ ecosystem: 'deb', release: null, known: false });
    expect(ecosystemOf(null, 'npm')).toEqual({ ecosystem: 'npm', release: null, known: true });
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

import { describe, expect, it } from '@jest/globals';
import type { OperatingSystem, Package, PackageType } from '../core/inventory.ts';
import type { Looked } from '../core/ports/scanner.ts';
import { reportedCoverage } from './reported-coverage.ts';

const debian: OperatingSystem = { id: 'debian', versionId: '12', name: 'Debian 12' };
const feed = { name: 'trivy 0.74.0', updatedAt: '2026-06-01T00:00:00.000Z' };

function one(type: PackageType, ownedBy?: string, name = 'thing'): Package {
  return {
    type,
    name,
    version: '1',
    arch: null,
    source: { name: 'thing', version: '1' },
    ...(ownedBy === undefined ? {} : { ownedBy }),
    purl: '',
    layer: null,
    paths: [],
    licenses: [],
  };
}

const told = (os: OperatingSystem | null, packages: readonly Package[], looked: Looked) =>
  reportedCoverage({ os, packages }, looked, feed).map(
    ({ ecosystem, covered, packages: number }) => `${ecosystem} ${covered ? 'covered' : 'open'} ${number}`,
  );

describe('what the silence of another scanner covers', () => {
  it.each<
    [what: string, os: OperatingSystem | null, packages: readonly Package[], looked: Looked, told: string[]]
  >([
    [
      'everything that it says',
      debian,
      [one('deb'), one('npm')],
      { system: null, types: ['npm'] },
      ['Debian:12 covered 1', 'npm covered 1'],
    ],
    [
      'no language that it does not name',
      debian,
      [one('deb'), one('gem')],
      { system: null, types: ['npm'] },
      ['Debian:12 covered 1', 'RubyGems open 1'],
    ],
    [
      'no system of which it says why not',
      debian,
      [one('deb')],
      { system: 'EOSL', types: [] },
      ['Debian:12 open 1'],
    ],
    ['no system without packages either', debian, [], { system: 'EOSL', types: [] }, ['Debian:12 open 0']],
    [
      'no packages that lie on a system of another kind',
      debian,
      [one('rpm')],
      { system: null, types: [] },
      ['Debian:12 covered 0', 'rpm open 1'],
    ],
    [
      'what the distribution brought with the distribution',
      debian,
      [one('pypi', 'python3-thing')],
      { system: null, types: [] },
      ['Debian:12 covered 0'],
    ],
    [
      'it not where the distribution is open',
      debian,
      [one('pypi', 'python3-thing')],
      { system: 'EOSL', types: [] },
      ['Debian:12 open 0', 'PyPI open 1'],
    ],
    [
      'programs only where somebody says so',
      null,
      [one('generic')],
      { system: 'none', types: ['npm'] },
      ['generic open 1'],
    ],
    [
      'a class that two kinds share only as a whole',
      null,
      [one('generic', undefined, 'nginx'), one('bitnami')],
      { system: 'none', types: ['bitnami'] },
      ['Bitnami open 2'],
    ],
    ['nothing where there is nothing', null, [], { system: 'none', types: [] }, []],
  ])('is %s', (_, os, packages, looked, expected) => {
    expect(told(os, packages, looked)).toEqual(expected);
  });
});

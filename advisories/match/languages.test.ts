import { describe, expect, it } from '@jest/globals';
import type { MatchResult } from '../../core/finding.ts';
import { type Package, type PackageType, unknownVersion } from '../../core/inventory.ts';
import type { Advisory, AdvisoryIndex } from '../../core/ports/advisories.ts';
import { osvRecord } from '../../test/support/osv.ts';
import { parseOsvRecord } from '../feeds/osv/parse.ts';
import { ecosystemState, emptyIndex } from '../samples-index.ts';
import { matchInventory } from './index.ts';

function indexOf(ecosystem: string, names: readonly string[]): AdvisoryIndex {
  const advisories = names.map((name): Advisory => {
    const parsed = parseOsvRecord(osvRecord({ id: `GHSA-${name}`, ecosystem, package: name, fixed: '2.0' }));
    if (!('advisory' in parsed)) throw new Error(JSON.stringify(parsed));
    return parsed.advisory;
  });
  const rows = advisories.flatMap((advisory) =>
    advisory.affected.map((affected) => ({ advisory, affected })),
  );
  const speaksOf = (where: string) => rows.filter(({ affected }) => affected.ecosystem === where);
  return {
    ...emptyIndex,
    affecting: (where, name) => speaksOf(where).filter(({ affected }) => affected.name === name),
    packagesEnding: (where, ending) =>
      speaksOf(where).flatMap(({ affected: { name } }) => (name.endsWith(ending) ? [name] : [])),
  };
}

/** `id status fix` of every finding of one package. */
function findings(
  index: AdvisoryIndex,
  type: PackageType,
  name: string,
  version: string,
  source = name,
): string[] {
  return resultOf(index, type, name, version, source)
    .findings.map(({ id, status, fixedVersion }) => `${id} ${status} ${fixedVersion ?? 'none'}`)
    .sort();
}

function resultOf(
  index: AdvisoryIndex,
  type: PackageType,
  name: string,
  version: string,
  source = name,
): MatchResult {
  const one: Package = {
    ...{ type, name, version, arch: null, source: { name: source, version } },
    ...{ purl: 'pkg:generic/x', layer: null, paths: [], licenses: [] },
  };
  const inventory = {
    os: null,
    platform: null,
    packages: [one],
    incomplete: [],
    unfit: [],
    analyzers: 't/1',
    facts: null,
    checks: [],
  };
  return matchInventory({ ...inventory, content: 'image' }, index);
}

describe('a Python project', () => {
  const index = indexOf('PyPI', ['Zope.Interface']);
  it.each([
    ['zope-interface', '1.0', ['GHSA-Zope.Interface fixed 2.0']],
    ['zope_interface', '2.0rc1', ['GHSA-Zope.Interface fixed 2.0']],
    ['Zope.Interface', '2.0', []],
    ['ZOPE..INTERFACE', '1.0-legacy', ['GHSA-Zope.Interface undetermined 2.0']],
    ['zopeinterface', '1.0', []],
  ])('called %s %s has %j', (name, version, expected) => {
    expect(findings(index, 'pypi', name, version)).toEqual(expected);
  });
});

describe('a PHP package', () => {
  const drupal = 'Packagist:https://packages.drupal.org/8';
  const main = indexOf('Packagist', ['Vendor/Shop', 'drupal/core']);
  const modules = indexOf(drupal, ['drupal/core', 'drupal/token']);
  const index: AdvisoryIndex = {
    ...main,
    affecting: (where, name) => [...main.affecting(where, name), ...modules.affecting(where, name)],
  };
  it.each([
    ['vendor/shop', 'v1.9.0', ['GHSA-Vendor/Shop fixed 2.0']],
    ['VENDOR/Shop', '2.0-RC1', ['GHSA-Vendor/Shop fixed 2.0']],
    ['vendor/shop', '2.0-p1', []],
    ['vendor/shop', 'dev-main', ['GHSA-Vendor/Shop undetermined 2.0']],
    ['vendor/shop', '2.x-dev', ['GHSA-Vendor/Shop undetermined 2.0']],
    ['drupal/token', '1.0', ['GHSA-drupal/token fixed 2.0']],
    ['drupal/core', '1.0', ['GHSA-drupal/core fixed 2.0']],
  ])('called %s %s has %j', (name, version, expected) => {
    expect(findings(index, 'composer', name, version)).toEqual(expected);
  });

  const speaking = (...feeds: readonly string[]): AdvisoryIndex => ({
    ...index,
    ecosystem: (ecosystem) =>
      feeds.includes(ecosystem) ? ecosystemState({ ecosystem, rows: 100, familyRows: 100 }) : null,
  });
  it.each([
    ['vendor/shop', ['Packagist'], 'Packagist', true],
    ['drupal/token', ['Packagist', drupal], drupal, true],
    ['drupal/token', ['Packagist'], drupal, false],
    ['drupal/token', [drupal], drupal, false],
    ['vendor/shop', [drupal], 'Packagist', false],
  ])('called %s where %j is spoken of belongs to %s, covered: %s', (name, feeds, ecosystem, covered) => {
    const { coverage } = resultOf(speaking(...feeds), 'composer', name, '1.0');
    expect(coverage).toMatchObject([{ ecosystem, covered, packages: 1 }]);
  });
});

describe.each<readonly [PackageType, string, string, string, readonly (readonly [string, string, string])[]]>(
  [
    [
      'nuget',
      'NuGet',
      'Newtonsoft.Json',
      'newtonsoft.json',
      [
        ['2.0.0-BETA', 'fixed', 'a pre-release'],
        ['2.0.0.0', '', 'the fix'],
        ['latest', 'undetermined', 'no version'],
      ],
    ],
    [
      'gem',
      'RubyGems',
      'rack',
      'rack',
      [
        ['2.0.rc1', 'fixed', 'a pre-release'],
        ['2', '', 'the fix'],
        ['v2', 'undetermined', 'no version'],
      ],
    ],
    [
      'cargo',
      'crates.io',
      'tokio',
      'tokio',
      [
        ['2.0.0-rc.1', 'fixed', 'a pre-release'],
        ['2.0.0', '', 'the fix'],
        ['git', 'undetermined', 'no version'],
      ],
    ],
  ],
)('a package of type %s', (type, ecosystem, filed, name, rows) => {
  const index = indexOf(ecosystem, [filed]);
  it.each(rows)('of version %s is %j: %s', (version, status) => {
    expect(findings(index, type, name, version)).toEqual(
      status === '' ? [] : [`GHSA-${filed} ${status} 2.0`],
    );
  });
});

describe('a Java package', () => {
  const index = indexOf('Maven', [
    'org.a.tomcat:tomcat-catalina',
    'org.a.log:log-core',
    'com.b:log-core',
    'com.b:core',
  ]);
  it.each<readonly [string, string, string | undefined, readonly string[]]>([
    ['org.a.log:log-core', '1.9', undefined, ['GHSA-org.a.log:log-core fixed 2.0']],
    ['org.a.log:log-core', '2.0', undefined, []],
    ['org.c:log-core', '1.9', undefined, []],
    // A group that nobody tells: each that could be meant.
    [
      'log-core',
      '1.9',
      undefined,
      ['GHSA-com.b:log-core undetermined 2.0', 'GHSA-org.a.log:log-core undetermined 2.0'],
    ],
    ['log-core', '2.1', undefined, []],
    [
      'log-core',
      unknownVersion,
      undefined,
      ['GHSA-com.b:log-core undetermined 2.0', 'GHSA-org.a.log:log-core undetermined 2.0'],
    ],
    ['catalina', '1.0', 'org.a.tomcat-catalina', ['GHSA-org.a.tomcat:tomcat-catalina undetermined 2.0']],
    ['jetty-core', '1.0', 'org.a.jetty.core', []],
    ['renamed', '1.0', 'com.b.core', ['GHSA-com.b:core undetermined 2.0']],
    ['renamed', '1.0', 'core', ['GHSA-com.b:core undetermined 2.0']],
    ['mine', unknownVersion, undefined, []],
  ])('called %s %s (%s) has %j', (name, version, source, expected) => {
    expect(findings(index, 'maven', name, version, source)).toEqual(expected);
  });
});

describe('a program', () => {
  const index = indexOf('Bitnami', ['nginx', 'openssl']);
  it.each<readonly [PackageType, string, string, readonly string[]]>([
    ['generic', 'nginx', '1.25.1', ['GHSA-nginx fixed 2.0']],
    ['generic', 'nginx', '2.0rc1', ['GHSA-nginx fixed 2.0']],
    ['generic', 'nginx', '2.0', []],
    ['bitnami', 'nginx', '1.25.1-4', ['GHSA-nginx fixed 2.0']],
    ['bitnami', 'nginx', '2.0-0', []],
    ['bitnami', 'nginx', '2.0.0-7', []],
    ['generic', 'nginx', 'mainline', ['GHSA-nginx undetermined 2.0']],
    ['generic', 'curl', '1.0', []],
  ])('%s %s %s', (type, name, version, expected) => {
    expect(findings(index, type, name, version)).toEqual(expected);
  });

  it('of which nobody speaks is not covered', () => {
    const [coverage] = resultOf(index, 'generic', 'openssl', '3.0.13').coverage;
    expect(coverage).toMatchObject({ ecosystem: 'generic', covered: false, packages: 1 });
  });
});

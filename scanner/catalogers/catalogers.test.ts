import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ANALYZERS } from '../analyzers.ts';
import { catalogers, noteOf } from './index.ts';

/** Random bytes alone never get past the first line: half-right texts do. */
const words = fc.constantFrom(
  'Package: a',
  'Status: install ok installed',
  'Version: 1',
  'Source: b (',
  'P:a',
  'V:1-r0',
  'o:',
  'Name: a',
  'License: MIT',
  'groupId=g',
  'PK\u0005\u0006',
  '\0'.repeat(18),
  'F:',
  'F:usr/lib',
  'R:a.jar',
  '/usr/lib/a.jar',
  'ID=',
  '%NAME%\na',
  '%VERSION%\n1-1\n',
  '%FILES%',
  'a\t1-1\t0\t0\tv\t1\t0\tnoarch\t1\ta-1-1.src.rpm',
  'CentOS release 6',
  'License: GPL-2+',
  '/usr/share/common-licenses/GPL-2',
  'ID="x',
  'JAVA_VERSION="17.0.1"',
  '{"spdxVersion":"SPDX-2.3","packages":[',
  '{"externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:npm/a@1"}]}',
  ']}',
  'VERSION_ID=',
  '{"name":"a"',
  ',"version":"1"}',
  '"packages":[{"name":"a/b","version":"v1"}]',
  '{"targets":{"t":{"a/1":{"runtime":{"a.dll":{}}}}},"libraries":{"a/1":{"type":"package"}}}',
  '"files":["lib/python3/site-packages/a.dist-info/METADATA"]',
  '[',
  '{',
  '# stub: a 1.0 ruby lib',
  '  s.name = "a".freeze',
  "  s.version = '1.0'",
  '  s.licenses = [%q{MIT}, "',
  'Classifier: License :: OSI Approved :: MIT License',
  'urllib3==1.26.20',
  ':',
  '=',
  '\0',
  '\ufeff',
  ' ',
  '\n',
  '\n\n',
  '\r\n',
  '\ud800',
);
const content = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc.array(words, { maxLength: 30 }).map((parts) => Buffer.from(parts.join('\n'))),
  fc.array(words, { maxLength: 30 }).map((parts) => Buffer.from(parts.join(''))),
  fc.json().map((text) => Buffer.from(text)),
);
const path = fc.oneof(
  fc.constantFrom(...catalogers.flatMap(({ database }) => database)),
  fc.constantFrom(
    'var/lib/dpkg/status.d/a',
    'var/lib/dpkg/status.d/a.md5sums',
    'var/lib/dpkg/info/a.list',
    'var/lib/dpkg/diversions',
    'a/node_modules/b/package.json',
    'x/package.json',
    'x/status',
    'a.dist-info/METADATA',
    'b.egg-info',
    'c.egg',
    'c.jar',
    'META-INF/maven/g/a/pom.properties',
    'x/specifications/a-1.0.gemspec',
    'x/bundler/gems/a-0123456/a.gemspec',
    'vendor/composer/installed.json',
    'app.deps.json',
    'shared/A/1.0/A.deps.json',
    'conda-meta/a-1-0.json',
    'pip/_vendor/vendor.txt',
    '.yarn/cache/a.zip',
    'usr/share/doc/a/copyright',
    'var/lib/pacman/local/a-1-1/desc',
    'var/lib/pacman/local/a-1-1/files',
    'usr/lib/opkg/info/a.list',
    'usr/lib/opkg/info/a.control',
    'var/lib/rpmmanifest/container-manifest-2',
    'etc/lsb-release',
    'etc/redhat-release',
    'etc/SuSE-release',
    'etc/apk/repositories',
    'Hives/System_Delta',
    'opt/bitnami/a/.spdx-a.spdx',
    'var/lib/db/sbom/a.spdx.json',
    'opt/jdk-17/release',
  ),
  fc
    .array(fc.constantFrom('var', 'lib', 'node_modules', 'package.json', '@s', 'status', ''))
    .map((parts) => parts.join('/')),
);

describe.each(catalogers.map((one) => [one.name, one] as const))('cataloger %s', (_, cataloger) => {
  it('never throws, gives equal facts for equal bytes, and facts survive JSON', () => {
    fc.assert(
      fc.property(path, content, (at, bytes) => {
        const facts = cataloger.parse(at, bytes);
        expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
        expect(cataloger.parse(at, Buffer.from(bytes))).toEqual(facts);
        for (const { name, version, source } of facts.packages) {
          expect([name, version, source.name, source.version]).not.toContain('');
        }
        // What lies in an archive is named behind the archive.
        for (const { what, why } of facts.incomplete)
          expect([what.split('!/')[0], why]).toEqual([at.split('!/')[0], expect.stringMatching(/./)]);
      }),
      { numRuns: 400 },
    );
  });

  it('finds what it calls its databases of note', () => {
    for (const database of cataloger.database) expect(cataloger.match(database)?.kind).toBe('content');
  });

  it('matches any path without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(path, fc.string()), (at) => {
        const interest = cataloger.match(at);
        expect(['content', 'presence', 'trace', 'optional', null]).toContain(interest?.kind ?? null);
      }),
    );
  });
});

describe('the list of catalogers', () => {
  it('has different names, all of them in the key of stored analyses', () => {
    const names = catalogers.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, version } of catalogers) expect(ANALYZERS.split(' ')).toContain(`${name}/${version}`);
  });

  it('gives a path to one cataloger at most', () => {
    fc.assert(
      fc.property(path, (at) => {
        expect(catalogers.filter((one) => one.match(at) !== null).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([
    ['var/lib/dpkg/status', 'deb', false],
    ['opt/dpkg/status', 'deb', true],
    ['etc/os-release', 'os-release', false],
    ['opt/os-release', 'os-release', true],
    ['var/lib/opkg/status', 'opkg', false],
    ['usr/share/doc/a/copyright', 'deb-copyright', false],
    ['opt/package.json', 'npm', true],
    ['opt/app.jar', 'java', false],
    ['opt/a.dist-info/METADATA', 'python', false],
    ['opt/specifications/a-1.gemspec', 'ruby', false],
    ['opt/a.gemspec', 'ruby', true],
    ['opt/vendor/composer/installed.json', 'php', false],
    ['opt/a.deps.json', 'dotnet', false],
    ['opt/conda-meta/a-1-0.json', 'conda', false],
    ['opt/.yarn/cache/a.zip', 'npm', false],
    ['opt/pip/_vendor/vendor.txt', 'python', false],
  ])('%s belongs to %s, as a candidate: %s', (at, name, candidate) => {
    expect(noteOf(at)).toMatchObject({ cataloger: { name }, candidate });
  });
});

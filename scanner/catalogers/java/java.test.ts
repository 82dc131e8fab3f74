import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jarOf, type ZipEntrySpec, zipOf } from '../../../test/support/zip.ts';
import { java } from './index.ts';

const classes: ZipEntrySpec = { name: 'org/example/A.class', content: 'cafe' };
const manifest = (...lines: readonly string[]): ZipEntrySpec => ({
  name: 'META-INF/MANIFEST.MF',
  content: `Manifest-Version: 1.0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\nName: x\r\nImplementation-Version: 9.9.9\r\n`,
});
const log4j = { group: 'org.apache.logging.log4j', artifact: 'log4j-core', version: '2.14.0' };
const gson = { group: 'com.google.code.gson', artifact: 'gson', version: '2.8' };

/** `name version` of each package, with its place in the file. */
function found(path: string, bytes: Buffer): string[] {
  return java
    .parse(path, bytes)
    .packages.map(
      ({ name, version, within }) => `${name} ${version}${within === undefined ? '' : ` in ${within}`}`,
    );
}
/** `name version: licenses` of each package. */
const licensed = (path: string, bytes: Buffer): string[] =>
  java
    .parse(path, bytes)
    .packages.map(({ name, version, licenses }) => `${name} ${version}: ${licenses.join(' + ')}`);
const pom = (at: string, content: string): ZipEntrySpec => ({
  name: `META-INF/maven/${at}/pom.xml`,
  content,
});
const faults = (path: string, bytes: Buffer): string[] =>
  java.parse(path, bytes).incomplete.map(({ what, why }) => `${what}: ${why}`);

describe('java match', () => {
  it.each([
    ['opt/app.jar', true],
    ['opt/APP.WAR', true],
    ['opt/app.ear', true],
    ['opt/app.par', true],
    ['opt/plugins/git.jpi', true],
    ['opt/plugins/git.HPI', true],
    ['opt/jboss/app.sar', true],
    ['opt/nifi/lib/a.nar', true],
    ['opt/karaf/deploy/a.kar', true],
    ['opt/a.rar', false],
    ['app/META-INF/maven/g/a/pom.properties', true],
    ['META-INF/maven/g/a/pom.properties', true],
    ['app/META-INF/maven/g/a/pom.xml', false],
    ['app/maven/g/a/pom.properties', false],
    ['opt/app.jar.md5', false],
    ['opt/jar', false],
    ['srv/BOOT-INF/lib/a', true],
    ['WEB-INF/lib-provided/a.txt', true],
    ['srv/BOOT-INF/lib', false],
    ['srv/BOOT-INF/library/a', false],
    ['opt/app.zip', false],
  ])('%s: %s', (path, expected) => expect(java.match(path) !== null).toBe(expected));
});

describe('a Java archive', () => {
  it.each<readonly [string, string, Buffer, readonly string[]]>([
    ['its descriptor', 'a.jar', jarOf([log4j]), ['org.apache.logging.log4j:log4j-core 2.14.0']],
    [
      'those of all that it was shaded from',
      'log4j-core-2.14.0.jar',
      jarOf([log4j, gson]),
      ['org.apache.logging.log4j:log4j-core 2.14.0', 'com.google.code.gson:gson 2.8'],
    ],
    [
      'itself where only others have one',
      'tool-1.0.jar',
      jarOf([gson]),
      ['com.google.code.gson:gson 2.8', 'tool 1.0'],
    ],
    [
      'its place where a descriptor is empty',
      'a-3.jar',
      jarOf([], [{ name: 'META-INF/maven/g/a/pom.properties' }]),
      ['g:a 3'],
    ],
    ['its file name', 'commons-io-2.4.jar', zipOf([classes]), ['commons-io 2.4']],
    [
      'a classifier',
      'netty-epoll-4.1.94.Final-linux-x86_64.jar',
      zipOf([classes]),
      ['netty-epoll 4.1.94.Final'],
    ],
    ['a number in its name', 'log4j-1.2-api-2.17.1.jar', zipOf([classes]), ['log4j-1.2-api 2.17.1']],
    ['a Scala version', 'cats-core_2.13-2.6.1.jar', zipOf([classes]), ['cats-core_2.13 2.6.1']],
    [
      'a version of words',
      'spring-core-5.0.0.M1-SNAPSHOT.jar',
      zipOf([classes]),
      ['spring-core 5.0.0.M1-SNAPSHOT'],
    ],
    [
      'a name that looks like one with a version',
      'log4j-1.2-api.jar',
      jarOf([{ ...log4j, artifact: 'log4j-1.2-api' }]),
      ['org.apache.logging.log4j:log4j-1.2-api 2.14.0'],
    ],
    [
      'its manifest where its file name has a placeholder',
      'spring3-core-3.x.jar',
      zipOf([classes, manifest('Implementation-Version: 4.3.30')]),
      ['spring3-core 4.3.30'],
    ],
    ['old Guava', 'guava-r09.jar', zipOf([classes]), ['guava r09']],
    [
      'its manifest, folded',
      'catalina.jar',
      zipOf([classes, manifest('Implementation-Ver', 'Implementation-Version: 9.0', ' .50')]),
      ['catalina 9.0.50'],
    ],
    [
      'the bundle version',
      'x.jar',
      zipOf([classes, manifest('Implementation-Version: two words', 'Bundle-Version: 1.2.3.SP1')]),
      ['x 1.2.3.SP1'],
    ],
    [
      "a Jenkins plugin's words",
      'git.jpi',
      zipOf([
        classes,
        manifest('Group-Id: org.jenkins-ci.plugins', 'Short-Name: git', 'Plugin-Version: 4.0'),
      ]),
      ['org.jenkins-ci.plugins:git 4.0'],
    ],
    ['no version, and says so', 'mine.jar', zipOf([classes]), ['mine unknown']],
    [
      'a manifest in small letters',
      'x.jar',
      zipOf([classes, { ...manifest('Bundle-Version: 7'), name: 'meta-inf/manifest.mf' }]),
      ['x 7'],
    ],
    ['nothing where it has no classes', 'icons-1.0.jar', zipOf([manifest('Bundle-Version: 7')]), []],
    [
      'a descriptor also without classes',
      'icons.jar',
      zipOf([{ name: 'META-INF/maven/g/a/pom.properties', content: 'version=1' }]),
      ['g:a 1'],
    ],
    ['no group in its file name', 'g:a-1.0.jar', zipOf([classes]), ['g_a 1.0']],
    ['nothing of an empty file', 'x.jar', Buffer.alloc(0), []],
    [
      'its pom.xml where it has no other descriptor',
      'x.jar',
      zipOf([
        classes,
        pom(
          'g/a',
          '<?xml version="1.0"?><!-- <groupId>z</groupId> --><project><parent><groupId>org.g</groupId><version>7</version></parent><artifactId>a</artifactId><build><version>9</version></build></project>',
        ),
      ]),
      ['org.g:a 7'],
    ],
    [
      'its other descriptor before its pom.xml',
      'log4j-core.jar',
      jarOf(
        [log4j],
        [pom(`${log4j.group}/log4j-core`, '<project><version>\u0024{revision}</version></project>')],
      ),
      ['org.apache.logging.log4j:log4j-core 2.14.0'],
    ],
    [
      'the place of a pom.xml that cannot be read, and no version',
      'x.jar',
      zipOf([classes, { ...pom('g/a', '<project>'), flags: 1 }]),
      ['g:a unknown'],
    ],
    [
      'a connector in it',
      'app.ear',
      zipOf([{ name: 'ra.rar', content: jarOf([log4j]) }]),
      ['org.apache.logging.log4j:log4j-core 2.14.0 in ra.rar'],
    ],
    ['nothing of what a karaoke machine plays', 'x.kar', Buffer.from('MThd'), []],
    ['nothing of a text of parameters', 'x.par', Buffer.from('alpha = 1\n'), []],
    [
      'its own module name as another name',
      'x.jar',
      zipOf([classes, manifest('Automatic-Module-Name: org.x.y')]),
      ['x unknown'],
    ],
  ])('tells %s', (_, path, bytes, expected) => {
    expect(found(path, bytes)).toEqual(expected);
    expect(faults(path, bytes)).toEqual([]);
  });

  const mit = '<licenses><license><name>MIT &amp; more</name><url>x</url></license></licenses>';
  it.each<readonly [string, Buffer, readonly string[]]>([
    [
      'each pom.xml',
      jarOf(
        [log4j, gson],
        [
          pom(`${log4j.group}/log4j-core`, `<project>${mit}</project>`),
          pom(
            `${gson.group}/gson`,
            '<project><licenses><license><name>A</name></license><license>\n<name>\n B \n C</name></license></licenses></project>',
          ),
        ],
      ),
      ['org.apache.logging.log4j:log4j-core 2.14.0: MIT & more', 'com.google.code.gson:gson 2.8: A + B C'],
    ],
    [
      'the manifest, for the archive itself',
      jarOf([log4j], [manifest('Bundle-License: "Apache-2.0";link="https://x,y", MIT')]),
      ['org.apache.logging.log4j:log4j-core 2.14.0: Apache-2.0 + MIT'],
    ],
    [
      'the manifest, with a comma in a name',
      zipOf([classes, manifest('Bundle-License: Apache License, Version 2.0')]),
      ['log4j-core 1: Apache License, Version 2.0'],
    ],
    ['nowhere here', zipOf([classes, manifest('Bundle-License: <<EXTERNAL>>')]), ['log4j-core 1: ']],
  ])('has the licenses of %s', (_, bytes, expected) => {
    expect(licensed('log4j-core-1.jar', bytes)).toEqual(expected);
  });

  it('keeps its name in OSGi for matching', () => {
    const bytes = zipOf([
      classes,
      manifest('Bundle-SymbolicName: org.apache.tomcat-catalina;singleton:=true'),
    ]);
    expect(java.parse('catalina.jar', bytes).packages).toMatchObject([
      { name: 'catalina', source: { name: 'org.apache.tomcat-catalina' } },
    ]);
  });

  it('is read with the archives in it', () => {
    const library = jarOf([log4j]);
    const war = zipOf([{ name: 'WEB-INF/lib/renamed.jar', content: library, stored: true }]);
    const ear = zipOf([{ name: 'web.war', content: war }], { prefix: Buffer.from('#!/bin/sh\n') });
    expect(found('app.ear', ear)).toEqual([
      'org.apache.logging.log4j:log4j-core 2.14.0 in web.war!/WEB-INF/lib/renamed.jar',
    ]);
    const boot = jarOf([], [{ name: 'BOOT-INF/lib/renamed.jar', content: library, stored: true }], {
      prefix: Buffer.from('#!/bin/sh\n'),
    });
    expect(found('app-1.0.jar', boot)).toEqual([
      'org.apache.logging.log4j:log4j-core 2.14.0 in BOOT-INF/lib/renamed.jar',
      'app 1.0',
    ]);
  });

  it.each<readonly [string, Buffer, string]>([
    ['no archive', Buffer.from('<html>'), 'a.jar: it has no central directory'],
    [
      'a damaged archive in it',
      zipOf([{ name: 'b.jar', content: 'x' }]),
      'a.jar!/b.jar: it has no central directory',
    ],
    [
      'an encrypted archive in it',
      zipOf([{ name: 'b.jar', content: 'x', flags: 1 }]),
      'a.jar!/b.jar: it is encrypted',
    ],
    ['a descriptor twice', jarOf([log4j, log4j]), 'is in it twice'],
    [
      'an unreadable descriptor',
      zipOf([{ name: 'META-INF/maven/g/a/pom.properties', method: 12 }]),
      'pom.properties": it is compressed by',
    ],
    [
      'a descriptor of nothing',
      zipOf([{ name: 'META-INF/maven/g g/a/pom.properties' }]),
      'names no group and artifact',
    ],
    [
      'a name that hides another',
      zipOf([{ name: 'a.txt', localName: 'b.jar' }]),
      'has another name in its own header',
    ],
    ['a bomb', zipOf([{ name: 'b.jar', content: Buffer.alloc(8 * 1024 ** 2) }]), 'would have to be unpacked'],
  ])('that is or has %s: is incomplete', (_, bytes, expected) => {
    expect(faults('a.jar', bytes).join('; ')).toContain(expected);
  });

  it('is not taken for another one behind or before it, which Java would not open', () => {
    const harmless = zipOf([{ name: 'a.class', claim: { offset: 1 } }]);
    harmless.writeUInt32LE(harmless.readUInt32LE(harmless.length - 6) + 1, harmless.length - 6);
    const behind = Buffer.concat([jarOf([log4j]), harmless, Buffer.from('!')]);
    behind.writeUInt16LE(harmless.length + 1, behind.length - harmless.length - 3);
    expect(found('a.jar', behind)).toEqual(['org.apache.logging.log4j:log4j-core 2.14.0']);

    const before = zipOf([{ name: 'a.class' }]);
    const real = Buffer.concat([jarOf([log4j], [], { count: 0 }), Buffer.from('!')]);
    before.writeUInt16LE(real.length, before.length - 2);
    expect(found('a.jar', Buffer.concat([before, real]))).toContain(
      'org.apache.logging.log4j:log4j-core 2.14.0',
    );
  });

  it.each(['BOOT-INF/lib/a', 'BOOT-INF/lib/x/a.bin', 'WEB-INF/lib/a.zip', 'WEB-INF/lib-provided/a.JAR_'])(
    'has libraries where launchers look for them, whatever they are called: %s',
    (place) => {
      const bytes = zipOf([{ name: place, content: jarOf([log4j]), stored: true }]);
      expect(found('a.jar', bytes)).toEqual([`org.apache.logging.log4j:log4j-core 2.14.0 in ${place}`]);
      const others = [place, `${place}.txt`].map((name) => ({ name, content: 'no archive' }));
      expect(found(`srv/${place}`, jarOf([log4j]))).toEqual(['org.apache.logging.log4j:log4j-core 2.14.0']);
      expect(java.parse(`srv/${place}`, Buffer.from('no archive'))).toMatchObject({
        packages: [],
        incomplete: [],
      });
      expect([found('a.jar', zipOf(others)), faults('a.jar', zipOf(others))]).toEqual([[], []]);
    },
  );

  it('of a library without an ending is called by its whole name', () => {
    const bytes = zipOf([
      { name: 'BOOT-INF/lib/log4j-core-2.14.1', content: zipOf([classes]), stored: true },
    ]);
    expect(found('a.jar', bytes)).toEqual(['log4j-core 2.14.1 in BOOT-INF/lib/log4j-core-2.14.1']);
  });

  it('takes no longer than its size, whatever its names and its manifest are', () => {
    const dashes = `${'1-'.repeat(400)}!`;
    const many = Array.from({ length: 4000 }, (_, at) => ({
      name: `${at}${dashes}.jar`,
      content: zipOf([]),
    }));
    expect(faults('a.jar', zipOf(many))).toEqual([]);
    const lines = Array.from({ length: 500_000 }, (_, at) => `${at}: x`).join('\n');
    expect(
      faults('a.jar', zipOf([classes, { name: 'META-INF/MANIFEST.MF', content: lines, stored: true }])),
    ).toEqual(['a.jar: the main section of its manifest has more than 2097152 bytes']);
  });

  it('is not read deeper than five archives', () => {
    let bytes = jarOf([log4j]);
    for (let depth = 0; depth < 5; depth++) bytes = zipOf([{ name: 'x.jar', content: bytes, stored: true }]);
    expect(found('a.jar', bytes)).toHaveLength(1);
    expect(faults('a.jar', bytes)).toEqual([]);
    bytes = zipOf([{ name: 'x.jar', content: bytes, stored: true }]);
    expect(found('a.jar', bytes)).toEqual([]);
    expect(faults('a.jar', bytes)).toEqual([expect.stringContaining('too deep')]);
  });

  it('tells a few of its faults, and how many more there are', () => {
    const many = zipOf(Array.from({ length: 500 }, (_, at) => ({ name: `${at}.jar`, content: 'x' })));
    expect(faults('a.jar', many)).toHaveLength(21);
    expect(faults('a.jar', many).at(-1)).toBe('a.jar: and 480 more faults');
  });

  it('never throws, whatever becomes of its bytes', () => {
    const inner = jarOf([log4j], [manifest('Bundle-Version: 1')]);
    const outer = zipOf([classes, { name: 'lib/b.jar', content: inner, stored: true }]);
    const change = fc.record({ at: fc.nat(), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(outer);
        for (const { at, to } of changes) bytes[at % bytes.length] = to;
        const facts = java.parse('a.jar', bytes);
        expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
        for (const { name, version } of facts.packages) expect([name, version]).not.toContain('');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a descriptor of an archive that was unpacked', () => {
  const path = 'app/META-INF/maven/g/a/pom.properties';
  it('is read where it lies', () => {
    expect(found(path, Buffer.from('groupId=g\nartifactId=a\nversion=1.0\n'))).toEqual(['g:a 1.0']);
    expect(found(path, Buffer.from('version=$v'))).toEqual(['g:a unknown']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { jdk } from './index.ts';

describe('the release file of a Java runtime', () => {
  it.each([
    ['opt/java/openjdk/release', true],
    ['usr/lib/jvm/zulu17/release', true],
    ['usr/local/openjdk-17/release', true],
    ['usr/lib/jvm/jdk-8/jre/release', true],
    ['opt/ibm/semeru/release', true],
    ['opt/GraalVM-21/release', true],
    ['etc/release', false],
    ['usr/share/doc/x/release', false],
    ['opt/java/release/x', false],
    ['opt/jdk/os-release', false],
  ])('%s: %s', (path, matches) => expect(jdk.match(path) !== null).toBe(matches));

  it.each<readonly [string, string | null]>([
    ['IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="17.0.10"\nMODULES="java.base"\n', '17.0.10'],
    ['JAVA_VERSION="1.8.0_392"\r\n', '8.0.392'],
    ['JAVA_VERSION=21\n', '21'],
    ['JAVA_VERSION="x"\n', null],
    ['A_JAVA_VERSION="17"\n', null],
    ['', null],
  ])('%j: %s', (text, version) => {
    const { packages, incomplete } = jdk.parse('opt/jdk/release', Buffer.from(text));
    expect(packages.map((one) => `${one.type} ${one.name} ${one.version}`)).toEqual(
      version === null ? [] : [`generic java ${version}`],
    );
    expect(incomplete).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { includesPurl, parsePurl } from './purl.ts';

const found = 'pkg:deb/debian/libssl3@3.0.1-1%2Bdeb12u1?arch=amd64&distro=debian-12';

describe('what is said of a package', () => {
  it.each([
    ['pkg:deb/debian/libssl3', found, true],
    ['pkg:DEB/Debian/LibSSL3', found, true],
    ['pkg:deb/debian/libssl3@3.0.1-1+deb12u1', found, true],
    ['pkg:deb/debian/libssl3@3.0.1-1%2Bdeb12u1?distro=debian-12', found, true],
    ['pkg:deb/debian/libssl3?arch=', found, true],
    ['pkg:deb/debian/libssl3@3.0.1-1', found, false],
    ['pkg:deb/debian/libssl3?distro=debian-11', found, false],
    ['pkg:deb/debian/libssl3?arch=arm64', found, false],
    ['pkg:deb/debian/libssl3?repository_url=elsewhere', found, false],
    ['pkg:deb/ubuntu/libssl3', found, false],
    ['pkg:deb/libssl3', found, false],
    ['pkg:deb/debian/libssl', found, false],
    ['pkg:deb/debian/libssl3#lib', found, false],
    ['pkg:apk/debian/libssl3', found, false],
    ['pkg:npm/@babel/core', 'pkg:npm/%40babel/core@7.0.0', true],
    ['pkg:npm/%40babel/core@7.0.0', 'pkg:npm/%40babel/core@7.0.0', true],
    ['pkg:npm/core', 'pkg:npm/%40babel/core@7.0.0', false],
    ['pkg:npm/Lodash', 'pkg:npm/lodash@1.0.0', false],
    ['pkg:pypi/Ruamel_Yaml', 'pkg:pypi/ruamel-yaml@0.17', true],
    ['pkg:golang/github.com/Foo/bar', 'pkg:golang/github.com/foo/bar@v1.0.0', true],
    ['pkg:maven/org.apache/log4j', 'pkg:maven/org.apache/log4j@2.0', true],
  ])('%s is said of %s: %s', (said, of, included) => {
    const [one, other] = [parsePurl(said), parsePurl(of)];
    expect(one !== null && other !== null && includesPurl(one, other)).toBe(included);
  });

  it.each([
    '',
    'openssl',
    'pkg:',
    'pkg:deb',
    'pkg:deb/',
    'pkg:deb/debian/%ZZ',
    'pkg:deb/debian/x@',
    'pkg:deb/debian/x?arch=a&arch=b',
    'pkg:deb/debian/x?a b=c',
    `pkg:deb/${'x'.repeat(3000)}`,
  ])('%j is no package-url', (text) => {
    expect(parsePurl(text)).toBeNull();
  });
});

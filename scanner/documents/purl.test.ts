import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nameOf, sourceOf, versionOf } from './package.ts';
import { readPurl } from './purl.ts';

describe('package URLs', () => {
  it.each<readonly [string, string, string]>([
    ['pkg:npm/%40scope/a@1.0.0', '@scope/a', '1.0.0'],
    ['pkg:npm/@scope/a@1.0.0', '@scope/a', '1.0.0'],
    ['pkg:npm/a@1.0.0', 'a', '1.0.0'],
    ['pkg:maven/org.a/b@2?type=jar', 'org.a:b', '2'],
    ['pkg:golang/golang.org/x/net@v0.1.0#http2', 'golang.org/x/net', 'v0.1.0'],
    ['pkg:golang/example.org/main@(devel)', 'example.org/main', '(devel)'],
    ['pkg:composer/symfony/http-kernel@5.4.0', 'symfony/http-kernel', '5.4.0'],
    ['pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12', 'libssl3', '3.0.15-1~deb12u1'],
    ['pkg:deb/debian/login@4.13%2Bdfsg1-1?epoch=1', 'login', '1:4.13+dfsg1-1'],
    ['pkg:rpm/almalinux/bind-libs@9.11-4.el8?epoch=32', 'bind-libs', '32:9.11-4.el8'],
    ['pkg:rpm/rhel/glibc@2.34-60.el9?epoch=0', 'glibc', '2.34-60.el9'],
    ['pkg:pypi/jinja2@3.1.2', 'jinja2', '3.1.2'],
    ['pkg:generic/openssl', 'openssl', 'unknown'],
    ['PKG:Cargo/serde@1.0.0', 'serde', '1.0.0'],
    ['pkg:cargo/a%zz@1', 'a%zz', '1'],
  ])('%s', (text, name, version) => {
    const purl = readPurl(text);
    if (purl === null) throw new Error('not read');
    expect([nameOf(purl), versionOf(purl)]).toEqual([name, version]);
  });

  it.each<readonly [string, string, string]>([
    ['pkg:deb/debian/libssl3@3.0.15-1', 'libssl3', '3.0.15-1'],
    ['pkg:deb/debian/libssl3@3.0.15-1?upstream=openssl', 'openssl', '3.0.15-1'],
    ['pkg:deb/debian/libc6@2.36-9+b1?upstream=glibc%402.36-9', 'glibc', '2.36-9'],
    ['pkg:rpm/rhel/glibc-common@2.34-60.el9?upstream=glibc-2.34-60.el9.src.rpm', 'glibc', '2.34-60.el9'],
  ])('%s comes from %s %s', (text, name, version) => {
    const purl = readPurl(text);
    if (purl === null) throw new Error('not read');
    expect(sourceOf(purl, nameOf(purl), versionOf(purl))).toEqual({ name, version });
  });

  it.each(['', 'pkg:', 'pkg:npm', 'pkg:npm/', 'npm/a@1', `pkg:npm/${'a'.repeat(5000)}`])(
    'are not %j',
    (text) => {
      expect(readPurl(text)).toBeNull();
    },
  );

  it('are read from any text without throwing', () => {
    const piece = fc.constantFrom('pkg:', 'npm', '/', '@', '%', '%40', '?', '&', '=', '#', 'a', '1');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const purl = readPurl(pieces.join(''));
        if (purl !== null) expect(nameOf(purl)).not.toBe('');
      }),
    );
  });
});

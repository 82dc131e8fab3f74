import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { repositoryPathPattern } from '../core/reference.ts';
import { isOciError } from './oci-error.ts';
import { parseRegistryPath } from './path.ts';

const hex = 'a'.repeat(64);
const digest = `sha256:${hex}`;

describe('what a path asks for', () => {
  it.each([
    ['/v2/', { kind: 'base' }],
    ['/v2', { kind: 'base' }],
    ['/v2/_catalog?n=5', { kind: 'catalog', query: 'n=5' }],
    ['/v2/a/manifests/latest', { kind: 'manifest', name: 'a', pointer: { kind: 'tag', tag: 'latest' } }],
    ['/v2/docker.io/library/nginx/manifests/1.27', { name: 'docker.io/library/nginx' }],
    [`/v2/a/b/manifests/${digest}`, { name: 'a/b', pointer: { kind: 'digest', digest } }],
    [`/v2/a/b/manifests/sha256%3A${hex}`, { name: 'a/b', pointer: { kind: 'digest', digest } }],
    [`/v2/a/blobs/${digest}`, { kind: 'blob', name: 'a', digest }],
    [`/v2/a/blobs/sha512:${hex}${hex}`, { kind: 'blob', digest: `sha512:${hex}${hex}` }],
    ['/v2/a/tags/list?n=3&last=x', { kind: 'tags', name: 'a', query: 'n=3&last=x', ns: null }],
    [`/v2/a/referrers/${digest}`, { kind: 'referrers', name: 'a', digest }],
    ['/v2/a/blobs/uploads/', { kind: 'upload', name: 'a', session: null }],
    ['/v2/a/blobs/uploads', { kind: 'upload', name: 'a', session: null }],
    ['/v2/a/blobs/uploads/0c5e-1', { kind: 'upload', name: 'a', session: '0c5e-1' }],
    // Words of the API inside a name.
    [
      '/v2/manifests/manifests/manifests',
      { kind: 'manifest', name: 'manifests', pointer: { tag: 'manifests' } },
    ],
    [`/v2/a/blobs/uploads/blobs/${digest}`, { kind: 'blob', name: 'a/blobs/uploads' }],
    ['/v2/a/tags/list/tags/list', { kind: 'tags', name: 'a/tags/list' }],
    ['/v2/a/manifests/x?ns=registry.corp:5443', { ns: 'registry.corp:5443', query: 'ns=registry.corp:5443' }],
    ['/v2/a/manifests/x?ns=%5B::1%5D:5000', { ns: '[::1]:5000' }],
  ])('%s', (url, expected) => {
    expect(parseRegistryPath(url)).toMatchObject(expected);
  });
});

describe('what is refused', () => {
  it.each([
    ['/', 'NAME_UNKNOWN', 404],
    ['/v1/a/manifests/x', 'NAME_UNKNOWN', 404],
    ['http://other/v2/a/manifests/x', 'NAME_UNKNOWN', 404],
    ['//v2/a/manifests/x', 'NAME_UNKNOWN', 404],
    ['/v2/manifests/latest', 'NAME_UNKNOWN', 404],
    ['/v2/a/tags/other', 'NAME_UNKNOWN', 404],
    ['/v2/a/uploads/x', 'NAME_UNKNOWN', 404],
    ['/v2//manifests/latest', 'NAME_INVALID', 400],
    ['/v2/A/manifests/latest', 'NAME_INVALID', 400],
    ['/v2/a//b/manifests/latest', 'NAME_INVALID', 400],
    ['/v2/a/../b/manifests/latest', 'NAME_INVALID', 400],
    ['/v2/a/./b/manifests/latest', 'NAME_INVALID', 400],
    ['/v2/a/%2e%2e/b/manifests/latest', 'NAME_INVALID', 400],
    ['/v2/a%2fb/manifests/latest', 'NAME_INVALID', 400],
    ['/v2/a%2Fb/manifests/latest', 'NAME_INVALID', 400],
    // Decoded once only: what is left is a percent sign, which no name has.
    ['/v2/a%252fb/manifests/latest', 'NAME_INVALID', 400],
    ['/v2/a%zz/manifests/latest', 'NAME_INVALID', 400],
    ['/v2/a%00/manifests/latest', 'NAME_INVALID', 400],
    ['/v2/a\\b/manifests/latest', 'NAME_INVALID', 400],
    ['/v2/a b/manifests/latest', 'NAME_INVALID', 400],
    [`/v2/${'a'.repeat(256)}/manifests/latest`, 'NAME_INVALID', 400],
    [`/v2/a/manifests/${'x'.repeat(9000)}`, 'NAME_INVALID', 400],
    [`/v2/a/blobs/sha256:${'A'.repeat(64)}`, 'DIGEST_INVALID', 400],
    ['/v2/a/blobs/latest', 'DIGEST_INVALID', 400],
    ['/v2/a/blobs/', 'DIGEST_INVALID', 400],
    ['/v2/a/manifests/sha256:abc', 'DIGEST_INVALID', 400],
    [`/v2/a/manifests/md5:${'a'.repeat(32)}`, 'DIGEST_INVALID', 400],
    ['/v2/a/referrers/x', 'DIGEST_INVALID', 400],
    // The conformance suite's "nonexistent manifest".
    ['/v2/a/manifests/.INVALID_MANIFEST_NAME', 'MANIFEST_UNKNOWN', 404],
    [`/v2/a/manifests/${'t'.repeat(129)}`, 'MANIFEST_UNKNOWN', 404],
    ['/v2/a/manifests/x#y', 'MANIFEST_UNKNOWN', 404],
    ['/v2/a/manifests/x?ns=a&ns=b', 'NAME_INVALID', 400],
    ['/v2/a/manifests/x?ns=a&%6es=b', 'NAME_INVALID', 400],
    ['/v2/a/manifests/x?ns=', 'NAME_INVALID', 400],
    ['/v2/a/manifests/x?ns=http://169.254.169.254/', 'NAME_INVALID', 400],
    ['/v2/a/blobs/uploads/a%20b', 'BLOB_UPLOAD_UNKNOWN', 404],
    ['/v2/a/blobs/uploads/a/b', 'NAME_UNKNOWN', 404],
  ])('%s', (url, code, status) => {
    expect(parseRegistryPath(url)).toMatchObject({ code, status });
  });
});

it('gives a name of the grammar or a refusal, whatever comes', () => {
  const part = fc.oneof(
    fc.constantFrom('a', 'b.c', '..', '.', '', '%2e', '%2F', 'manifests', 'blobs', 'uploads', 'tags', 'list'),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const parsed = parseRegistryPath(`/v2/${parts.join('/')}`);
      if (isOciError(parsed) || !('name' in parsed)) return;
      expect(parsed.name).toMatch(repositoryPathPattern);
    }),
    { numRuns: 2000 },
  );
});

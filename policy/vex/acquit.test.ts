import { describe, expect, it } from '@jest/globals';
import { acquittalOf, indexStatements } from './acquit.ts';
import { readVex } from './read.ts';
import { imageDigest, notAffected, openVex, otherDigest } from './samples.ts';

const finding = {
  id: 'DEBIAN-CVE-2024-1',
  aliases: ['CVE-2024-1'],
  purl: 'pkg:deb/debian/libssl3@3.0.1-1?arch=amd64&distro=debian-12',
};
const image = { digest: imageDigest, repositories: ['registry.example/app'] };
type Fields = Readonly<Record<string, unknown>>;

/** Whether the finding is silenced by statements of documents, each a list. */
function silenced(
  documents: readonly (readonly Fields[])[],
  of: Partial<typeof finding> = {},
  where: Partial<typeof image> | { readonly digest: null } = {},
): boolean {
  const indexes = documents.map((statements) => {
    const document = readVex(JSON.stringify(openVex(statements.map(notAffected))), 'vex.json');
    if (typeof document === 'string') throw new Error(document);
    return indexStatements(document.statements);
  });
  return acquittalOf(indexes, { ...finding, ...of }, { ...image, ...where }) !== null;
}

const oci = (digest: string) => `pkg:oci/app@${digest}`;
const about = (id: string, ...parts: readonly string[]): Fields => ({
  products: [
    { '@id': id, ...(parts.length === 0 ? {} : { subcomponents: parts.map((part) => ({ '@id': part })) }) },
  ],
});

describe('what a statement is about', () => {
  it.each<[string, Fields, boolean]>([
    ['the package', {}, true],
    ['the package in this version', about('pkg:deb/debian/libssl3@3.0.1-1'), true],
    ['the package in another version', about('pkg:deb/debian/libssl3@3.0.2-1'), false],
    ['the package of another system', about('pkg:deb/ubuntu/libssl3'), false],
    ['another package', about('pkg:deb/debian/zlib1g'), false],
    ['another vulnerability', { vulnerability: { name: 'CVE-2024-10' } }, false],
    ['an alias', { vulnerability: { name: 'GHSA-x', aliases: ['CVE-2024-1'] } }, true],
    ['the name of the feed', { vulnerability: { name: 'debian-cve-2024-1' } }, true],
    ['the image', about(oci(imageDigest)), true],
    ['the image, encoded', about(oci(encodeURIComponent(imageDigest))), true],
    ['the image by its digest alone', about(imageDigest), true],
    ['the image by its reference', about(`registry.example/app@${imageDigest}`), true],
    ['the image, and this package in it', about(oci(imageDigest), 'pkg:deb/debian/libssl3'), true],
    ['the image, and another package in it', about(oci(imageDigest), 'pkg:deb/debian/zlib1g'), false],
    ['another image', about(oci(otherDigest)), false],
    ['another image, and this package in it', about(oci(otherDigest), 'pkg:deb/debian/libssl3'), false],
    ['images of the repository', about('pkg:oci/app?repository_url=registry.example/app'), true],
    ['images of another repository', about('pkg:oci/app?repository_url=registry.example/other'), false],
  ])('%s: %p', (_, fields, expected) => {
    expect(silenced([[fields]])).toBe(expected);
  });

  it.each<[string, Parameters<typeof silenced>[2], Fields, boolean]>([
    [
      'a repository that is not the only one',
      { repositories: ['registry.example/app', 'hosted/copy'] },
      about('pkg:oci/app?repository_url=registry.example/app'),
      false,
    ],
    [
      'a repository in another spelling',
      { repositories: ['docker.io/library/app'] },
      about('pkg:oci/app?repository_url=index.docker.io/library/app'),
      true,
    ],
    [
      'a repository where none is known',
      { repositories: [] },
      about('pkg:oci/app?repository_url=registry.example/app'),
      false,
    ],
    ['a digest where none is known', { digest: null }, about(oci(imageDigest)), false],
  ])('%s', (_, where, fields, expected) => {
    expect(silenced([[fields]], {}, where)).toBe(expected);
  });
});

describe('which word counts', () => {
  const [early, late] = [{ timestamp: '2026-01-01T00:00:00Z' }, { timestamp: '2026-02-01T00:00:00Z' }];
  const affected = { status: 'affected', justification: undefined };
  const looking = { status: 'under_investigation', justification: undefined };
  const fixed = { status: 'fixed', justification: undefined };
  it.each<[string, readonly (readonly Fields[])[], boolean]>([
    ['fixed', [[fixed]], true],
    ['affected', [[affected]], false],
    ['under investigation', [[looking]], false],
    ['affected, later not affected', [[{ ...affected, ...early }, late]], true],
    ['not affected, later affected', [[early, { ...affected, ...late }]], false],
    ['the same, in the other order', [[{ ...affected, ...late }, early]], false],
    ['not affected, later looked at', [[early, { ...looking, ...late }]], false],
    ['both at once', [[{ ...affected, ...early }, early]], false],
    ['both at once, in the other order', [[early, { ...affected, ...early }]], false],
    ['later affected in another document', [[early], [{ ...affected, ...late }]], false],
    ['earlier affected in another document', [[late], [{ ...affected, ...early }]], true],
    [
      'later affected, of another package',
      [[early, { ...affected, ...late, ...about('pkg:deb/debian/zlib1g') }]],
      true,
    ],
    [
      'later affected, of the whole image',
      [[early, { ...affected, ...late, ...about(oci(imageDigest)) }]],
      false,
    ],
  ])('%s', (_, documents, expected) => {
    expect(silenced(documents)).toBe(expected);
  });
});

describe('a record that bundles several CVEs', () => {
  const bundle = { id: 'DSA-1-1', aliases: ['CVE-2024-1', 'CVE-2024-2', 'GHSA-x'] };
  const named = (name: string, fields: Fields = {}): Fields => ({ vulnerability: { name }, ...fields });
  const later = { timestamp: '2026-09-01T00:00:00Z', status: 'affected', justification: undefined };
  it.each<[string, readonly Fields[], boolean]>([
    ['one of them', [named('CVE-2024-1')], false],
    ['all of them', [named('CVE-2024-1'), named('CVE-2024-2')], true],
    ['the record', [named('DSA-1-1')], true],
    ['a name that may be one member’s', [named('GHSA-x')], false],
    ['the record, and later one of them affected', [named('DSA-1-1'), named('CVE-2024-2', later)], false],
    [
      'all of them, and later the record affected',
      [named('CVE-2024-1'), named('CVE-2024-2'), named('DSA-1-1', later)],
      false,
    ],
  ])('silenced by %s: %p', (_, statements, expected) => {
    expect(silenced([statements], bundle)).toBe(expected);
  });
});

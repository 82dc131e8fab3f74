import { describe, expect, it } from '@jest/globals';
import type { Inventory, Package } from '../../core/inventory.ts';
import type { AdvisoryIndex, AffectedRow } from '../../core/ports/advisories.ts';
import { emptyIndex } from '../samples-index.ts';
import { matchInventory } from './index.ts';
import { defaultMatchLimits } from './limits.ts';

const rowsOf = (name: string, fixed: string): readonly AffectedRow[] =>
  Array.from({ length: 1000 }, (_, at) => ({
    advisory: {
      id: `CVE-2099-${at}`,
      kind: 'vulnerability',
      summary: '',
      url: '',
      aliases: [],
      upstream: [],
      severity: null,
      cvss: null,
      published: null,
      modified: '2026-01-01T00:00:00Z',
    },
    affected: {
      ecosystem: 'Debian:12',
      name,
      ranges: [[{ introduced: '0' }, { fixed }]],
      versions: [],
      severity: null,
    },
  }));
const rows = new Map([
  ['bad', rowsOf('bad', '9')],
  ['mended', rowsOf('mended', '1')],
]);
const index: AdvisoryIndex = {
  ...emptyIndex,
  affecting: (_, name) => rows.get(name) ?? [],
};

const inventory = (packages: readonly Package[]): Inventory => ({
  os: { id: 'debian', versionId: '12', name: 'Debian 12' },
  platform: null,
  packages,
  incomplete: [],
  unfit: [],
  analyzers: '',
  content: 'image',
  facts: null,
  checks: [],
});
const many = (type: 'deb' | 'maven', name: string, count: number): Inventory =>
  inventory(
    Array.from({ length: count }, (_, at): Package => {
      const version = `2.${at}`;
      const source = { name, version };
      const purl = `pkg:${type}/${name}@${version}`;
      return { type, name, version, arch: null, source, licenses: [], purl, layer: null, paths: [] };
    }),
  );

describe('what is matched for one image is bounded', () => {
  it.each([
    ['findings', many('deb', 'bad', 101), 'more than 100000 findings'],
    ['comparisons', many('deb', 'mended', 1001), 'more than 1000000 comparisons'],
  ])('%s: one package in very many versions', (_, one, why) => {
    expect(() => matchInventory(one, index)).toThrow(why);
  });

  it('searches for archives that tell half of their name count too', () => {
    const limits = { ...defaultMatchLimits, comparisons: 1000 };
    expect(() => matchInventory(many('maven', 'bad', 10), index, limits)).not.toThrow();
    expect(() => matchInventory(many('maven', 'bad', 12), index, limits)).toThrow('comparisons');
  });

  it('and no image that means well comes near', () => {
    expect(matchInventory(many('deb', 'bad', 20), index).findings).toHaveLength(20_000);
  });
});

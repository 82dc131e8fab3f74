import { describe, expect, it } from '@jest/globals';
import type { AffectedRow } from '../../core/ports/advisories.ts';
import { schemeOfPackageType } from '../versions/index.ts';
import { joinApplicable } from './join.ts';

interface Told {
  readonly id: string;
  readonly published: string | null;
  readonly fixed: string | null;
  readonly upstream?: readonly string[];
}

const row = ({ id, published, fixed, upstream = [] }: Told): AffectedRow => ({
  advisory: {
    ...{ id, kind: 'vulnerability', aliases: [], upstream, summary: '', url: '' },
    ...{ severity: null, cvss: null, published, modified: null },
  },
  affected: {
    ecosystem: 'Debian:12',
    name: 'openssl',
    ranges: [[{ introduced: '0' }, ...(fixed === null ? [] : [{ fixed }])]],
    versions: [],
    severity: null,
  },
});
const cve = (id: string, published: string | null, fixed: string | null): Told => ({
  id,
  published,
  fixed,
  upstream: ['CVE-1'],
});
const [may, june, july] = ['2026-05-01T00:00:00Z', '2026-06-01T00:00:00+02:00', '2026-07-01T00:00:00Z'];

describe('since when something is known', () => {
  it.each<[what: string, records: readonly Told[], published: string | null, fixedSince: string | null]>([
    ['one record with a fix', [cve('A-1', may, '2')], may, may],
    ['one record without', [cve('A-1', may, null)], may, null],
    [
      'a record without a fix, and a later one with',
      [cve('A-1', may, null), cve('A-2', june, '2')],
      may,
      june,
    ],
    ['the oldest of those with a fix', [cve('A-1', july, '2'), cve('A-2', june, '3')], june, june],
    ['a record that does not say when', [cve('A-1', null, '2'), cve('A-2', june, null)], june, null],
    ['none that says when', [cve('A-1', null, '2')], null, null],
    [
      'an advisory about several that brings the fix',
      [cve('A-1', may, null), { id: 'DSA-1', published: july, fixed: '2', upstream: ['CVE-1', 'CVE-2'] }],
      may,
      july,
    ],
  ])('%s', (_what, records, published, fixedSince) => {
    const joined = joinApplicable(records.map(row), '1', schemeOfPackageType('deb'));
    expect(joined[0]).toMatchObject({ published, fixedSince });
  });
});

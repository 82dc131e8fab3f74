import { describe, expect, it } from '@jest/globals';
import { parseProduct } from './parse.ts';

/** A release as version 1.2 of the API has it. */
const release = (name: string, dates: object) => ({
  name,
  codename: null,
  label: name,
  releaseDate: '2020-01-01',
  isLts: false,
  ltsFrom: null,
  isEol: false,
  eolFrom: null,
  isMaintained: true,
  latest: null,
  custom: null,
  ...dates,
});

const ends = (product: string, name: string, dates: object) =>
  parseProduct({ name: product, aliases: [], category: 'os', releases: [release(name, dates)] })?.map(
    (record) => (record.kind === 'end-of-life' ? [record.os, record.release, record.endsAt] : record),
  );

describe('the end of a system', () => {
  it.each<[string, string, object, readonly [string, string, string]]>([
    // The longer support of Debian is for everybody, that of Ubuntu, Red Hat and SUSE for those who pay.
    ['debian', '12', { eolFrom: '2026-07-11', eoesFrom: '2028-06-30' }, ['debian', '12', '2028-07-01']],
    ['debian', '14', { eolFrom: '2030-07-11', eoesFrom: null }, ['debian', '14', '2030-07-12']],
    [
      'ubuntu',
      '24.04',
      { eoasFrom: '2029-05-31', eolFrom: '2029-05-31', eoesFrom: '2036-05-31' },
      ['ubuntu', '24.04', '2029-06-01'],
    ],
    ['alpine-linux', '3.23', { eolFrom: '2027-11-01' }, ['alpine', '3.23', '2027-11-01']],
    [
      'rhel',
      '9',
      { eoasFrom: '2027-05-31', eolFrom: '2032-05-31', eoesFrom: '2036-05-31' },
      ['rhel', '9', '2032-06-01'],
    ],
    ['rocky-linux', '9', { eoasFrom: '2027-05-31', eolFrom: '2032-05-31' }, ['rocky', '9', '2032-06-01']],
    ['almalinux', '10', { eolFrom: '2035-05-31' }, ['almalinux', '10', '2035-06-01']],
    ['oracle-linux', '8', { eolFrom: '2029-07-31', eoesFrom: '2032-07-31' }, ['ol', '8', '2029-08-01']],
    [
      'amazon-linux',
      '2023',
      { eoasFrom: '2027-06-30', eolFrom: '2029-06-30' },
      ['amzn', '2023', '2029-07-01'],
    ],
    ['amazon-linux', '2018.03', { eolFrom: '2023-12-31' }, ['amzn', '2018.03', '2024-01-01']],
    ['sles', '15.6', { eolFrom: '2025-12-31', eoesFrom: '2028-12-31' }, ['sles', '15.6', '2026-01-01']],
    ['sles', '15.0', { eolFrom: '2019-12-31' }, ['sles', '15', '2020-01-01']],
    ['sles', '16.0', { eolFrom: '2027-11-30' }, ['sles', '16.0', '2027-12-01']],
    ['opensuse', '15.6', { eolFrom: '2026-04-30' }, ['opensuse-leap', '15.6', '2026-05-01']],
    ['opensuse', '42.3', { eolFrom: '2019-07-01' }, ['opensuse', '42.3', '2019-07-02']],
    ['fedora', '40', { eolFrom: '2025-05-13' }, ['fedora', '40', '2025-05-14']],
    ['debian', '99', { eoesFrom: '2028-02-28' }, ['debian', '99', '2028-02-29']],
  ])('%s %s', (product, name, dates, expected) => {
    expect(ends(product, name, dates)).toEqual([expected]);
  });

  it('is none where none is planned, and none of what is no system', () => {
    expect(ends('oracle-linux', '10', { eoesFrom: null })).toEqual([]);
    expect(ends('python', '3.13', { eolFrom: '2029-10-31' })).toBeUndefined();
    expect(parseProduct({ name: 'python' })).toBeNull();
  });

  it.each<[string, unknown, string, string]>([
    ['a day that is none', release('12', { eolFrom: '2026-02-30' }), 'debian 12', '"eolFrom" is no day'],
    ['a time', release('12', { eolFrom: '2026-02-03T00:00:00Z' }), 'debian 12', '"eolFrom" is no day'],
    ['no text', release('12', { eolFrom: true }), 'debian 12', '"eolFrom" is no day'],
    ['an end without a day', release('12', { isEol: true }), 'debian 12', 'it has ended'],
    ['a name', release('sid', { eolFrom: '2026-02-03' }), 'debian sid', 'no number of a release'],
    ['no name', { eolFrom: '2026-02-03' }, 'debian releases[0]', '"name"'],
    ['nothing', null, 'debian releases[0]', 'no object'],
  ])('is rejected when it has %s', (_name, broken, name, why) => {
    expect(parseProduct({ name: 'debian', releases: [broken] })).toEqual([
      { kind: 'rejected', name, why: expect.stringContaining(why) },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['a product without releases', { name: 'debian' }, 'debian'],
    ['a product without a name', { releases: [] }, 'a product without a name'],
    ['no product', 'debian', 'a product without a name'],
  ])('is rejected with %s', (_name, value, name) => {
    expect(parseProduct(value)).toMatchObject([{ kind: 'rejected', name }]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { endOfLifeOf } from './end-of-life.ts';
import { emptyIndex } from './samples-index.ts';

describe('the first day without support', () => {
  it.each([
    ['debian', '11', '2026-09-01'],
    ['debian', '12', '2028-07-01'],
    ['debian', '12.5', '2028-07-01'],
    ['debian', '', null],
    ['debian', '99', null],
    ['ubuntu', '20.04', '2025-05-30'],
    ['ubuntu', '22.04', '2027-06-02'],
    ['ubuntu', '22', null],
    ['alpine', '3.19.4', '2025-11-01'],
    ['alpine', '3.21.0_alpha20240923', null],
    ['alpine', 'edge', null],
    ['almalinux', '9.4', '2032-06-01'],
    ['rocky', '8', '2029-06-01'],
    ['rhel', '7.9', '2024-07-01'],
    ['centos', '7', '2024-07-01'],
    ['ol', '8.10', '2029-08-01'],
    ['amzn', '2', '2026-07-01'],
    ['amzn', '2018.03', '2024-01-01'],
    ['sles', '12.5', '2024-11-01'],
    ['sles', '15', '2020-01-01'],
    ['opensuse-leap', '15.6', '2026-05-01'],
    ['fedora', '40', '2025-05-14'],
    ['mariner', '2.0', '2025-08-01'],
    ['wolfi', '20230201', null],
    ['constructor', '1', null],
  ])('of %s %s is %s', (id, versionId, day) => {
    expect(endOfLifeOf({ id, versionId }, emptyIndex)).toBe(day);
  });

  it.each([
    ['debian', '12', '2028-07-01'],
    ['debian', '99.7', '2029-01-01'],
    ['debian', '98', null],
    ['sles', '99.1', null],
    ['amzn', '2023', '2029-07-01'],
  ])('of %s %s is in the table, or else what a feed says: %s', (id, versionId, day) => {
    const feed = {
      endOfLife: (os: string, release: string) =>
        release === '99' && os !== 'x'
          ? '2029-01-01'
          : os === 'amzn' && release === '2023'
            ? '2029-07-01'
            : null,
    };
    expect(endOfLifeOf({ id, versionId }, feed)).toBe(day);
  });

  it('is not known without a system', () => {
    expect(endOfLifeOf(null, emptyIndex)).toBeNull();
  });
});

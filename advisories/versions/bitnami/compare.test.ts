import { describe, expect, it } from '@jest/globals';
import { bitnami } from './index.ts';

describe("versions of Bitnami's packages and of programs", () => {
  it.each([
    ['1.9.0', '<', '1.10.0'],
    // A revision of the packaging is made of the release.
    ['1.25.3-0', '=', '1.25.3'],
    ['1.25.3-4', '>', '1.25.3'],
    ['1.25.3-4', '<', '1.25.3-10'],
    ['1.25.3-4', '<', '1.25.4'],
    ['1.62.0-0', '=', '1.62.0-0'],
    // Projects' own ways to write versions.
    ['15.3', '=', '15.3.0'],
    ['15.3', '<', '15.4.0'],
    ['1.21.4.1', '>', '1.21.4'],
    ['2024.03.30', '=', '2024.3.30'],
    ['21', '<', '21.0.2'],
    ['1.1.1', '<', '1.1.1a'],
    ['1.1.1k', '<', '1.1.1w'],
    ['2.7.7', '<', '2.7.7p221'],
    ['1.8.0-333', '<', '1.8.0-345'],
    // What comes before a release.
    ['2.6.0-rc1', '<', '2.6.0'],
    ['2.6.0-rc1', '<', '2.6.0-rc2'],
    ['2.6.0-rc2', '<', '2.6.0-rc10'],
    ['3.13.0a7', '<', '3.13.0b1'],
    ['3.13.0b4', '<', '3.13.0rc1'],
    ['3.13.0rc1', '<', '3.13.0'],
    ['8.3.0RC6', '<', '8.3.0'],
    ['17beta1', '<', '17'],
    ['17beta1', '>', '16.4'],
    ['2.44.0.rc1', '<', '2.44.0'],
    ['2.9-dev3', '<', '2.9-rc1'],
    ['1.36.0-dev', '<', '1.36.0'],
    ['2.6.0-rc1', '<', '2.6.0-0'],
    // What is said of the build counts for nothing.
    ['1.2.3+a', '=', '1.2.3+b'],
    ['v1.2.3', '=', '1.2.3'],
    // Strange ones of the feed.
    ['2.4.46-10.el8', '>', '2.4.46'],
    ['3.6.5-8-g210218', '>', '3.6.5-7'],
    ['0.0.0-20250806193240-9b0b5d4f345f', '<', '0.0.0-20250807212521-c52795c1ef74'],
  ])('%s %s %s', (a, order, b) => {
    const sign = order === '<' ? -1 : order === '>' ? 1 : 0;
    expect(Math.sign(bitnami.compare(a, b) ?? 9)).toBe(sign);
    expect(Math.sign(bitnami.compare(b, a) ?? 9) + 0).toBe(0 - sign);
  });

  it.each(['', 'unknown', 'latest', 'nightly.2026-03-10.0', '.1', '1.', '1 2', 'x1', '1'.repeat(2000)])(
    'does not read %.20j',
    (text) => expect(bitnami.compare(text, '1.0.0')).toBeNull(),
  );
});

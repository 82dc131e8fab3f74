import { describe, expect, it } from '@jest/globals';
import { apk } from './index.ts';

describe('apk versions', () => {
  it.each([
    ['1.36.1-r9', '<', '1.36.1-r10'],
    ['1.9', '<', '1.10'],
    ['1.0', '<', '1.0.1'],
    ['1.05', '<', '1.1'],
    ['1.0', '<', '1.0a'],
    ['1.0a', '<', '1.0b'],
    ['1.0_alpha', '<', '1.0_beta'],
    ['1.0_rc2', '<', '1.0_rc10'],
    ['1.0_rc1', '<', '1.0'],
    ['1.0_rc1', '<', '1.0-r0'],
    ['1.0', '<', '1.0_git20240101'],
    ['1.0_git1', '<', '1.0_p1'],
    ['1.0', '<', '1.0-r0'],
    ['1.0-r1', '<', '1.0.1-r0'],
    ['6.6.1p1-r1', '<', '6.6.1p1-r2'],
    ['1.2_git20240101~abc-r0', '<', '1.2_git20240101~abd-r0'],
    ['1.0-r01', '=', '1.0-r1'],
    ['20250101', '=', '20250101'],
  ])('%s %s %s', (a, order, b) => {
    expect(apk.compare(a, b)).not.toBeNull();
    expect(Math.sign(apk.compare(a, b) ?? 0)).toBe(order === '<' ? -1 : 0);
    expect(Math.sign(apk.compare(b, a) ?? 0)).toBe(order === '<' ? 1 : 0);
  });

  it.each([
    '',
    '1.0_foo',
    '1.0-1',
    '1.0-r1.2',
    '1.2a.3',
    '1.0-r1_p1',
    '1.0 ',
    '1.0~',
    '1.0+2',
    '1:1.0',
    'abc',
  ])('does not read %j', (text) => expect(apk.compare(text, '1.0')).toBeNull());
});

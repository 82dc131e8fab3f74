import { describe, expect, it } from '@jest/globals';
import { deb } from './index.ts';

describe('Debian versions', () => {
  it.each([
    ['1.0', '<', '1.1'],
    ['1.9', '<', '1.10'],
    ['1.0~rc1', '<', '1.0'],
    ['1.0~~', '<', '1.0~'],
    ['1.0', '<', '1.0+b1'],
    ['1.0a', '<', '1.0+'],
    ['9.9', '<', '1:0.1'],
    ['0:1.0', '=', '1.0'],
    ['1.0', '=', '1.0-0'],
    ['1.007', '=', '1.7'],
    ['1-2-3', '<', '1-2-4'],
    ['2:1.2:3-1', '<', '2:1.2:4-1'],
    ['3.0.11-1~deb12u2', '<', '3.0.11-1'],
    ['7.88.1-10+deb12u8', '<', '7.88.1-10+deb12u12'],
    ['99999999999999999998', '<', '99999999999999999999'],
  ])('%s %s %s', (a, order, b) => {
    expect(deb.compare(a, b)).not.toBeNull();
    expect(Math.sign(deb.compare(a, b) ?? 0)).toBe(order === '<' ? -1 : 0);
    expect(Math.sign(deb.compare(b, a) ?? 0)).toBe(order === '<' ? 1 : 0);
  });

  it.each(['', '1.0 ', '1.0-', ':1.0', 'a:1.0', '1:', '99999999999:1', '1_0', '1.0\n', 'ä'])(
    'does not read %j',
    (text) => expect(deb.compare(text, '1.0')).toBeNull(),
  );
});

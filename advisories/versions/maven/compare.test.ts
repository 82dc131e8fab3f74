import { describe, expect, it } from '@jest/globals';
import { maven } from './index.ts';

describe('Maven versions', () => {
  it.each([
    ['1.9', '<', '1.10'],
    ['1-alpha', '<', '1-beta'],
    ['1-beta', '<', '1-milestone'],
    ['1-milestone', '<', '1-rc'],
    ['1-rc', '<', '1-SNAPSHOT'],
    ['1-SNAPSHOT', '<', '1'],
    ['1', '<', '1-sp'],
    ['1-sp', '<', '1-abc'],
    ['1-abc', '<', '1-xyz'],
    ['1-xyz', '<', '1-1'],
    ['1-1', '<', '1.1'],
    ['1a1', '=', '1-alpha-1'],
    ['1m3', '=', '1-MileStone-3'],
    ['1-a', '<', '1-abc'],
    ['1-alpha1', '<', '1-a'],
    ['1.0', '=', '1'],
    ['1.0.0-0.0', '=', '1'],
    ['1.0.0-x', '=', '1-x'],
    ['1.Final', '=', '1.0.GA'],
    ['5.2.20.RELEASE', '=', '5.2.20'],
    ['1-cr2', '=', '1-rc-2'],
    ['1.RC1', '<', '1-RC2'],
    ['1..1', '=', '1.0.1'],
    ['1.foo2', '=', '1-foo-2'],
    ['1.foo.2', '=', '1-foo.2'],
    ['3.0.0.alpha.5', '<', '3.0.0.M2'],
    ['1-0-alpha', '<', '1-1'],
    ['1-x', '<', '1-0-alpha'],
    ['1_2', '=', '1-_-2'],
    ['007', '=', '7'],
    ['4.1.100.Final', '<', '4.1.118.Final'],
    ['31.1-android', '<', '31.1-jre'],
    ['2.14.0-rc1', '<', '2.14.0'],
    ['99999999999999999998', '<', '99999999999999999999'],
    ['r09', '<', '10.0'],
  ])('%s %s %s', (a, order, b) => {
    expect(maven.compare(a, b)).not.toBeNull();
    expect(Math.sign(maven.compare(a, b) ?? 0)).toBe(order === '<' ? -1 : 0);
    expect(Math.sign(maven.compare(b, a) ?? 0)).toBe(order === '<' ? 1 : 0);
  });

  it.each([
    '',
    'unknown',
    '@revision1@',
    '1.$revision',
    '[1.0,2.0)',
    '1.0 ',
    '1.0\n',
    '1/2',
    'ä1',
    '1'.repeat(1025),
  ])('does not read %j', (text) => expect(maven.compare(text, '1.0')).toBeNull());
});

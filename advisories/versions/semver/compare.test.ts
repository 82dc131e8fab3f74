import { describe, expect, it } from '@jest/globals';
import { semver } from './index.ts';

describe('semantic versions', () => {
  it.each([
    ['1.9.0', '<', '1.10.0'],
    ['1.0.0-alpha', '<', '1.0.0-alpha.1'],
    ['1.0.0-alpha.1', '<', '1.0.0-alpha.beta'],
    ['1.0.0-beta.2', '<', '1.0.0-beta.11'],
    ['1.0.0-rc.1', '<', '1.0.0'],
    ['v1.2.3', '=', '1.2.3'],
    ['1.2.3+a', '=', '1.2.3+b'],
    ['1.2.3beta', '=', '1.2.3-beta'],
    ['1.2', '=', '1.2.0'],
    ['1.2', '<', '1.2.1-rc.1'],
    ['1.2.3', '<', '1.2.3.1'],
    ['1.2.3.4-rc.1', '<', '1.2.3.4'],
    ['9007199254740993.0.0', '<', '9007199254740994.0.0'],
  ])('%s %s %s', (a, order, b) => {
    expect(semver.compare(a, b)).not.toBeNull();
    expect(Math.sign(semver.compare(a, b) ?? 0)).toBe(order === '<' ? -1 : 0);
    expect(Math.sign(semver.compare(b, a) ?? 0)).toBe(order === '<' ? 1 : 0);
  });

  it.each(['', 'latest', '*', '^1.2.3', '1.x', 'github:a/b', 'file:../x', `1.0.0-${'a'.repeat(300)}`])(
    'does not read %j',
    (text) => expect(semver.compare(text, '1.0.0')).toBeNull(),
  );
});

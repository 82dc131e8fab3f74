import { describe, expect, it } from '@jest/globals';
import { go } from './index.ts';

describe('Go versions', () => {
  it.each([
    ['v1.2.3', '=', '1.2.3'],
    ['v1.9.0', '<', '1.10.0'],
    ['v2.0.0-rc.1', '<', '2.0.0'],
    ['v20.10.9+incompatible', '=', '20.10.9'],
    ['v20.10.8+incompatible', '<', '20.10.9+incompatible'],
    ['v1.4.0+dirty', '=', '1.4.0'],
    ['v0.0.0-20220715151400-c0bba94af5f8', '<', '0.1.0'],
    ['v0.0.0-20220314234659-1baeb1ce4c0b', '<', 'v0.0.0-20220315160706-3147a52a75dd'],
    ['v1.2.3', '<', 'v1.2.4-0.20220314234659-1baeb1ce4c0b'],
    ['v1.2.4-0.20220314234659-1baeb1ce4c0b', '<', '1.2.4'],
    ['v1.2.4-rc.1', '<', 'v1.2.4-rc.1.0.20220314234659-1baeb1ce4c0b'],
    ['v1.2.4-rc.1.0.20220314234659-1baeb1ce4c0b', '<', 'v1.2.4-rc.2'],
    ['go1.22', '=', '1.22.0'],
    ['go1.22.3', '=', '1.22.3'],
    ['go1.22rc1', '=', '1.22.0-rc.1'],
    ['1.22rc1', '=', '1.22.0-rc.1'],
    ['1.22rc2', '<', '1.22rc10'],
    ['1.22.0-0', '<', '1.22beta1'],
    ['1.22beta1', '<', '1.22.0-rc.1'],
    ['1.22rc1', '<', '1.22.0'],
    ['1.21.13', '<', '1.22.0-0'],
  ])('%s %s %s', (a, order, b) => {
    expect(go.compare(a, b)).not.toBeNull();
    expect(Math.sign(go.compare(a, b) ?? 0)).toBe(order === '<' ? -1 : 0);
    expect(Math.sign(go.compare(b, a) ?? 0)).toBe(order === '<' ? 1 : 0);
  });

  it.each(['(devel)', '', 'devel go1.23-abcdef Mon Jan 1', 'devel +abcdef', 'go', 'v', 'latest', '=1.2.3'])(
    'does not read %j',
    (text) => expect(go.compare(text, '1.0.0')).toBeNull(),
  );
});

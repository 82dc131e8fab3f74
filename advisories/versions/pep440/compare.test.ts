import { describe, expect, it } from '@jest/globals';
import { comparePep440Versions, mayBeEqualPep440Versions } from './compare.ts';
import { pep440 } from './index.ts';

describe('Python versions', () => {
  it.each([
    ['1.9', '<', '1.10'],
    ['1.0.dev1', '<', '1.0a1'],
    ['1.0a1', '<', '1.0a1.post1'],
    ['1.0a2', '<', '1.0b1'],
    ['1.0rc1', '<', '1.0'],
    ['1.0', '<', '1.0.post1'],
    ['1.0', '<', '1.0+local'],
    ['1.0+abc', '<', '1.0+1'],
    ['2026.1', '<', '1!0.1'],
    ['1.0', '=', '1.0.0'],
    ['1.0', '=', 'v1.0'],
    ['1.0-1', '=', '1.0.post1'],
    ['1.0-RC.1', '=', '1.0c1'],
    ['1.0.0+ubuntu-1', '=', '1.0+ubuntu.1'],
    [' 1.0 ', '=', '1.0'],
    ['20260101123456', '<', '20260101123457'],
  ])('%s %s %s', (a, order, b) => {
    expect(pep440.compare(a, b)).not.toBeNull();
    expect(Math.sign(pep440.compare(a, b) ?? 0)).toBe(order === '<' ? -1 : 0);
    expect(Math.sign(pep440.compare(b, a) ?? 0)).toBe(order === '<' ? 1 : 0);
  });

  it.each([
    '',
    'latest',
    '1.0-SNAPSHOT',
    '2004d',
    '1.0.x',
    '==1.0',
    '1.0,2.0',
    '1.0\n2.0',
    '12345678901234567',
  ])('does not read %j', (text) => expect(pep440.compare(text, '1.0')).toBeNull());
});

describe('at a glance', () => {
  it.each([
    ['1.0', '1', true],
    ['1.0.0', 'v1', true],
    ['0!1.2', '1.2.0', true],
    ['01.2', '1.2', true],
    ['1.2.post0', '1.2-0', true],
    ['1.2.3', '1.2.4', false],
    ['1.2', '1.3', false],
    ['1!1.2', '1.2', false],
    ['10', '1', false],
    ['no version', '1', true],
  ])('%s may be %s: %s', (a, b, answer) => {
    expect(mayBeEqualPep440Versions(a, b)).toBe(answer);
    if (!answer) expect(comparePep440Versions(a, b)).not.toBe(0);
  });
});

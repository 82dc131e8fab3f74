import { describe, expect, it } from '@jest/globals';
import { Links } from './links.ts';

function links(...pairs: readonly (readonly [string, string])[]): Links {
  const made = new Links();
  for (const [path, target] of pairs) made.put(path, target);
  return made;
}

describe('Links', () => {
  it.each<readonly [string, readonly (readonly [string, string])[], string, string]>([
    ['no links', [], 'a/b', 'a/b'],
    ['a relative one', [['a', 'x/y']], 'a/b', 'x/y/b'],
    ['an absolute one', [['d/a', '/x']], 'd/a/b', 'x/b'],
    ['its own name left as it is', [['a', 'x']], 'a', 'a'],
    ['one beside', [['a', 'x']], 'ab/c', 'ab/c'],
    ['dots in targets', [['d/a', './../x/./y']], 'd/a/b', 'x/y/b'],
    ['a target that climbs out', [['a', '../../x']], 'a/b', 'x/b'],
    ['the root', [['a', '/']], 'a/b', 'b'],
    [
      'a chain',
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      'a/x',
      'c/x',
    ],
    [
      'one behind another',
      [
        ['a', 'd'],
        ['d/e', 'f'],
      ],
      'a/e/x',
      'd/f/x',
    ],
    [
      ".. after a link, as the kernel: the target's parent",
      [
        ['a', 'x/y'],
        ['x/b', 'z'],
      ],
      'a/q',
      'x/y/q',
    ],
    [
      'a target with .. over another link',
      [
        ['l', 'x/y'],
        ['a', 'l/../w'],
      ],
      'a/q',
      'x/w/q',
    ],
    ['a target that does not exist', [['a', 'no/where']], 'a/b', 'no/where/b'],
  ])('places a path: %s', (_, pairs, path, expected) => {
    expect(links(...pairs).place(path)).toBe(expected);
  });

  it('takes links away with what replaces them', () => {
    const made = links(['a', 'x'], ['d/l', 'x']);
    made.replace('d', true);
    expect(made.place('d/l/f')).toBe('d/x/f');
    made.replace('d', false);
    expect(made.place('d/l/f')).toBe('d/l/f');
    made.replace('a', true);
    expect([made.place('a/f'), made.target('a')]).toEqual(['a/f', null]);
    made.put('a', 'y');
    expect([made.place('a/f'), made.target('a')]).toEqual(['y/f', 'y']);
  });

  it('ends at circles', () => {
    expect(() => links(['a', 'b'], ['b', 'a']).place('a/f')).toThrow('circle of symbolic links');
    expect(() => links(['a', 'a/a']).place('a/f')).toThrow('circle of symbolic links');
  });
});

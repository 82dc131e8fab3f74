import { describe, expect, it } from '@jest/globals';
import { partOf } from './tag-list.ts';

describe('the part of a list of tags that was asked for', () => {
  it.each([
    ['', null, null],
    ['n=3', null, null],
    ['n=5', null, null],
    ['n=x', null, null],
    ['n=2', ['a', 'b'], 'n=2&last=b'],
    ['n=2&ns=registry.corp', ['a', 'b'], 'n=2&last=b&ns=registry.corp'],
    ['n=0', [], null],
    ['last=a', ['b', 'c'], null],
    ['last=c', [], null],
    ['n=1&last=a', ['b'], 'n=1&last=b'],
    ['n=2&last=a', ['b', 'c'], null],
    // Whoever knows `last` gives what follows in his own order.
    ['last=B', null, null],
  ])('%s', (query, tags, next) => {
    const part = partOf(['c', 'a', 'b'], new URLSearchParams(query));
    expect([part?.tags ?? null, part?.next?.toString() ?? null]).toEqual([tags, next]);
  });
});

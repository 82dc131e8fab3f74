import { describe, expect, it } from '@jest/globals';
import { unsupported } from './index.ts';

describe('unsupported', () => {
  it.each([
    ['var/lib/pacman/local/bash-5.2-1/desc', 'pacman'],
    ['var/lib/rpm/Packages', null],
    ['var/lib/pacman/sync/core.db', null],
  ])('%s: %s', (path, kind) => {
    expect(unsupported.match(path)).toEqual(kind === null ? null : { kind: 'presence' });
    if (kind === null) return;
    expect(unsupported.parse(path, Buffer.alloc(0))).toMatchObject({
      packages: [],
      incomplete: [{ what: path, why: expect.stringContaining(kind) }],
    });
  });
});

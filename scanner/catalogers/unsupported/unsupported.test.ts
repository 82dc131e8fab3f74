import { describe, expect, it } from '@jest/globals';
import { unsupported } from './index.ts';

describe('unsupported', () => {
  it.each([
    ['var/lib/rpm/Packages', 'rpm'],
    ['var/lib/rpm/Packages.db', 'rpm'],
    ['var/lib/rpm/rpmdb.sqlite', 'rpm'],
    ['usr/lib/sysimage/rpm/rpmdb.sqlite', 'rpm'],
    ['usr/share/rpm/rpmdb.sqlite', 'rpm'],
    ['var/lib/pacman/local/bash-5.2-1/desc', 'pacman'],
    ['var/lib/rpm/.rpm.lock', null],
    ['var/lib/rpm/sub/Packages', null],
    ['var/lib/rpmX/Packages', null],
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

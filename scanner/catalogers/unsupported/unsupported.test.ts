import { describe, expect, it } from '@jest/globals';
import { unsupported } from './index.ts';

describe('unsupported', () => {
  it.each([
    ['nix/var/nix/db/db.sqlite', 'Nix'],
    ['var/guix/db/db.sqlite', 'Guix'],
    ['var/db/pkg/sys-apps/baselayout-2.14-r2/CONTENTS', 'Portage'],
    ['var/db/pkg/app-shells/bash-5.2/CONTENTS', null],
    ['var/db/xbps/pkgdb-0.38.plist', 'XBPS'],
    ['var/lib/pkgtools/packages/aaa_base-15.0-x86_64-3', 'pkgtools'],
    ['var/log/packages/aaa_base-14.2-x86_64-2', 'pkgtools'],
    ['var/lib/eopkg/package/baselayout-1.8-72/metadata.xml', 'eopkg'],
    ['usr/share/clear/bundles/os-core', 'swupd'],
    ['usr/share/clear/bundles/vim', null],
    ['srv/nix/var/nix/db/db.sqlite', null],
    ['var/lib/rpm/Packages', null],
    ['var/lib/pacman/local/bash-5.2-1/desc', null],
  ])('%s: %s', (path, manager) => {
    expect(unsupported.match(path)).toEqual(manager === null ? null : { kind: 'presence' });
    if (manager === null) return;
    expect(unsupported.parse(path, Buffer.alloc(0))).toMatchObject({
      packages: [],
      incomplete: [{ what: path, why: `this is a package database of ${manager}, which is not read` }],
    });
  });
});

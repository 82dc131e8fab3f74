import type { Interest } from '../cataloger.ts';

/** By package manager, one file that each of its systems has. */
const databases: readonly { readonly manager: string; readonly path: RegExp }[] = [
  { manager: 'Nix', path: /^nix\/var\/nix\/db\/db\.sqlite$/ },
  { manager: 'Guix', path: /^var\/guix\/db\/db\.sqlite$/ },
  { manager: 'Portage', path: /^var\/db\/pkg\/sys-apps\/baselayout-[^/]*\/CONTENTS$/ },
  { manager: 'XBPS', path: /^var\/db\/xbps\/pkgdb-[^/]*\.plist$/ },
  { manager: 'pkgtools', path: /^var\/(?:lib\/pkgtools|log)\/packages\/aaa_base-[^/]*$/ },
  { manager: 'eopkg', path: /^var\/lib\/eopkg\/package\/baselayout-[^/]*\/metadata\.xml$/ },
  { manager: 'swupd', path: /^usr\/share\/clear\/bundles\/os-core$/ },
];

const interest: Interest = { kind: 'presence' };

/** Databases of package managers that are not read. Their presence must never look like "nothing there". */
export function matchUnsupported(path: string): Interest | null {
  return managerOf(path) === null ? null : interest;
}

export function managerOf(path: string): string | null {
  if (!path.startsWith('var/') && !path.startsWith('nix/var/') && !path.startsWith('usr/share/clear/'))
    return null;
  return databases.find((one) => one.path.test(path))?.manager ?? null;
}

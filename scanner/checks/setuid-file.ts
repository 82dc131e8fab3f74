import { baseOf } from '../archive/tar-path.ts';
import { type CheckOf, place } from './check.ts';
import { printable } from './text.ts';

/**
 * No distribution gives these its rights, and with them anybody is root: so one of them is told be it a package's or not,
 * for who takes the bit over in the layer that installs them leaves no other trace.
 */
const never = new Set([
  ...[
    'bash',
    'dash',
    'sh',
    'zsh',
    'ksh',
    'fish',
    'busybox',
    'env',
    'find',
    'xargs',
    'awk',
    'gawk',
    'mawk',
    'sed',
  ],
  ...[
    'vi',
    'vim',
    'nano',
    'emacs',
    'less',
    'more',
    'cp',
    'mv',
    'dd',
    'cat',
    'tee',
    'tar',
    'chmod',
    'chown',
    'ln',
  ],
  ...[
    'perl',
    'ruby',
    'lua',
    'php',
    'node',
    'java',
    'gdb',
    'strace',
    'nmap',
    'curl',
    'wget',
    'nc',
    'socat',
    'docker',
  ],
]);
const python = /^python[0-9.]*$/;

export const setuidFile: CheckOf = {
  id: 'setuid-file',
  version: 1,
  find: ({ permissions, owners, real, layers }) => {
    const found = permissions.flatMap(({ path, kind, layer }) => {
      if (kind !== 'setuid' && kind !== 'setgid') return [];
      const base = baseOf(path);
      const owner = owners.of(real(path), layer);
      const handedOut = never.has(base) || python.test(base);
      if (owner !== null && !(kind === 'setuid' && handedOut)) return [];
      const whose =
        owner === null
          ? ', and no package of the distribution brought it so'
          : ', which no distribution does';
      return [{ detail: `${printable(path)} is ${kind}${whose}`, rule: kind, ...place(path, layer) }];
    });
    if (!layers.some(({ checks }) => checks.permissionsCut)) return found;
    return [...found, { detail: 'it has more files with special modes than are looked at' }];
  },
};

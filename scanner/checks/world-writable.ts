import { parentOf } from '../archive/tar-path.ts';
import { type CheckOf, place } from './check.ts';
import { printable } from './text.ts';

/** Where nothing is said (runc, `libcontainer`; Docker writes the same into every config). */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const mostFolders = 100;

/** Programs in the folders of the PATH that everybody may change, those folders, and the folders above them. */
export const worldWritable: CheckOf = {
  id: 'world-writable-in-path',
  version: 1,
  find: ({ config, permissions, real }) => {
    const writable = permissions.filter(({ kind }) => kind === 'writable' || kind === 'writable-folder');
    if (writable.length === 0) return [];
    const folders = new Set(foldersOf(config?.env ?? []).map(real));
    const above = new Set<string>();
    for (const folder of folders) {
      for (let at = folder; !above.has(at); at = parentOf(at)) above.add(at);
    }
    return writable.flatMap(({ path, kind, layer }) => {
      const at = real(path);
      const counts = kind === 'writable' ? folders.has(parentOf(at)) : above.has(at);
      if (!counts) return [];
      const what = kind === 'writable' ? 'which is in the PATH' : 'which the PATH leads through';
      return [{ detail: `everybody may write to /${printable(path)}, ${what}`, ...place(path, layer) }];
    });
  },
};

function foldersOf(env: readonly string[]): readonly string[] {
  const set = env.findLast((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? usualPath;
  return set
    .split(':', mostFolders)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) =>
      folder
        .split('/')
        .filter((part) => part !== '')
        .join('/'),
    );
}

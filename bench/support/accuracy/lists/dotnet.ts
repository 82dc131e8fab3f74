import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isBelow, type Listed, type PackageList } from '../listed.ts';

interface DependencyFile {
  readonly libraries?: Readonly<Record<string, { readonly type?: string }>>;
  /** By system, then by library, the kinds of files that it has. */
  readonly targets?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, object>>>>>>;
}

/** In what a file is that a program could load. */
const loaded = ['runtime', 'native', 'runtimeTargets', 'resources'];
/** The note of a package without any such file. */
export const nothingLoaded = 'no file of it is loaded';

/** The packages that .NET's build wrote beside an application; its own project is none. */
export const dotnet: PackageList = {
  name: 'dotnet',
  source: 'the libraries of type package in every deps.json',
  async read(root, folder) {
    const listed: Listed[] = [];
    const entries = await readdir(join(root, folder), { withFileTypes: true, recursive: true });
    for (const entry of entries.filter((one) => one.isFile() && one.name.endsWith('.deps.json'))) {
      const file = join(entry.parentPath, entry.name);
      const text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
      const { libraries = {}, targets = {} } = JSON.parse(text) as DependencyFile;
      for (const [key, { type }] of Object.entries(libraries)) {
        const slash = key.lastIndexOf('/');
        const [name, version] = [key.slice(0, slash), key.slice(slash + 1)];
        if (type !== 'package') continue;
        const kinds = Object.values(targets).map((target) => target[key] ?? {});
        const isLoaded = kinds.some((kind) => loaded.some((one) => Object.keys(kind[one] ?? {}).length > 0));
        const note = isLoaded ? '' : nothingLoaded;
        listed.push({ type: 'nuget', name, version, detail: '', place: relative(root, file), note });
      }
    }
    return listed;
  },
  ours: (packages, folder) =>
    packages
      .filter((one) => one.type === 'nuget')
      .flatMap(({ name, version, paths }) =>
        paths
          .filter((path) => isBelow(path, folder))
          .map((place) => ({ type: 'nuget' as const, name, version, detail: '', place })),
      ),
};

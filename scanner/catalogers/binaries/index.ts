import { baseOf } from '../../archive/tar-path.ts';
import type { FileFacts, FoundPackage } from '../cataloger.ts';
import type { Probe, Prober } from '../prober.ts';
import { rowsOf } from './match.ts';
import { ClueSearch } from './search.ts';

/**
 * Well-known programs and libraries that were put into an image without a package: told by the file's name and the version that
 * stands in it. One that a distribution's package owns is the distribution's (found-once.ts).
 */
export const binaries: Prober = {
  name: 'binaries',
  version: 2,
  probe(path: string): Probe {
    const { rows, numbers } = rowsOf(baseOf(path));
    if (rows.length === 0) return nothing;
    const searches = rows.map((row) => ({ row, search: new ClueSearch(row, numbers) }));
    return {
      take: (bytes) => {
        for (const { search } of searches) search.take(bytes);
      },
      facts: () => {
        const packages = searches.flatMap(({ row, search }) => {
          const version = search.end();
          return version === null ? [] : [found(row.name, version)];
        });
        return packages.length === 0 ? null : factsOf(packages);
      },
    };
  },
};

const nothing: Probe = { take: () => undefined, facts: () => null };

function found(name: string, version: string): FoundPackage {
  return { type: 'generic', name, version, arch: null, source: { name, version }, licenses: [] };
}

function factsOf(packages: readonly FoundPackage[]): FileFacts {
  return { packages, os: null, incomplete: [] };
}

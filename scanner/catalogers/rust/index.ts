import type { FileFacts, FoundPackage } from '../cataloger.ts';
import type { Probe, Prober } from '../prober.ts';
import { type BuiltFrom, readCrates } from './crates.ts';
import { ListSearch } from './search.ts';

/** Programs built with cargo-auditable: their crates. Others built by Rust tell nothing of what is in them. */
export const rust: Prober = {
  name: 'rust',
  version: 1,
  probe(path: string): Probe {
    const search = new ListSearch();
    return {
      take: (bytes) => {
        search.take(bytes);
      },
      facts: () => {
        search.end();
        return factsOf(path, search);
      },
    };
  },
};

const unread: BuiltFrom = { packages: [], why: 'its list of crates is cut, damaged, or too long to be read' };

function factsOf(path: string, { overflow, lists }: ListSearch): FileFacts | null {
  if (lists.length === 0 && !overflow) return null;
  const packages = new Map<string, FoundPackage>();
  const whys = new Set<string>();
  if (overflow) whys.add('it holds more that may be lists of crates than is read');
  for (const list of lists) {
    const read = list === null ? unread : readCrates(list);
    for (const one of read.packages) packages.set(`${one.name}\n${one.version}`, one);
    if (read.why !== null) whys.add(read.why);
  }
  return {
    packages: [...packages.values()],
    os: null,
    incomplete: [...whys].map((why) => ({ what: path, why })),
  };
}

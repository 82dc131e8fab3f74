import { type FileFacts, type FoundPackage, onlyIncomplete } from '../cataloger.ts';
import type { Probe, Prober } from '../prober.ts';
import { BuildId } from './build-id.ts';
import { LooseSearch } from './loose.ts';
import { readModules, toolchainPackages } from './modules.ts';
import { unframe } from './record.ts';
import { type FoundRecord, RecordSearch } from './search.ts';

/**
 * Programs built by Go: their modules and the standard library. What is packed (UPX) or encrypted shows neither a
 * build record nor a build ID and is not told from other programs; neither is WebAssembly.
 */
export const golang: Prober = {
  name: 'golang',
  version: 2,
  probe(path: string): Probe {
    const search = new RecordSearch();
    const loose = new LooseSearch();
    const buildId = new BuildId();
    return {
      take: (bytes) => {
        buildId.take(bytes);
        search.take(bytes);
        loose.take(bytes);
      },
      facts: () => {
        search.end();
        loose.end();
        return factsOf(path, search, loose) ?? (buildId.isThere() ? withoutRecord(path) : null);
      },
    };
  },
};

function withoutRecord(path: string): FileFacts {
  return onlyIncomplete(path, 'it was built by Go, but does not say by which version and from which modules');
}

function factsOf(path: string, search: RecordSearch, loose: LooseSearch): FileFacts | null {
  if (search.overflow) return onlyIncomplete(path, 'it holds more records of builds by Go than are read');
  const builds = [...search.records.map(buildOf), ...unrecorded(search, loose)];
  if (builds.length === 0 && !search.addresses && !loose.cut) return null;
  const packages = new Map<string, FoundPackage>();
  const whys = new Set<string>();
  if (loose.cut) whys.add(cutList);
  if (search.addresses && builds.length === search.records.length)
    whys.add('it was built by a Go older than 1.18, whose modules are not read');
  for (const { toolchains, text, why } of builds) {
    const modules = readModules(text);
    const libraries = toolchains.flatMap((toolchain) => toolchainPackages(toolchain, text));
    for (const one of [...libraries, ...modules.packages]) packages.set(`${one.name}\n${one.version}`, one);
    for (const one of [why, modules.why]) if (one !== null) whys.add(one);
  }
  return {
    packages: [...packages.values()],
    os: null,
    incomplete: [...whys].map((why) => ({ what: path, why })),
  };
}

interface Build {
  readonly toolchains: readonly string[];
  readonly text: string;
  /** What of it could not be read, a sentence; null: all was. */
  readonly why: string | null;
}

/** Lists without a record that says which toolchain wrote them: what the program names as one counts. */
function unrecorded({ records }: RecordSearch, { lists, versions }: LooseSearch): Build[] {
  const recorded = records.flatMap(({ modules }) => (modules === null ? [] : [unframe(modules)]));
  const others = lists.filter((list) => !recorded.some((one) => one?.equals(list)));
  return others.map((list) => {
    const { text, why } = decoded(list);
    const unnamed = 'it was built by Go, but does not say by which version';
    return { toolchains: versions, text, why: why ?? (versions.length === 0 ? unnamed : null) };
  });
}

const cutList = 'its list of modules is cut, or too long to be read';
const utf8 = new TextDecoder('utf-8', { fatal: true });

function buildOf({ toolchain, modules }: FoundRecord): Build {
  const toolchains = [toolchain];
  if (modules === null) return { toolchains, text: '', why: cutList };
  const bytes = unframe(modules);
  return bytes === null
    ? { toolchains, text: '', why: 'its list of modules has no frame' }
    : { toolchains, ...decoded(bytes) };
}

function decoded(bytes: Buffer): Pick<Build, 'text' | 'why'> {
  try {
    return { text: utf8.decode(bytes), why: null };
  } catch {
    return { text: '', why: 'its list of modules is no UTF-8' };
  }
}

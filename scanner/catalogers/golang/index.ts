import { type FileFacts, type FoundPackage, onlyIncomplete } from '../cataloger.ts';
import type { Probe, Prober } from '../prober.ts';
import { BuildId } from './build-id.ts';
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
    const buildId = new BuildId();
    return {
      take: (bytes) => {
        buildId.take(bytes);
        search.take(bytes);
      },
      facts: () => {
        search.end();
        return factsOf(path, search) ?? (buildId.isThere() ? withoutRecord(path) : null);
      },
    };
  },
};

function withoutRecord(path: string): FileFacts {
  return onlyIncomplete(path, 'it was built by Go, but does not say by which version and from which modules');
}

function factsOf(path: string, search: RecordSearch): FileFacts | null {
  if (search.overflow) return onlyIncomplete(path, 'it holds more records of builds by Go than are read');
  if (search.records.length === 0 && !search.addresses) return null;
  const packages = new Map<string, FoundPackage>();
  const whys = new Set<string>();
  if (search.addresses) whys.add('it was built by a Go older than 1.18, whose modules are not read');
  for (const record of search.records) {
    const { text, why } = textOf(record);
    const modules = readModules(text);
    for (const one of [...toolchainPackages(record.toolchain, text), ...modules.packages]) {
      packages.set(`${one.name}\n${one.version}`, one);
    }
    for (const one of [why, modules.why]) if (one !== null) whys.add(one);
  }
  return {
    packages: [...packages.values()],
    os: null,
    incomplete: [...whys].map((why) => ({ what: path, why })),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf({ modules }: FoundRecord): { readonly text: string; readonly why: string | null } {
  if (modules === null) return { text: '', why: 'its list of modules is cut, or too long to be read' };
  const bytes = unframe(modules);
  if (bytes === null) return { text: '', why: 'its list of modules has no frame' };
  try {
    return { text: utf8.decode(bytes), why: null };
  } catch {
    return { text: '', why: 'its list of modules is no UTF-8' };
  }
}

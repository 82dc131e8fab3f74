import { type FileFacts, type FoundPackage, mostPackages, noFacts, onlyIncomplete } from '../cataloger.ts';
import { jsonOf, objectOf } from '../json.ts';
import { frameworkAt } from './match.ts';
import { publishedName } from './runtime-names.ts';

interface Library {
  readonly name: string;
  readonly version: string;
}

/** What of a package can be loaded. `compile` is for compilers, and `dependencies` are packages of their own. */
const assetKinds = ['runtime', 'native', 'runtimeTargets', 'resources'];
/** In front of the name of a framework that a program brings itself. */
const packPrefix = 'runtimepack.';
const odd = /[\s\p{Cc}\p{Surrogate}]/u;

/**
 * The packages that a program or a shared framework loads (`*.deps.json`). A package without a file that could be
 * loaded is a name for others, or was left out for what the framework has: there is no code of it.
 */
export function parseDeps(path: string, content: Buffer): FileFacts {
  const json = jsonOf(content);
  if ('fault' in json) return onlyIncomplete(path, json.fault);
  const root = objectOf(json.value);
  const libraries = objectOf(root?.libraries);
  const targets = objectOf(root?.targets);
  // Other programs' files of such a name.
  if (libraries === null || targets === null) return noFacts;
  const assets = assetsOf(targets);
  const found = new Map<string, Library>();
  let odds = 0;
  for (const [key, value] of Object.entries(libraries)) {
    const type = objectOf(value)?.type;
    const library = libraryOf(key, type);
    if (type !== 'package' && type !== 'runtimepack') continue;
    if (library === null) odds += 1;
    else if (type === 'runtimepack' || assets.get(key) !== false) found.set(keyOf(library), library);
  }
  const framework = frameworkAt(path);
  if (framework !== null && !isAmong(found, framework.name) && !odd.test(framework.version)) {
    found.set(keyOf(framework), framework);
  }
  if (found.size > mostPackages) return onlyIncomplete(path, `it has more than ${mostPackages} packages`);
  const why = `${odds} of its packages have no name or version that NuGet would take`;
  return {
    packages: [...found.values()].map(packageOf),
    os: null,
    incomplete: odds === 0 ? [] : [{ what: path, why }],
  };
}

/** By a library's key, whether any system it was built for has a file of it; not there: no target names it. */
function assetsOf(targets: Readonly<Record<string, unknown>>): ReadonlyMap<string, boolean> {
  const assets = new Map<string, boolean>();
  for (const target of Object.values(targets)) {
    for (const [key, value] of Object.entries(objectOf(target) ?? {})) {
      const library = objectOf(value);
      const has = assetKinds.some((kind) => hasFiles(objectOf(library?.[kind])));
      if (has || !assets.has(key)) assets.set(key, has);
    }
  }
  return assets;
}

/** NuGet's mark for "nothing is needed here" is a file called `_._`. */
function hasFiles(files: Readonly<Record<string, unknown>> | null): boolean {
  return files !== null && Object.keys(files).some((file) => !file.endsWith('_._'));
}

/** `NAME/VERSION`. */
function libraryOf(key: string, type: unknown): Library | null {
  const slash = key.indexOf('/');
  const full = key.slice(0, Math.max(slash, 0));
  const name = type === 'runtimepack' && full.startsWith(packPrefix) ? full.slice(packPrefix.length) : full;
  const version = key.slice(slash + 1);
  if (name === '' || version === '' || odd.test(key) || version.includes('/')) return null;
  return { name: publishedName(name), version };
}

/** Names of NuGet have no case. */
function keyOf({ name, version }: Library): string {
  return `${name.toLowerCase()}/${version}`;
}

/** Whether the package that a framework is published as is among those that it is made of. */
function isAmong(found: ReadonlyMap<string, Library>, framework: string): boolean {
  const name = framework.toLowerCase();
  return [...found.keys()].some((key) => key.startsWith(`${name}/`) || key.startsWith(`${name}.runtime.`));
}

function packageOf({ name, version }: Library): FoundPackage {
  return { type: 'nuget', name, version, arch: null, source: { name, version }, licenses: [] };
}

import { type FoundPackage, mostPackages } from '../cataloger.ts';
import { stampedVersion } from './stamped.ts';
import { libraryVersion } from './toolchain.ts';

/** What one program was built from. `why`: what of its list could not be read, a sentence; null: all was. */
export interface BuiltFrom {
  readonly packages: readonly FoundPackage[];
  readonly why: string | null;
}

/** What Go writes where it knows no version: built from a folder, not from a released module. */
const noVersion = '(devel)';
/** Go's rules for module paths (golang.org/x/mod/module, CheckImportPath) and a little more. */
const modulePath = /^(?!(?:.*\/)?\.+(?:\/|$))[0-9A-Za-z_+~.-]+(?:\/[0-9A-Za-z_+~.-]+)*$/;
const versionText = /^[!-~]+$/;
/** The other side of a replacement may be a folder. */
const folder = /^(?:\.{1,2}(?:[/\\]|$)|\/|[A-Za-z]:)/;

/** The standard library; and Go's own commands, under the name that advisories have for them. */
export function toolchainPackages(toolchain: string, text: string): FoundPackage[] {
  const version = libraryVersion(toolchain);
  const isCommand = /^path\tcmd(?:\/|$)/m.test(text);
  return (isCommand ? ['stdlib', 'toolchain'] : ['stdlib']).map((name) => found(name, version));
}

interface Module {
  readonly path: string;
  readonly version: string;
}

/**
 * Reads the list of modules (runtime/debug.BuildInfo as text). Where a module was replaced, what came in its place
 * counts; where that is a folder, the module is there in a version that nobody can tell.
 */
export function readModules(text: string): BuiltFrom {
  const modules: Module[] = [];
  let why: string | null = null;
  let replaceable = false;
  let isMain = true;
  const lines = text.split('\n');
  for (const line of lines) {
    const [key, path, version] = line.split('\t');
    if (key !== 'mod' && key !== 'dep' && key !== '=>') continue;
    const module = moduleOf(path, version, key === '=>');
    if (module === null) why = 'its list of modules holds a line that Go would not write';
    else if (key === 'mod' && isMain) {
      modules.push({ path: module.path, version: mainVersion(module, lines) });
      isMain = false;
    } else if (key !== '=>') modules.push(module);
    else if (replaceable) modules.push(replacement(modules.pop(), module));
    else why = 'its list of modules replaces a module that it does not name';
    replaceable = key !== '=>' && module !== null;
    if (modules.length > mostPackages) {
      return { packages: [], why: `it names more than ${mostPackages} modules` };
    }
  }
  // Go's own modules are the standard library.
  const others = modules.filter(({ path }) => path !== 'std' && path !== 'cmd');
  return { packages: others.map(({ path, version }) => found(path, version)), why };
}

/** As Go knows it, else as it was stamped. */
function mainVersion({ path, version }: Module, lines: readonly string[]): string {
  return version === noVersion ? (stampedVersion(lines, path) ?? version) : version;
}

function moduleOf(
  path: string | undefined,
  version: string | undefined,
  isReplacement: boolean,
): Module | null {
  if (path === undefined || !(modulePath.test(path) || (isReplacement && folder.test(path)))) return null;
  if (version === undefined || version === '') return { path, version: noVersion };
  return versionText.test(version) ? { path, version } : null;
}

function replacement(original: Module | undefined, by: Module): Module {
  return original !== undefined && folder.test(by.path) ? { path: original.path, version: noVersion } : by;
}

function found(name: string, version: string): FoundPackage {
  return { type: 'golang', name, version, arch: null, source: { name, version }, licenses: [] };
}

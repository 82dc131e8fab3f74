import { existsSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

/** What a program of ours needs to run. Paths are relative to the package's folder. */
export interface Closure {
  readonly files: readonly string[];
  /** Folders of installed packages, with those that these need. */
  readonly packages: readonly string[];
}

/** What packages need to be installed, and not to run. */
const installers: ReadonlySet<string> = new Set(['prebuild-install', 'node-addon-api']);

/** One way from a file to another. */
export interface ImportEdge {
  /** Path of the importing file, relative to the package's folder. */
  readonly from: string;
  readonly specifier: string;
  /** Loaded when it comes to it: `import(…)`, or a thread's `new URL(…, import.meta.url)`. */
  readonly late: boolean;
}

/**
 * Follows what built files import, from an entry on.
 * @param root folder of the package, absolute
 * @param entry path of a built file, relative to it
 * @param isFollowed whether a way is gone; what is not gone is not there when the program runs
 * @throws Error where something is imported that is not there, or by a name that is only known at run time
 */
export function closureOf(root: string, entry: string, isFollowed: (edge: ImportEdge) => boolean): Closure {
  const files = new Set<string>();
  const packages = new Set<string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const { specifier, late } of importsOf(file, readFileSync(join(root, file), 'utf8'))) {
      if (isBuiltin(specifier) || !isFollowed({ from: file, specifier, late })) continue;
      if (specifier.startsWith('.')) open.push(besides(root, file, specifier));
      else addPackage(root, packageName(specifier), join(root, dirname(file)), packages);
    }
  }
  return { files: [...files].sort(), packages: [...packages].sort() };
}

function besides(root: string, file: string, specifier: string): string {
  const target = fileURLToPath(new URL(specifier, pathToFileURL(join(root, file))));
  if (!existsSync(target)) throw new Error(`${file} imports ${specifier}, which is not there`);
  return relative(root, target);
}

/** Of `@scope/name/path` the name. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** As Node finds packages: in the node_modules of each folder above. */
function addPackage(root: string, name: string, from: string, packages: Set<string>, optional = false): void {
  const folder = createRequire(join(from, 'x.js'))
    // With a path: a package may be called like a module of Node's own.
    .resolve.paths(`${name}/package.json`)
    ?.map((place) => join(place, name))
    .find((place) => place.startsWith(resolve(root)) && existsSync(join(place, 'package.json')));
  if (folder === undefined) {
    if (optional) return;
    throw new Error(`${relative(root, from)} needs the package ${name}, which is not installed`);
  }
  const path = relative(root, folder);
  if (packages.has(path)) return;
  packages.add(path);
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Readonly<
    Record<'dependencies' | 'optionalDependencies', Readonly<Record<string, string>> | undefined>
  >;
  for (const needed of Object.keys(dependencies)) {
    if (installers.has(needed)) continue;
    addPackage(root, needed, folder, packages, needed in optionalDependencies);
  }
}

/**
 * What a module imports, by syntax.
 * @throws Error where a name is only known at run time
 */
export function importsOf(file: string, text: string): readonly Omit<ImportEdge, 'from'>[] {
  const found: Omit<ImportEdge, 'from'>[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const { moduleSpecifier } = node;
      if (moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier)) {
        found.push({ specifier: moduleSpecifier.text, late: false });
      }
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      found.push({ specifier: literal(file, node.arguments[0]), late: true });
    } else if (isRequire(node)) {
      found.push({ specifier: literal(file, node.arguments[0]), late: false });
    } else if (isPlaceBeside(node)) {
      const [place] = node.arguments ?? [];
      // A folder's file that is read, such as package.json, is no module.
      if (place !== undefined && ts.isStringLiteral(place) && place.text.endsWith('.js')) {
        found.push({ specifier: place.text, late: true });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS));
  return found;
}

/** `createRequire(import.meta.url)('package')`. */
function isRequire(node: ts.Node): node is ts.CallExpression {
  return (
    ts.isCallExpression(node) &&
    ts.isCallExpression(node.expression) &&
    ts.isIdentifier(node.expression.expression) &&
    node.expression.expression.text === 'createRequire'
  );
}

/** `new URL('./file.js', import.meta.url)`. */
function isPlaceBeside(node: ts.Node): node is ts.NewExpression {
  return (
    ts.isNewExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === 'URL' &&
    node.arguments?.[1]?.getText() === 'import.meta.url'
  );
}

function literal(file: string, node: ts.Expression | undefined): string {
  if (node !== undefined && ts.isStringLiteral(node)) return node.text;
  throw new Error(`${file} imports what only a run can tell: ${node?.getText() ?? 'nothing'}`);
}

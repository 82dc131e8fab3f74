import type { Interest } from '../cataloger.ts';

/** Descriptions are whole READMEs; the largest on PyPI have some megabytes. */
const read: Interest = { kind: 'content', limit: 16 * 1024 ** 2 };
/** Distutils wrote a file where setuptools makes a folder of the same name. */
const readOrFolder: Interest = { ...read, orFolder: true };

/** An installed project as one ZIP archive; more often a folder. */
const readEgg: Interest = { kind: 'content', limit: 128 * 1024 ** 2, orFolder: true };

/** Python looks for these folders in any case of letters, and takes a file of such a name for what they hold. */
const ofProject = /\.(?:dist|egg)-info$/i;
/** In either kind of folder it looks for the one, then for the other. */
const inFolder = /(?:\.(?:dist|egg)-info|(?:^|\/)egg-info)\/(?:METADATA|PKG-INFO)$/i;
const egg = /\.egg$/i;

/** What pip and its like have copied into their own code. */
const vendored = /(?:^|\/)(?:_vendor|pipenv\/vendor|wheel\/vendored)\/vendor\.txt$/;
/** One of the copies. Distributions keep the list and take the copies out. */
const copy = /(?:^|\/)(?:_vendor|pipenv\/vendor|wheel\/vendored)\/[^/]+\/__init__\.py$/;
const readList: Interest = { kind: 'content', limit: 1024 ** 2 };

/**
 * What installers write beside a project's code, wherever that lies: `x.dist-info/METADATA`, `x.egg-info/PKG-INFO`,
 * `x.egg/EGG-INFO/PKG-INFO`, distutils' file `x.egg-info`, and the archive `x.egg`; as Python's importlib.metadata
 * finds them.
 */
export function matchPython(path: string): Interest | null {
  if (ofProject.test(path)) return readOrFolder;
  if (isEgg(path)) return readEgg;
  if (isVendored(path)) return readList;
  if (isCopy(path)) return { kind: 'presence' };
  return (path.endsWith('/METADATA') || path.endsWith('/PKG-INFO')) && inFolder.test(path) ? read : null;
}

export function isEgg(path: string): boolean {
  return egg.test(path);
}

export function isVendored(path: string): boolean {
  return path.endsWith('/vendor.txt') && vendored.test(path);
}

export function isCopy(path: string): boolean {
  return path.endsWith('/__init__.py') && copy.test(path);
}

import { normalisedPythonName } from '../core/python-name.ts';
import type { FoundPackage } from './catalogers/cataloger.ts';
import type { Tree } from './tree.ts';

/**
 * Whether a file tells, in the words of a language, a package that another package manager has told (`alsoAt`): it has the
 * same name or the same version. It tells nothing where it was taken out or changed into another's.
 */
export function tellsTheSame(tree: Tree, path: string, one: FoundPackage): boolean {
  const others = tree.read(path).contents.at(-1)?.facts?.packages ?? [];
  const name = normalisedPythonName(one.name);
  return others.some(
    (other) =>
      other.type === 'pypi' && (other.version === one.version || normalisedPythonName(other.name) === name),
  );
}

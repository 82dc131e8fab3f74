import { compare, valid } from '@renovatebot/pep440';
import { longestVersion } from '../scheme.ts';

/** The library keeps numbers as floating point, which is exact up to 15 digits whatever they are. */
const inexactNumber = /[0-9]{16}/;

function read(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed.length > longestVersion || inexactNumber.test(trimmed)) return null;
  return valid(trimmed);
}

export function comparePep440Versions(a: string, b: string): number | null {
  const left = read(a);
  const right = read(b);
  return left === null || right === null ? null : compare(left, right);
}

/** Epoch and the first numbers of the release, which a missing one equals with 0 (PEP 440, "Version specifiers"). */
const beginning = /^\s*v?(?:([0-9]+)!)?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?/i;

/** See `VersionScheme.mayEqual`: reading a version as a whole takes microseconds, and records list hundreds. */
export function mayBeEqualPep440Versions(a: string, b: string): boolean {
  const left = beginning.exec(a);
  const right = beginning.exec(b);
  if (left === null || right === null) return true;
  for (let part = 1; part < left.length; part += 1) {
    if (Number(left[part] ?? 0) !== Number(right[part] ?? 0)) return false;
  }
  return true;
}

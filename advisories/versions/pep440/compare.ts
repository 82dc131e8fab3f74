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

import type { VersionScheme } from '../scheme.ts';
import { comparePep440Versions, mayBeEqualPep440Versions } from './compare.ts';

/** Python's PEP 440. Versions from before it are none, and so undetermined. */
export const pep440: VersionScheme = {
  name: 'pep440',
  compare: comparePep440Versions,
  mayEqual: mayBeEqualPep440Versions,
};

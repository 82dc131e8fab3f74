import type { VersionScheme } from '../scheme.ts';
import { compareBitnamiVersions } from './compare.ts';

/** Of Bitnami's packages, and of programs that have no package (docs/adr/0031-programs-and-documents.md). */
export const bitnami: VersionScheme = { name: 'bitnami', compare: compareBitnamiVersions };

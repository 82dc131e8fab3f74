import type { VersionScheme } from '../scheme.ts';
import { compareGoVersions } from './compare.ts';

/** Modules and releases of Go. */
export const go: VersionScheme = { name: 'go', compare: compareGoVersions };

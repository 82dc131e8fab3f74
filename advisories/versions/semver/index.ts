import type { VersionScheme } from '../scheme.ts';
import { compareSemverVersions } from './compare.ts';

/** Semantic Versioning 2.0.0, as npm reads it. */
export const semver: VersionScheme = { name: 'semver', compare: compareSemverVersions };

import type { VersionScheme } from '../scheme.ts';
import { compareNugetVersions } from './compare.ts';

/**
 * As NuGetVersion and its VersionComparer order them: Semantic Versioning 2.0.0 with a fourth number, in which case
 * does not count.
 */
export const nuget: VersionScheme = { name: 'nuget', compare: compareNugetVersions };

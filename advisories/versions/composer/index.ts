import type { VersionScheme } from '../scheme.ts';
import { compareComposerVersions } from './compare.ts';

/**
 * As Composer normalises versions and PHP's version_compare orders them. A branch (`dev-main`, `2.x-dev`) is no
 * version: nobody can say which fixes the commit has that was installed. Composer puts the former before every version
 * and the latter behind every version of its line, where it would look as if it had all fixes.
 */
export const composer: VersionScheme = { name: 'composer', compare: compareComposerVersions };

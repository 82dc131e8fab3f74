import type { VersionScheme } from '../scheme.ts';
import { compareDebVersions } from './compare.ts';

/** Debian Policy 5.6.12, as dpkg orders it. Also Ubuntu and other systems with dpkg. */
export const deb: VersionScheme = { name: 'deb', compare: compareDebVersions };

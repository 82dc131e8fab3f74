import type { VersionScheme } from '../scheme.ts';
import { compareRpmVersions } from './compare.ts';

/** `[epoch:]version[-release]` as rpm orders it. RHEL and its kin, Fedora, SUSE. */
export const rpm: VersionScheme = { name: 'rpm', compare: compareRpmVersions };

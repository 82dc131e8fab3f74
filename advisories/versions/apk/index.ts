import type { VersionScheme } from '../scheme.ts';
import { compareApkVersions } from './compare.ts';

/** As apk-tools orders them. Alpine, Wolfi and Chainguard. */
export const apk: VersionScheme = { name: 'apk', compare: compareApkVersions };

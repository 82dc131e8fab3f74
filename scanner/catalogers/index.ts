import { apk } from './apk/index.ts';
import type { Cataloger } from './cataloger.ts';
import { deb } from './deb/index.ts';
import { npm } from './npm/index.ts';
import { osRelease } from './os-release/index.ts';
import { unsupported } from './unsupported/index.ts';

/** Every cataloger there is. */
export const catalogers: readonly Cataloger[] = [deb, apk, npm, osRelease, unsupported];

import { cisDocker } from './cis-docker.ts';
import type { Control } from './control.ts';
import { nist800190 } from './nist-800-190.ts';

export type { Control } from './control.ts';

/** Every control that a rule can name, by its id. A guide more is a file more. */
export const controls: ReadonlyMap<string, Control> = new Map(
  [...nist800190, ...cisDocker].map((control) => [control.id, control]),
);

import type { Door } from './door.ts';
import { type ReviewOptions, validateDoor } from './validate.ts';

export type DoorOptions = ReviewOptions;

/** All that is answered here by POST; a row each. */
export function doorsOf(options: DoorOptions): readonly Door[] {
  return [validateDoor(options)];
}

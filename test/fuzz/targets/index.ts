import type { Target } from '../target.ts';
import { catalogerTargets } from './catalogers.ts';
import { documentTargets } from './documents.ts';
import { layerTargets } from './layers.ts';
import { objectTarget } from './objects.ts';
import { programTarget } from './programs.ts';
import { reportTargets } from './reports.ts';
import { reviewTargets } from './reviews.ts';
import { secretTarget } from './secrets.ts';

/** Everything that reads what strangers wrote. */
export const targets: readonly Target[] = [
  ...catalogerTargets,
  programTarget,
  ...layerTargets,
  ...documentTargets,
  ...reportTargets,
  ...reviewTargets,
  objectTarget,
  secretTarget,
];

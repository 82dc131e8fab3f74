import { catalogers } from '../../../scanner/catalogers/index.ts';
import type { Target } from '../target.ts';
import { catalogerSeeds } from './cataloger-seeds.ts';
import { factsText } from './facts.ts';

/** They tell that files are there, whatever is in them. */
const readsNothing = new Set(['unsupported', 'windows']);

/** Every cataloger that reads; seeds are in cataloger-seeds.ts. */
export const catalogerTargets: readonly Target[] = catalogers
  .filter(({ name }) => !readsNothing.has(name))
  .map(({ name, parse }) => {
    const { seeds, words } = catalogerSeeds(name);
    return { name, seeds, words, run: ({ path, bytes }) => factsText(parse(path, bytes)) };
  });

import { alpineSecdb } from './alpine-secdb/index.ts';
import { chainguardSecdb } from './chainguard-secdb/index.ts';
import { debianTracker } from './debian-tracker/index.ts';
import { endoflife } from './endoflife/index.ts';
import { epss } from './epss/index.ts';
import type { FeedDefinition } from './feed.ts';
import { wolfiSecdb } from './wolfi-secdb/index.ts';

/** Feeds that are read as their publishers have them. */
export const nativeFeedsA: readonly FeedDefinition[] = [
  alpineSecdb,
  wolfiSecdb,
  chainguardSecdb,
  debianTracker,
  epss,
  endoflife,
];

import { amazonUpdateinfo } from './amazon-updateinfo/index.ts';
import type { FeedDefinition } from './feed.ts';
import { oracleOval } from './oracle-oval/index.ts';
import { redHatVex } from './redhat-vex/index.ts';

/** Feeds of systems with rpm packages, as their publishers have them (docs/feeds.md). */
export const nativeFeedsB: readonly FeedDefinition[] = [amazonUpdateinfo, oracleOval, redHatVex];

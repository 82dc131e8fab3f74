import { alpineSecdb } from './alpine-secdb/index.ts';
import { amazonUpdateinfo } from './amazon-updateinfo/index.ts';
import { chainguardSecdb } from './chainguard-secdb/index.ts';
import { debianTracker } from './debian-tracker/index.ts';
import { endoflife } from './endoflife/index.ts';
import { epss } from './epss/index.ts';
import type { FeedDefinition } from './feed.ts';
import { onlyNamed } from './names.ts';
import type { ListedFeed } from './offer.ts';
import { oracleOval } from './oracle-oval/index.ts';
import { redHatVex } from './redhat-vex/index.ts';
import { wolfiSecdb } from './wolfi-secdb/index.ts';

/** Feeds that are read as their publishers have them. */
export const nativeDefinitions: readonly FeedDefinition[] = [
  alpineSecdb,
  amazonUpdateinfo,
  chainguardSecdb,
  debianTracker,
  endoflife,
  epss,
  oracleOval,
  redHatVex,
  wolfiSecdb,
];

/** A publisher's own feed, with the way to its files. */
export interface NativeFeed {
  readonly feed: ListedFeed;
  readonly remote: FeedDefinition['remote'];
  /** Its terms are not for everybody: it is asked for where an operator names it (`advisories.with`), and not else. */
  readonly onlyNamed: boolean;
}

/** Which export of osv.dev each feed outweighs where both speak of a release; docs/feeds.md has the reasons. */
const superseded: ReadonlyMap<string, string> = new Map([
  ['alpine-secdb', 'osv:Alpine'],
  ['wolfi-secdb', 'osv:Wolfi'],
  ['chainguard-secdb', 'osv:Chainguard'],
  ['debian-tracker', 'osv:Debian'],
  ['redhat-vex', 'osv:Red Hat'],
  ['oracle-oval', 'osv:Oracle Linux'],
  ['amazon-updateinfo', 'osv:Amazon Linux'],
]);

const native = ({ remote, ...feed }: FeedDefinition): NativeFeed => ({
  feed: { ...feed, supersedes: superseded.get(feed.name) ?? null },
  remote,
  onlyNamed: onlyNamed.includes(feed.name),
});

/** Feeds that their publishers have themselves, beside what osv.dev gathers and CISA's catalogue. */
export const nativeFeeds: readonly NativeFeed[] = nativeDefinitions.map(native);

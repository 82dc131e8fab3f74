import type { FeedDefinition } from '../feed.ts';
import { readSecdb } from './read.ts';

export interface ChainguardFeed {
  readonly name: string;
  readonly ecosystem: string;
  readonly url: string;
}

/**
 * The databases of Wolfi and Chainguard: Alpine's format, without releases. Each name stands on its own there, so that
 * a fault may come under its CVE and under its GHSA and nothing says that they are one. The CVE is the advisory's id as
 * it is, as osv.dev has no other name made of it.
 */
export function chainguardFeed(feed: ChainguardFeed): FeedDefinition {
  return {
    name: feed.name,
    publisher: 'Chainguard',
    // The licence of wolfi-dev/advisories, of which the database is made: not to be changed, not to be passed on.
    licence: 'CC-BY-NC-ND-4.0, for commercial scanners the Chainguard License for Commercial Scanners',
    remote: async () => [{ path: 'security.json', url: feed.url }],
    async *read(files) {
      for (const file of files) {
        yield* readSecdb(file, `${feed.name}/${file.path}`, {
          dialect: {
            ecosystem: feed.ecosystem,
            cveId: (cve) => cve,
            url: (name) => `https://images.chainguard.dev/security/${encodeURIComponent(name)}`,
          },
          stated: new Map(),
        });
      }
    },
  };
}

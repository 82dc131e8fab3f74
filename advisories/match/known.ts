import type { Finding } from '../../core/finding.ts';
import type { OperatingSystem } from '../../core/inventory.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { endOfLifeOf } from '../end-of-life.ts';
import { knownExploited, likeliest } from './finding.ts';

/** Findings of another scanner with what catalogues know of them, and what is known of the system. */
export interface Known {
  readonly findings: readonly Finding[];
  /** How old the catalogues are that were asked, ISO 8601. */
  readonly catalogues: readonly string[];
  /** First day without support; null: not known, or none is planned. */
  readonly endOfLife: string | null;
}

/**
 * Adds whether findings are known to be exploited, and how likely that is: by any of their names. What the scanner says
 * itself stays where it is worse.
 */
export function withKnown(
  findings: readonly Finding[],
  os: OperatingSystem | null,
  index: AdvisoryIndex,
): Known {
  return {
    findings: findings.map((finding) => {
      const ids = [finding.id, ...finding.aliases];
      const kev = finding.kev === true ? true : knownExploited(ids, index);
      const epss = likeliest(ids, index);
      return { ...finding, kev, epss: epss ?? finding.epss };
    }),
    catalogues: index.feeds.flatMap((feed) => (feed.name === 'kev' ? [feed.updatedAt] : [])),
    endOfLife: endOfLifeOf(os, index),
  };
}

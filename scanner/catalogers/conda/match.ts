import type { Interest } from '../cataloger.ts';

/** Packages with a hundred thousand files list each of them twice, with digests. */
const read: Interest = { kind: 'content', limit: 64 * 1024 ** 2 };
const record = /(?:^|\/)conda-meta\/[^/]+-[^/]+-[^/]+\.json$/;

/** What conda, mamba and micromamba have installed into an environment: one file for each package. */
export function matchConda(path: string): Interest | null {
  return path.endsWith('.json') && record.test(path) ? read : null;
}

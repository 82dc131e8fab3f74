import type { Interest } from '../cataloger.ts';

/** Every file of a package is listed twice, with digests: one with ten thousand files has some four megabytes. */
const read: Interest = { kind: 'content', limit: 32 * 1024 ** 2 };
const record = /(?:^|\/)conda-meta\/[^/]+-[^/]+-[^/]+\.json$/;

/** What conda, mamba and micromamba have installed into an environment: one file for each package. */
export function matchConda(path: string): Interest | null {
  return path.endsWith('.json') && record.test(path) ? read : null;
}

export function isCondaFolder(path: string): boolean {
  return path.endsWith('/conda-meta') || path === 'conda-meta';
}

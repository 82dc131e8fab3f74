import { PratiqueError } from '../../core/errors.ts';
import { mostFindings } from '../../core/match.ts';

/** Bounds of what is matched for one image. A list of packages is short, and may name all that advisories speak of. */
export interface MatchLimits {
  /** Rows of advisories that are compared with a version, and packages that are looked for by a part of their name. */
  readonly comparisons: number;
  readonly findings: number;
}

/** Images with several kernels and their headers have some twenty thousand findings. */
export const defaultMatchLimits: MatchLimits = { comparisons: 1_000_000, findings: mostFindings };

/** A search by a part of a name reads every name of its ecosystem. In comparisons. */
export const searchCost = 100;

/** @throws PratiqueError `limit-exceeded`: nobody says what such an image contains, so none of it is cleared */
export function refuseMore(what: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw new PratiqueError('limit-exceeded', `its packages lead to more than ${limit} ${what}`, { limit });
}

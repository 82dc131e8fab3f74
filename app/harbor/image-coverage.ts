import { matchesImage } from '../../policy/image-pattern.ts';

/** A part of a name that no pattern can spell, so that wildcards alone match it. */
const unspellable = '\u0001';

/**
 * Whether an exception's image pattern holds for every repository that there is or could be below a place. What
 * is true of parts nobody can spell, for as many parts as the pattern can tell apart, is true of all.
 * @param place host and, of a project, its name
 * @param least how many parts a repository has below the place
 */
export function coversEverything(pattern: string, place: readonly string[], least: number): boolean {
  const most = pattern.split('/').length + 1;
  for (let parts = least; parts <= Math.max(most, least); parts += 1) {
    const name = [...place, ...Array<string>(parts).fill(unspellable)].join('/');
    if (!matchesImage(pattern, name)) return false;
  }
  return true;
}

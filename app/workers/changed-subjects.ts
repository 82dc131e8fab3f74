import { AdvisoryHistory } from '../../db/advisories-history.ts';

export { changedSubjects } from '../../db/advisories-diff.ts';

/** The file of an older revision; null: it is not kept. @param advisories the file in force */
export function keptRevision(advisories: string, revision: string): string | null {
  return new AdvisoryHistory(advisories).find(revision);
}

/** Whether two revisions are of the same way in which advisories are matched (`matcherVersion`). */
export function isMatchedAlike(a: string, b: string): boolean {
  const version = (revision: string): string => revision.slice(revision.lastIndexOf('-') + 1);
  return version(a) === version(b);
}

import type { Changed } from './rematch-task.ts';

/** Both files' revisions; `null`: the file of the old one is not kept. */
export type ChangedSubjects = (from: string | null, to: string) => Changed;

/** Nothing tells two revisions apart yet: everything may be another. */
export const changedSubjects: ChangedSubjects = () => ({ all: true, subjects: new Set() });

/** The file of an older revision, as `revisionOf` names it (db/advisories-file.ts); null: it is not kept. */
export function keptRevision(_advisories: string, _revision: string): string | null {
  return null;
}

/** Whether two revisions are of the same way in which advisories are matched (`matcherVersion`). */
export function isMatchedAlike(a: string, b: string): boolean {
  const version = (revision: string): string => revision.slice(revision.lastIndexOf('-') + 1);
  return version(a) === version(b);
}

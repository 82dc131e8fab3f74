import type { KeptRevision } from '../../db/advisories-history.ts';
import type { AdvisoriesHold } from '../../db/advisories-hold.ts';
import { oneLine } from '../../policy/text.ts';
import { formatTable } from './table.ts';

/** Of `advisories status`: revisions that can be gone back to, the newest first. */
export function keptText(kept: readonly KeptRevision[]): string {
  if (kept.length === 0) return 'no revision is kept';
  return formatTable(
    ['KEPT', 'MADE', 'BYTES', ''],
    kept.map(({ revision, createdAt, bytes, inForce }) => [
      revision,
      createdAt,
      String(bytes),
      inForce ? 'in force' : '',
    ]),
  );
}

export function holdText({ at, by, from, to }: AdvisoriesHold): string {
  return [
    `scheduled updates are held since ${oneLine(at, 40)}: ${oneLine(by, 60)} went back from ${oneLine(from ?? 'an unreadable revision', 100)} to ${oneLine(to, 100)}`,
    'they go on after an update by hand, or after: pratique advisories rollback --release',
  ].join('\n');
}

export function releasedText({ at, by }: AdvisoriesHold): string {
  return `scheduled updates go on again; they were held since ${oneLine(at, 40)} by ${oneLine(by, 60)}`;
}

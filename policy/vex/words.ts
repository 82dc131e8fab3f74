import type { Digest } from '../../core/digest.ts';
import type { Finding } from '../../core/finding.ts';
import type { AttachedVex, VexNote } from '../../core/vex.ts';
import { oneLine } from '../text.ts';
import { isoTime } from '../time.ts';
import { acquittalOf, indexStatements, type JudgedImage, type VexIndex } from './acquit.ts';
import { weigh } from './attached.ts';
import type { PolicyVex } from './policy-vex.ts';
import type { VexStatement } from './statement.ts';

/** Everything that VEX says which counts for one image. */
export interface VexWords {
  /** The statements by which a finding does no harm; null where it is not silenced. */
  acquit(finding: Finding): readonly VexStatement[] | null;
}

/** By identity, and beside the policy, which stays plain data. */
const indexes = new WeakMap<PolicyVex, VexIndex>();

/** null: nothing is said. */
export function wordsOn(
  policy: { readonly vex?: PolicyVex },
  image: {
    readonly image: readonly string[];
    readonly digest?: Digest | null;
    readonly attached?: readonly AttachedVex[];
  },
): VexWords | null {
  const { vex } = policy;
  if (vex === undefined) return null;
  const judged: JudgedImage = { digest: image.digest ?? null, repositories: image.image };
  const own = indexOf(vex);
  const { documents } = weigh(policy, image.attached ?? [], judged);
  const all =
    documents.length === 0
      ? [own]
      : [own, indexStatements(documents.flatMap(({ statements }) => statements))];
  if (all.every(({ size }) => size === 0)) return null;
  return { acquit: (finding) => acquittalOf(all, finding, judged) };
}

function indexOf(vex: PolicyVex): VexIndex {
  const known = indexes.get(vex);
  if (known !== undefined) return known;
  const index = indexStatements([
    ...vex.documents.flatMap(({ statements }) => statements),
    ...vex.statements,
  ]);
  indexes.set(vex, index);
  return index;
}

/** As a verdict records it. */
export function noteOf(statement: VexStatement): VexNote {
  const { status, justification, impact, author, document, source, timestamp } = statement;
  if (status !== 'not_affected' && status !== 'fixed') throw new Error('a statement that does not silence');
  return { status, justification, impact, author, document, source, timestamp: isoTime(timestamp) };
}

/** One sentence of what silences: `not_affected: vulnerable_code_not_present (…)`. */
export function reasonOf(notes: readonly VexNote[]): string {
  const each = notes.map(({ status, justification, impact }) => {
    const why = [justification, impact === null || justification === null ? impact : `(${impact})`];
    const said = why.filter((part) => part !== null).join(' ');
    return said === '' ? status : `${status}: ${said}`;
  });
  return oneLine([...new Set(each)].join('; '), 1000);
}

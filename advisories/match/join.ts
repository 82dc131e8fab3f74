import type { AffectedRow } from '../../core/ports/advisories.ts';
import type { VersionScheme } from '../versions/scheme.ts';
import { aliasClasses } from './aliases.ts';
import { evaluate, laterVersion } from './evaluate.ts';

/** Records that say the same thing of one version of one package. */
export interface Joined {
  /** Those that apply, at least one. */
  readonly rows: readonly AffectedRow[];
  /** Every name of what they are about; severity and known exploitation are looked up under these. */
  readonly ids: ReadonlySet<string>;
  /** Records about several ids that were folded in: names only, what they say of severity is not about this one. */
  readonly foldedIds: ReadonlySet<string>;
  /** False: no version could be compared. */
  readonly determined: boolean;
  /** The highest fix of all: what is needed to be rid of each of them. */
  readonly fixed: string | null;
  /** When the oldest record that speaks of it was published, ISO 8601; null: none says when. */
  readonly published: string | null;
  /** The same, of the oldest record that names a version without it: some fix was known from then on at the latest. */
  readonly fixedSince: string | null;
}

interface Draft {
  readonly rows: AffectedRow[];
  readonly ids: Set<string>;
  readonly foldedIds: Set<string>;
  determined: boolean;
  fixed: string | null;
  published: string | null;
  fixedSince: string | null;
}

interface Hit {
  readonly row: AffectedRow;
  readonly determined: boolean;
  readonly fixed: string | null;
}

/**
 * The records among `rows` (all that speak of one package) which apply to `version`, joined by their ids. A
 * record about several upstream ids is folded into those of its members; it stays on its own for members that
 * no record of their own speaks of, and where none of them applies.
 */
export function joinApplicable(
  rows: readonly AffectedRow[],
  version: string,
  scheme: VersionScheme,
): readonly Joined[] {
  const hits = rows.flatMap((row) => hit(row, version, scheme));
  if (hits.length === 0) return [];
  const classes = aliasClasses(rows);
  const drafts = new Map<ReadonlySet<string> | string, Draft>();
  const draftFor = (key: ReadonlySet<string> | string, ids: Iterable<string>): Draft => {
    const known = drafts.get(key);
    if (known !== undefined) {
      for (const id of ids) known.ids.add(id);
      return known;
    }
    const fresh: Draft = {
      rows: [],
      ids: new Set(ids),
      foldedIds: new Set(),
      determined: false,
      fixed: null,
      published: null,
      fixedSince: null,
    };
    drafts.set(key, fresh);
    return fresh;
  };
  const byId = new Map<string, Draft>();
  for (const one of hits) {
    if (isAboutSeveral(one.row)) continue;
    const ids = classes.idsOf(one.row.advisory.id);
    // A class of one is a new set each time, so its id is the key.
    const draft = draftFor(ids.size === 1 ? one.row.advisory.id : ids, ids);
    draft.rows.push(one.row);
    take(draft, one, scheme);
    for (const id of ids) byId.set(id, draft);
  }
  const spokenOf = new Set<string>();
  for (const row of rows) {
    if (!isAboutSeveral(row)) for (const id of classes.idsOf(row.advisory.id)) spokenOf.add(id);
  }
  for (const one of hits) {
    if (!isAboutSeveral(one.row)) continue;
    const { advisory } = one.row;
    const members = new Set([advisory.id, ...advisory.upstream].flatMap((id) => byId.get(id) ?? []));
    for (const member of members) {
      member.foldedIds.add(advisory.id);
      take(member, one, scheme);
    }
    const left = members.size === 0 ? advisory.upstream : advisory.upstream.filter((id) => !spokenOf.has(id));
    if (members.size > 0 && left.length === 0) continue;
    const own = classes.idsOf(advisory.id);
    const draft = draftFor(advisory.id, [...own, ...left]);
    draft.rows.push(one.row);
    take(draft, one, scheme);
  }
  return [...drafts.values()];
}

function isAboutSeveral(row: AffectedRow): boolean {
  return row.advisory.upstream.length > 1;
}

function hit(row: AffectedRow, version: string, scheme: VersionScheme): readonly Hit[] {
  const evaluation = evaluate(row.affected, version, scheme);
  if (evaluation.state === 'unaffected') return [];
  return [{ row, determined: evaluation.state === 'affected', fixed: evaluation.fixed }];
}

/** What is known to apply outweighs what could not be compared. */
function take(draft: Draft, one: Hit, scheme: VersionScheme): void {
  draft.determined ||= one.determined;
  draft.fixed = laterVersion(draft.fixed, one.fixed, scheme);
  const { published } = one.row.advisory;
  draft.published = earlier(draft.published, published);
  if (one.fixed !== null) draft.fixedSince = earlier(draft.fixedSince, published);
}

/** The earlier of two times; a time where the other is null. */
function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(b) < Date.parse(a) ? b : a;
}

import type { Finding, FindingKind } from '../../core/finding.ts';
import type { Package } from '../../core/inventory.ts';
import type { AdvisoryIndex, AffectedRow, KnownSeverityOf } from '../../core/ports/advisories.ts';
import { compareSeverity } from '../../core/severity.ts';
import type { Joined } from './join.ts';
import { kernelNote } from './kernels.ts';

/** Everything of a finding that does not depend on which binary package it is reported for. */
export type FindingBody = Omit<Finding, 'package' | 'source' | 'packageType' | 'version' | 'purl'>;

/** Makes the finding of joined records, with what any feed knows of their ids. */
export function findingOf(joined: Joined, index: AdvisoryIndex): FindingBody {
  const rows = joined.rows.toSorted((a, b) => compareIds(a.advisory.id, b.advisory.id));
  const [first] = rows;
  if (first === undefined) throw new Error('joined records without a record');
  const own = ownSeverity(rows);
  // What a record says of one CVE is not said of another that it is joined with.
  const isOne = [...joined.ids].filter((id) => id.startsWith('CVE-')).length <= 1;
  const known = own !== null && isOne ? own : worse(own, lentSeverity(joined.ids, index));
  return {
    id: first.advisory.id,
    kind: worstKind(rows),
    aliases: aliasesOf(first.advisory.id, joined),
    severity: known?.severity ?? 'unknown',
    cvss: known?.cvss ?? null,
    ...statusOf(joined),
    kev: knownExploited(joined.ids, index),
    epss: likeliest(joined.ids, index),
    published: joined.published,
    fixedSince: joined.fixedSince,
    url: first.advisory.url,
    summary: rows.find((row) => row.advisory.summary !== '')?.advisory.summary ?? '',
  };
}

/**
 * A fix outweighs what a publisher says of versions without one; of several words the one that promises least, because
 * `under_investigation` may still turn out to be nothing.
 */
function statusOf({ rows, determined, fixed }: Joined): Pick<Finding, 'status' | 'fixedVersion' | 'note'> {
  const notes = [...new Set(rows.flatMap(({ affected }) => affected.note ?? []))].sort();
  const note = notes.length === 0 ? {} : { note: notes.join('; ') };
  if (!determined) return { status: 'undetermined', fixedVersion: fixed, ...note };
  if (fixed !== null) return { status: 'fixed', fixedVersion: fixed, ...note };
  const states = new Set(rows.map(({ affected }) => affected.state ?? 'affected'));
  const status = unfixedOrder.find((state) => states.has(state)) ?? 'affected';
  return { status, fixedVersion: null, ...note };
}

const unfixedOrder = ['will_not_fix', 'affected', 'undetermined', 'under_investigation'] as const;

/** Two findings by one name, of which neither may hide what is bad of the other. A fix counts where both have one. */
export function worseOf(a: FindingBody, b: FindingBody): FindingBody {
  const isWorse = compareSeverity(b.severity, a.severity) < 0;
  const [worst, other] = isWorse ? [b, a] : [a, b];
  const isFixed = a.fixedVersion !== null && b.fixedVersion !== null;
  const earliest = (x: string | null, y: string | null): string | null =>
    x === null || y === null ? null : x < y ? x : y;
  return {
    ...worst,
    kind: kindOrder.find((kind) => kind === a.kind || kind === b.kind) ?? worst.kind,
    aliases: [...new Set([...worst.aliases, ...other.aliases])],
    kev: a.kev === true || b.kev === true ? true : (a.kev ?? b.kev),
    epss: a.epss === null || b.epss === null ? (a.epss ?? b.epss) : Math.max(a.epss, b.epss),
    ...(isFixed ? {} : { status: 'affected' as const, fixedVersion: null }),
    published: earliest(a.published, b.published),
    fixedSince: isFixed ? earliest(a.fixedSince, b.fixedSince) : null,
  };
}

export function reportFor(owner: Package, body: FindingBody): Finding {
  const { id, kind, aliases, ...rest } = body;
  const notes = [body.note ?? [], kernelNote(owner) ?? []].flat();
  return {
    id,
    kind,
    aliases,
    package: owner.name,
    source: owner.source.name,
    packageType: owner.type,
    version: owner.version,
    purl: owner.purl,
    ...rest,
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  };
}

/** The record that names a finding: the distribution's own, then GitHub's, then any other. */
const idOrder: readonly RegExp[] = [/^[A-Z]+-CVE-/, /^GHSA-/, /^CVE-/, /^MAL-/, /^[A-Z]/];

function idRank(id: string): number {
  const rank = idOrder.findIndex((pattern) => pattern.test(id));
  return rank < 0 ? idOrder.length : rank;
}

function compareIds(a: string, b: string): number {
  return idRank(a) - idRank(b) || compareTexts(a, b);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function aliasesOf(id: string, joined: Joined): readonly string[] {
  const all = new Set([...joined.ids, ...joined.foldedIds]);
  all.delete(id);
  const cveFirst = (name: string): number => (name.startsWith('CVE-') ? 0 : 1);
  return [...all].sort((a, b) => cveFirst(a) - cveFirst(b) || compareTexts(a, b));
}

const kindOrder: readonly FindingKind[] = ['malware', 'vulnerability', 'bugfix'];

function worstKind(rows: readonly AffectedRow[]): FindingKind {
  return kindOrder.find((kind) => rows.some((row) => row.advisory.kind === kind)) ?? 'vulnerability';
}

function worse(a: KnownSeverityOf | null, b: KnownSeverityOf | null): KnownSeverityOf | null {
  if (a === null || b === null) return a ?? b;
  const order = compareSeverity(a.severity, b.severity) || (b.cvss?.score ?? -1) - (a.cvss?.score ?? -1);
  return order <= 0 ? a : b;
}

/** What the records themselves say; for this package before in general (OSV schema, `affected[].severity`). */
function ownSeverity(rows: readonly AffectedRow[]): KnownSeverityOf | null {
  let worst: KnownSeverityOf | null = null;
  for (const { advisory, affected } of rows) {
    const severity = affected.severity ?? advisory.severity;
    if (severity === null) continue;
    worst = worse(worst, { severity, cvss: severity === advisory.severity ? advisory.cvss : null });
  }
  return worst;
}

function lentSeverity(ids: Iterable<string>, index: AdvisoryIndex): KnownSeverityOf | null {
  let worst: KnownSeverityOf | null = null;
  for (const id of ids) worst = worse(worst, index.severityOf(id));
  return worst;
}

export function knownExploited(ids: Iterable<string>, index: AdvisoryIndex): boolean | null {
  let answer: boolean | null = null;
  for (const id of ids) {
    const exploited = index.knownExploited(id);
    if (exploited === true) return true;
    answer ??= exploited;
  }
  return answer;
}

export function likeliest(ids: Iterable<string>, index: AdvisoryIndex): number | null {
  let worst: number | null = null;
  for (const id of ids) {
    const score = index.epssOf(id);
    if (score !== null && score > (worst ?? -1)) worst = score;
  }
  return worst;
}

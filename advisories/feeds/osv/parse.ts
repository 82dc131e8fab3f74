import type { FindingKind } from '../../../core/finding.ts';
import type { Advisory, AffectedPackage } from '../../../core/ports/advisories.ts';
import { compareSeverity, type Severity } from '../../../core/severity.ts';
import { summaryLine } from '../summary.ts';
import { type ParsedAffected, parseAffected } from './affected.ts';
import { fieldOf, hasControls, isObject, Malformed, proseOf, stringsOf, textOf } from './fields.ts';
import { type Graded, gradeOf, severityOfWord } from './severity.ts';
import { withoutSubscription } from './ubuntu-pro.ts';

/** What became of one record. */
export type ParsedRecord =
  | { readonly advisory: Advisory }
  | { readonly rejected: string }
  | { readonly skipped: 'withdrawn' };

/**
 * Reads one record in OSV format. Fields that are not known are no matter; one that decides (id, packages,
 * ranges, versions, aliases) and cannot be read has the record rejected.
 */
export function parseOsvRecord(record: unknown): ParsedRecord {
  try {
    if (!isObject(record)) throw new Malformed('it is not a JSON object');
    const withdrawn = fieldOf(record, 'withdrawn');
    const id = textOf(record, 'id');
    if (withdrawn !== undefined && withdrawn !== null) return { skipped: 'withdrawn' };
    return { advisory: advisoryOf(record, id) };
  } catch (error) {
    if (error instanceof Malformed) return { rejected: error.message };
    throw error;
  }
}

function advisoryOf(record: object, id: string): Advisory {
  const aliases = stringsOf(record, 'aliases').filter((alias) => alias !== id && alias !== '');
  const parsed = withoutSubscription(parseAffected(fieldOf(record, 'affected')));
  const grade = recordGrade(record, id, parsed);
  return {
    id,
    kind: kindOf(record, id, aliases),
    aliases,
    upstream: upstreamOf(record, id),
    summary: summaryOf(record),
    url: urlOf(record, id),
    severity: grade.severity,
    cvss: grade.cvss,
    published: timeOf(record, 'published'),
    modified: timeOf(record, 'modified'),
    affected: parsed.map((one) => packageGrade(one, grade)),
  };
}

/** The record's own vectors, its own word, or the worst of what it says of single packages. */
function recordGrade(record: object, id: string, parsed: readonly ParsedAffected[]): Graded {
  const top = gradeOf(fieldOf(record, 'severity'));
  if (top.severity !== null) return top;
  const specific = fieldOf(record, 'database_specific');
  const own = isObject(specific) ? severityOfWord(fieldOf(specific, 'severity')) : null;
  const word = own ?? summaryWord(record, id);
  let worst: Graded = { severity: null, cvss: null };
  for (const { grade } of parsed) {
    if (grade.severity === null) continue;
    if (worst.severity === null || compareSeverity(grade.severity, worst.severity) < 0) worst = grade;
  }
  return worst.severity === null || worst.cvss === null
    ? { severity: word ?? worst.severity, cvss: null }
    : worst;
}

/** Security advisories of the RHEL family say how bad they are in their title: `Important: glibc security update`. */
function summaryWord(record: object, id: string): Severity | null {
  if (!/^(?:AL|RL|RX|RH)SA-/.test(id)) return null;
  const title = /^(Critical|Important|Moderate|Low): /.exec(proseOf(record, 'summary') ?? '');
  return severityOfWord(title?.[1]);
}

/** A word for one package weighs less than the record's score, unless it says that the fault does no harm. */
function packageGrade(one: ParsedAffected, record: Graded): AffectedPackage {
  const { affected, grade } = one;
  if (grade.severity !== null || affected.severity === 'negligible' || record.severity === null)
    return affected;
  return { ...affected, severity: null };
}

/** Bug-fix and enhancement advisories of the RHEL family; recommended, optional and feature updates of SUSE. */
const bugfixId = /^(?:AL|RL|RX|RH|EL)[BE]A-|^(?:open)?SUSE-[ROF]U-/;
/** Common Weakness Enumeration: embedded malicious code. */
const embeddedMaliciousCode = 'CWE-506';

function kindOf(record: object, id: string, aliases: readonly string[]): FindingKind {
  if (bugfixId.test(id)) return 'bugfix';
  if ([id, ...aliases].some((name) => name.startsWith('MAL-'))) return 'malware';
  const specific = fieldOf(record, 'database_specific');
  if (!isObject(specific)) return 'vulnerability';
  const weaknesses = fieldOf(specific, 'cwe_ids');
  const malicious = Array.isArray(weaknesses) && weaknesses.includes(embeddedMaliciousCode);
  return malicious || Object.hasOwn(specific, 'malicious-packages-origins') ? 'malware' : 'vulnerability';
}

/** AlmaLinux, and others in older records, list the CVEs of an advisory under `related`, where `upstream` belongs. */
const relatedIsUpstream = /^(?:AL|RL|RX|RH)[SBE]A-|^(?:open)?SUSE-[SROF]U-|^USN-/;

function upstreamOf(record: object, id: string): readonly string[] {
  const upstream = stringsOf(record, 'upstream').filter((name) => name !== id && name !== '');
  if (upstream.length > 0 || !relatedIsUpstream.test(id)) return [...new Set(upstream)];
  return [...new Set(stringsOf(record, 'related').filter((name) => name.startsWith('CVE-')))];
}

function summaryOf(record: object): string {
  return summaryLine(proseOf(record, 'summary') ?? proseOf(record, 'details') ?? '');
}

function urlOf(record: object, id: string): string {
  const references = fieldOf(record, 'references');
  for (const reference of Array.isArray(references) ? (references as readonly unknown[]) : []) {
    if (!isObject(reference) || fieldOf(reference, 'type') !== 'ADVISORY') continue;
    const url = proseOf(reference, 'url');
    if (url !== null && /^https?:\/\/[^\s"'<>]{1,2000}$/.test(url) && !hasControls(url)) return url;
  }
  return `https://osv.dev/vulnerability/${encodeURIComponent(id)}`;
}

/** Before any advisory: what is older is a zero that somebody's program wrote (`0001-01-01`, `1970-01-01`). */
const firstYear = Date.UTC(1990, 0);

function timeOf(record: object, name: string): string | null {
  const time = proseOf(record, name);
  return time !== null && time.length <= 64 && Date.parse(time) >= firstYear ? time : null;
}

import type { z } from 'zod';
import { PratiqueError } from '../core/errors.ts';
import type { Cvss, Finding, FindingKind } from '../core/finding.ts';
import { type PackageType, packageTypes } from '../core/inventory.ts';
import { mostFindings } from '../core/match.ts';
import { type Severity, severities } from '../core/severity.ts';

/** Characters of a text that a report brings along. */
const longestText = 500;
const types: ReadonlySet<string> = new Set(packageTypes);
const known: ReadonlySet<string> = new Set(severities);

/** A report that says nothing that can be relied on. What it says elsewhere does not count either. */
export function unreadable(who: string, why: string): PratiqueError {
  return new PratiqueError('scanner-failed', `the report of ${who} cannot be read: ${why}`, {
    scanner: who,
  });
}

/**
 * A report as a value that has the documented shape.
 * @throws PratiqueError `scanner-failed`
 */
export function readReport<Schema extends z.ZodType>(
  who: string,
  bytes: Uint8Array,
  schema: Schema,
): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own words quote the input.
    throw unreadable(who, bytes.length === 0 ? 'it is empty' : 'it is not JSON');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  throw unreadable(who, `${path === '' ? 'the whole' : path}: ${issue?.message ?? 'not as documented'}`);
}

/** @throws PratiqueError `scanner-failed` for more findings than an image may have */
export function refuseMany(who: string, findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= mostFindings) return findings;
  throw unreadable(who, `it has ${findings.length} findings, ${mostFindings} are read`);
}

/** Words of all scanners, in any case. What is no word is `unknown`, never low. */
export function severityOf(word: string | null | undefined): Severity {
  const text = word?.toLowerCase() ?? '';
  if (text === 'none') return 'negligible';
  return known.has(text) ? (text as Severity) : 'unknown';
}

/** ISO 8601 in UTC; null for what is no time, and for Go's time zero, which means that there is none. */
export function timeOf(text: string | null | undefined): string | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) || time <= 0 ? null : new Date(time).toISOString();
}

/** `pkg:deb/debian/bash@5.0-4` is `deb`; null for a type that is not told here. */
export function typeOfPurl(purl: string): PackageType | null {
  const type = /^pkg:\/{0,2}([A-Za-z][A-Za-z0-9.+-]{0,40})\//.exec(purl)?.[1]?.toLowerCase();
  return type !== undefined && types.has(type) ? (type as PackageType) : null;
}

/** Two significant digits, as everywhere (`Finding.epss`); null where it is no probability. */
export function epssOf(score: number | null | undefined): number | null {
  if (score == null || !(score >= 0 && score <= 1)) return null;
  return Number(score.toPrecision(2));
}

export function cvssOf(vector: string | undefined, score: number | undefined): Cvss | null {
  if (vector === undefined || vector === '' || score === undefined) return null;
  return score >= 0 && score <= 10 ? { vector: clip(vector, 200), score } : null;
}

/** Errata of these kinds mend no vulnerability (decision 2); a `MAL-` is malware. */
export function kindOf(id: string): FindingKind {
  if (id.startsWith('MAL-')) return 'malware';
  return /^(?:AL|RL|RH|EL)(?:BA|EA)-/.test(id) ? 'bugfix' : 'vulnerability';
}

/** Without the id itself, CVE ids first. */
export function aliasesOf(id: string, others: readonly string[]): readonly string[] {
  const all = [...new Set(others)]
    .filter((other) => other !== '' && other !== id)
    .map((one) => clip(one, 200));
  const rank = (name: string): number => (name.startsWith('CVE-') ? 0 : 1);
  return all.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));
}

/** On one line, shortened. */
export function clip(text: string, most = longestText): string {
  const line = text
    .slice(0, 4 * most)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

/** An http or https address; empty for anything else, which nobody should follow. */
export function linkOf(text: string | null | undefined): string {
  return text != null && text.length <= 2000 && /^https?:\/\//.test(text) && URL.canParse(text) ? text : '';
}

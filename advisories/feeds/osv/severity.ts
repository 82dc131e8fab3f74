import cvssCalculator from 'ae-cvss-calculator';
import { LRUCache } from 'lru-cache';
import type { Cvss } from '../../../core/finding.ts';
import { type Severity, severityOfScore } from '../../../core/severity.ts';

/** What feeds call the grades, in lower case. Debian's urgency and Ubuntu's priority are among them. */
const words: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['important', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['low', 'low'],
  ['negligible', 'negligible'],
  ['none', 'negligible'],
  ['unimportant', 'negligible'],
]);

/** The grade that a word stands for; null for one that is none (`unknown`, `untriaged`, `not yet assigned`). */
export function severityOfWord(word: unknown): Severity | null {
  // Debian marks an urgency that was set by hand with `**`.
  return typeof word === 'string' ? (words.get(word.replace('**', '').trim().toLowerCase()) ?? null) : null;
}

const scores = new LRUCache<string, { readonly score: number | null }>({ max: 20_000 });
const longestVector = 512;

/**
 * The base score of a CVSS vector of version 2, 3.0, 3.1 or 4.0; null for a text that is none or lacks a base
 * metric. Threat and environmental metrics are left out where the version allows: they only lower a score.
 */
export function parseCvss(vector: string): Cvss | null {
  if (vector.length > longestVector) return null;
  let known = scores.get(vector);
  if (known === undefined) {
    known = { score: scoreOf(vector) };
    scores.set(vector, known);
  }
  return known.score === null ? null : { vector, score: known.score };
}

const { Cvss2, Cvss3P0, Cvss3P1, Cvss4P0 } = cvssCalculator;

function scoreOf(vector: string): number | null {
  try {
    if (vector.startsWith('CVSS:4.0/')) {
      const parsed = new Cvss4P0(vector);
      const scored = parsed.calculateScores();
      return parsed.isBaseFullyDefined() ? (scored.baseMetricsOnly ?? scored.overall) : null;
    }
    const parsed = vector.startsWith('CVSS:3.1/')
      ? new Cvss3P1(vector)
      : vector.startsWith('CVSS:3.0/')
        ? new Cvss3P0(vector)
        : vector.startsWith('AV:')
          ? new Cvss2(vector)
          : null;
    return parsed?.isBaseFullyDefined() ? (parsed.calculateScores().base ?? null) : null;
  } catch {
    // The calculator throws at metrics that it does not know. The severity is then unknown, which is visible.
    return null;
  }
}

export interface Graded {
  readonly severity: Severity | null;
  readonly cvss: Cvss | null;
}

const ungraded: Graded = { severity: null, cvss: null };

/**
 * Reads OSV's `severity[]`: the highest score of any CVSS 3 or 4 vector; CVSS 2, whose scale is another, only
 * without those; else a word, as Ubuntu's priority is one. What cannot be read gives no severity.
 */
export function gradeOf(list: unknown): Graded {
  if (!Array.isArray(list)) return ungraded;
  let modern: Cvss | null = null;
  let old: Cvss | null = null;
  let word: Severity | null = null;
  for (const item of list as readonly unknown[]) {
    if (typeof item !== 'object' || item === null || !('score' in item)) continue;
    if (typeof item.score !== 'string') continue;
    const cvss = parseCvss(item.score);
    if (cvss === null) word ??= severityOfWord(item.score);
    else if (item.score.startsWith('CVSS:')) modern = higher(modern, cvss);
    else old = higher(old, cvss);
  }
  const cvss = modern ?? old;
  return cvss === null ? { severity: word, cvss: null } : { severity: severityOfScore(cvss.score), cvss };
}

function higher(a: Cvss | null, b: Cvss): Cvss {
  return a === null || b.score > a.score ? b : a;
}

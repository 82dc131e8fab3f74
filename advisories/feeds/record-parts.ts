import type { Cvss } from '../../core/finding.ts';
import { parseCvss } from './osv/severity.ts';

/** `2018-02-07`, `2018-02-07 18:49` (UTC) and RFC 3339 as ISO 8601; null for anything else. */
export function isoTime(text: string): string | null {
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/.exec(
      text.trim(),
    );
  if (match === null) return null;
  const [, day = '', time = '00:00', zone = 'Z'] = match;
  const iso = `${day}T${time.length === 5 ? `${time}:00` : time}${zone}`;
  return Number.isNaN(Date.parse(iso)) ? null : new Date(iso).toISOString();
}

export function isCve(text: string): boolean {
  return /^CVE-\d{4}-\d{4,10}$/.test(text);
}

/** The highest score of some vectors; one that is none is passed over. */
export function worstCvss(vectors: Iterable<string>): Cvss | null {
  let worst: Cvss | null = null;
  for (const vector of vectors) {
    const cvss = parseCvss(vector);
    if (cvss !== null && (worst === null || cvss.score > worst.score)) worst = cvss;
  }
  return worst;
}

import type { FeedRecord } from '../feed.ts';

/** Whether a line is the one that names the columns; further ones may follow. */
export function isEpssHeader(line: string): boolean {
  return /^cve,epss(?:,|$)/.test(line);
}

/**
 * A row, `CVE-1999-0001,0.03351,0.88255`: the chance of an attack within thirty days, and the part of all CVEs that
 * have a smaller one. Rounded to two significant digits: scores move a little every day, and what tells nobody anything
 * is not to change findings.
 */
export function parseEpssRow(line: string, number: number): FeedRecord {
  const [id = '', score = ''] = line.split(',', 2);
  const isCve = /^CVE-[0-9]{4}-[0-9]{4,19}$/.test(id);
  const name = isCve ? id : `line ${number}`;
  if (!isCve) return { kind: 'rejected', name, why: 'it begins with no CVE' };
  // Number() alone would take an empty text for nought, and 0x1 for one.
  const value = /^[0-9.]{1,32}(?:e-?[0-9]{1,3})?$/i.test(score) ? Number(score) : Number.NaN;
  if (!(value >= 0 && value <= 1)) {
    return {
      kind: 'rejected',
      name,
      why: `its score ${JSON.stringify(score.slice(0, 32))} is no number from 0 to 1`,
    };
  }
  return { kind: 'epss', id, score: Number(value.toPrecision(2)) };
}

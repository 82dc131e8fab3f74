/** Who an entry of a secdb is about. */
export interface EntryNames {
  /** Its CVEs; where it has none, its first other name. */
  readonly ids: readonly string[];
  /** Further names of the same. */
  readonly others: readonly string[];
}

/** `CVE_2019-2426` and `CVE 2018-16859` are there too; what is glued behind (`CVE-2017-8073.patch`) is of no interest. */
const cve = /\bCVE[-_ ]([0-9]{4})-([0-9]{4,19})(?![0-9])/gi;

/** `XSA-123`, `GHSA-jq35-85cj-fj4p`, `wnpa-sec-2017-21`, `VSV00004`. */
const otherName = /^[A-Za-z][A-Za-z0-9]*(?:[-_.:][A-Za-z0-9]+)*$/;
const longestEntry = 1024;
const longestName = 64;

/**
 * The names in an entry such as `CVE-2017-10922 XSA-224` or `CVE-2017-2616 (+ regression fix)`; null where there is
 * none. What is in brackets is a remark, and so are words without a digit.
 */
export function namesIn(entry: string): EntryNames | null {
  if (entry.length > longestEntry) return null;
  const text = entry.split('(', 1)[0] ?? '';
  const cves = new Set<string>();
  for (const [, year = '', number = ''] of text.matchAll(cve)) cves.add(`CVE-${year}-${number}`);
  const others = text
    .replaceAll(cve, ' CVE ')
    .split(/\s+/)
    .filter((word) => word.length <= longestName && otherName.test(word) && isName(word));
  const unique = [...new Set(others)];
  if (cves.size > 0) return { ids: [...cves], others: unique };
  const [first, ...rest] = unique;
  return first === undefined ? null : { ids: [first], others: rest };
}

function isName(word: string): boolean {
  if (/^CVE/i.test(word)) return false;
  return /[0-9]/.test(word) || /^(?:GHSA|CGA)-/.test(word);
}

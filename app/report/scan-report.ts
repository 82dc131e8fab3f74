import type { Digest } from '../../core/digest.ts';
import { displayId, type Finding, type MatchResult } from '../../core/finding.ts';
import type { Inventory } from '../../core/inventory.ts';
import { formatPlatform } from '../../core/platform.ts';
import { severities } from '../../core/severity.ts';
import type { FinalStatus, Verdict } from '../../core/verdict.ts';
import { oneLine } from '../../policy/text.ts';
import { formatTable } from './table.ts';

/** Everything that one scan found out. */
export interface ScanResult {
  readonly reference: string;
  readonly digest: Digest | null;
  readonly inventory: Inventory;
  readonly match: MatchResult;
  readonly verdict: Verdict;
}

const badness: Record<FinalStatus, number> = { fail: 3, error: 2, warn: 1, pass: 0 };

/** The order in which people want to read several platforms; what decides comes first. */
export function worstFirst(results: readonly ScanResult[]): readonly ScanResult[] {
  return results.toSorted((a, b) => badness[b.verdict.status] - badness[a.verdict.status]);
}

/** The JSON of `pratique scan --format json` (README, "JSON"). */
export function scanJson(
  result: ScanResult,
  scanner: { readonly name: string; readonly version: string },
): Readonly<Record<string, unknown>> {
  const { inventory, match, verdict } = result;
  return {
    schemaVersion: 1,
    image: {
      reference: result.reference,
      digest: result.digest,
      platform: inventory.platform === null ? null : formatPlatform(inventory.platform),
    },
    os: inventory.os === null ? null : { ...inventory.os, eol: null },
    packages: inventory.packages.map(
      ({ type, name, version, arch, source, purl, layer, paths, licenses }) => ({
        type,
        name,
        version,
        arch,
        source,
        purl,
        layer,
        paths,
        licenses,
      }),
    ),
    findings: match.findings,
    checks: [],
    suppressed: verdict.suppressed,
    coverage: match.coverage,
    incomplete: [...inventory.incomplete, ...inventory.unfit.map((why) => ({ what: result.reference, why }))],
    verdict: {
      status: verdict.status,
      policy: verdict.policy,
      policyRevision: verdict.policyRevision,
      advisoriesRevision: verdict.advisoriesRevision,
      rules: verdict.rules,
      reasons: verdict.reasons,
      validUntil: verdict.validUntil,
      next: verdict.next,
    },
    advisories: match.advisories,
    scanner,
  };
}

/** For a person: findings worst first with the fix beside them, then what decides. */
export function scanTable(result: ScanResult): string {
  const { inventory, match, verdict } = result;
  const os = inventory.os === null ? 'no operating system recognised' : oneLine(inventory.os.name, 100);
  const platform = inventory.platform === null ? [] : [oneLine(formatPlatform(inventory.platform), 60)];
  const head = [
    [oneLine(result.reference, 600), ...platform, ...(result.digest === null ? [] : [result.digest])].join(
      ' ',
    ),
    `${os}, ${count(inventory.packages.length, 'package')}, ${count(match.findings.length, 'finding')}${countsText(match.findings)}`,
  ];
  const rows = match.findings.map((finding) => [
    finding.severity,
    displayId(finding),
    finding.package,
    finding.version,
    fixText(finding),
    finding.kev === true ? 'known exploited' : '',
  ]);
  const table =
    rows.length === 0
      ? []
      : ['', formatTable(['SEVERITY', 'ID', 'PACKAGE', 'INSTALLED', 'FIXED IN', ''], rows)];
  const gaps = [
    ...match.coverage
      .filter((entry) => !entry.covered)
      .map(
        (entry) =>
          `not covered by any advisories: ${oneLine(entry.ecosystem, 100)} (${count(entry.packages, 'package')})`,
      ),
    ...inventory.incomplete.map(({ what, why }) => `not read: ${oneLine(what, 200)}: ${oneLine(why, 300)}`),
  ];
  return [...head, ...table, ...(gaps.length === 0 ? [] : ['', ...gaps]), '', verdictText(verdict)].join(
    '\n',
  );
}

export function verdictText(verdict: Verdict): string {
  const lines = [
    `verdict: ${verdict.status} (policy ${verdict.policy}, advisories ${verdict.advisoriesRevision})`,
    ...verdict.reasons.map((reason) => `  - ${reason}`),
    ...verdict.suppressed.map(
      (one) =>
        `  - let through until ${one.expires}: ${oneLine(`${one.id} in ${one.package} (${one.reason}; ${one.by})`, 400)}`,
    ),
  ];
  if (verdict.next !== null) lines.push(`  - becomes ${verdict.next.status} at ${verdict.next.at}`);
  return lines.join('\n');
}

function fixText(finding: Finding): string {
  if (finding.status === 'undetermined') return `perhaps ${finding.fixedVersion ?? 'none yet'}`;
  return finding.fixedVersion ?? 'no fix yet';
}

function countsText(findings: readonly Finding[]): string {
  const parts = severities.flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${severity}`];
  });
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

import type { Digest } from '../../core/digest.ts';
import { displayId, type Finding, type MatchResult } from '../../core/finding.ts';
import type { Inventory } from '../../core/inventory.ts';
import { formatPlatform } from '../../core/platform.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import { severities } from '../../core/severity.ts';
import type { Verdict, VerdictStatus } from '../../core/verdict.ts';
import type { BeforeScanRule } from '../../policy/bindings/binding.ts';
import { oneLine } from '../../policy/text.ts';
import type { SeenVex } from '../recorded/vex-seen.ts';
import { formatTable } from './table.ts';
import { saidText } from './verdict-text.ts';
import { vexSeenLines } from './vex-report.ts';

/** Everything that one scan found out. */
export interface ScanResult {
  readonly reference: string;
  readonly digest: Digest | null;
  readonly inventory: Inventory;
  readonly match: MatchResult;
  /** What the policy says. */
  readonly verdict: Verdict;
  /** What the gate `ci` makes of it. */
  readonly clearance: Clearance;
  /** null: the policy says nothing of VEX. */
  readonly vex: SeenVex | null;
}

const badness: Record<VerdictStatus, number> = { fail: 4, error: 3, pending: 2, warn: 1, pass: 0 };

/** The order in which people want to read several platforms; what decides comes first. */
export function worstFirst(results: readonly ScanResult[]): readonly ScanResult[] {
  return results.toSorted((a, b) => badness[b.clearance.status] - badness[a.clearance.status]);
}

/** The JSON of `pratique scan --format json` (README, "JSON"). */
export function scanJson(
  result: ScanResult,
  scanner: { readonly name: string; readonly version: string },
): Readonly<Record<string, unknown>> {
  const { inventory, match, verdict, clearance } = result;
  return {
    schemaVersion: 1,
    image: {
      reference: result.reference,
      digest: result.digest,
      platform: inventory.platform === null ? null : formatPlatform(inventory.platform),
    },
    os: inventory.os === null ? null : { ...inventory.os, eol: match.endOfLife },
    ...(inventory.bare === true ? { bare: true } : {}),
    packages: inventory.packages.map(
      ({ type, name, version, arch, source, ownedBy, purl, layer, changedIn, paths, licenses }) => ({
        type,
        name,
        version,
        arch,
        source,
        ...(ownedBy === undefined ? {} : { ownedBy }),
        purl,
        layer,
        ...(changedIn === undefined ? {} : { changedIn }),
        paths,
        licenses,
      }),
    ),
    findings: match.findings,
    checks: inventory.checks,
    suppressed: verdict.suppressed,
    ...(result.vex === null ? {} : { vex: result.vex }),
    coverage: match.coverage,
    incomplete: [...inventory.incomplete, ...inventory.unfit.map((why) => ({ what: result.reference, why }))],
    verdict: {
      status: clearance.status,
      allowed: clearance.allowed,
      ruled: clearance.ruled,
      policy: verdict.policy,
      policyRevision: verdict.policyRevision,
      advisoriesRevision: verdict.advisoriesRevision,
      rules: verdict.rules,
      reasons: clearance.reasons,
      validUntil: verdict.validUntil,
      next: verdict.next,
    },
    advisories: match.advisories,
    scanner,
  };
}

/** For a person: findings worst first with the fix beside them, then what decides. */
export function scanTable(result: ScanResult): string {
  const { inventory, match, verdict, clearance } = result;
  const os = systemText(inventory);
  const platform = inventory.platform === null ? [] : [oneLine(formatPlatform(inventory.platform), 60)];
  const head = (open: readonly Finding[], silenced: readonly Finding[]): readonly string[] => [
    [oneLine(result.reference, 600), ...platform, ...(result.digest === null ? [] : [result.digest])].join(
      ' ',
    ),
    `${os}, ${count(inventory.packages.length, 'package')}, ${count(open.length, 'finding')}${countsText(open)}${
      silenced.length === 0 ? '' : `, ${silenced.length} silenced`
    }`,
  ];
  const silenced = match.findings.filter((finding) => silencedText(finding, verdict).length > 0);
  // What nobody has to do anything about stands last.
  const open = match.findings.filter((finding) => !silenced.includes(finding));
  const rows = [...open, ...silenced].map((finding) => [
    finding.severity,
    displayId(finding),
    finding.package,
    finding.version,
    fixText(finding),
    [...(finding.kev === true ? ['known exploited'] : []), ...silencedText(finding, verdict)].join(', '),
  ]);
  const table =
    rows.length === 0
      ? []
      : ['', formatTable(['SEVERITY', 'ID', 'PACKAGE', 'INSTALLED', 'FIXED IN', 'REMARKS'], rows)];
  const gaps = [
    ...match.coverage
      .filter((entry) => !entry.covered)
      .map(
        (entry) =>
          `not covered by any advisories: ${oneLine(entry.ecosystem, 100)} (${count(entry.packages, 'package')})`,
      ),
    ...inventory.incomplete.map(({ what, why }) => `not read: ${oneLine(what, 200)}: ${oneLine(why, 300)}`),
  ];
  return [
    ...head(open, silenced),
    ...table,
    ...(gaps.length === 0 ? [] : ['', ...gaps]),
    '',
    saidText(clearance, verdict, 'ci'),
    ...vexSeenLines(result.vex),
  ].join('\n');
}

function systemText({ os, bare }: Inventory): string {
  if (os !== null) return oneLine(os.name, 100);
  return bare === true ? 'no operating system in it' : 'no operating system recognised';
}

/** What a rule has decided before anything was inspected. */
export interface Unscanned {
  readonly reference: string;
  readonly rule: BeforeScanRule;
  readonly scanner: { readonly name: string; readonly version: string };
}

export function unscannedJson({ reference, rule, scanner }: Unscanned): object {
  const allowed = rule.action === 'pass';
  const { id, reason } = rule;
  return {
    schemaVersion: 1,
    image: { reference, digest: null, platform: null },
    verdict: { status: allowed ? 'warn' : 'fail', allowed, beforeScan: id, reasons: [reason] },
    scanner,
  };
}

export function unscannedText({ reference, rule }: Unscanned): string {
  const done = rule.action === 'pass' ? 'let through' : 'refused';
  const text = `${done} without being inspected: ${oneLine(rule.reason, 500)} (beforeScan rule ${rule.id})`;
  return `${oneLine(reference, 600)}\n${text}`;
}

function silencedText(finding: Finding, { suppressed }: Verdict): readonly string[] {
  const by = suppressed.find((one) => one.id === finding.id && one.package === finding.package);
  if (by === undefined) return [];
  return [by.vex === undefined ? 'let through' : 'silenced by VEX'];
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

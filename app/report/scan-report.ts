import { checkGuides } from '../../core/check.ts';
import { formatPlatform } from '../../core/platform.ts';
import type { VerdictStatus } from '../../core/verdict.ts';
import type { BeforeScanRule } from '../../policy/bindings/binding.ts';
import { oneLine } from '../../policy/text.ts';
import { comparisonJson } from './comparison-report.ts';
import { layersOf } from './scan-layers.ts';
import type { ScanResult } from './scan-result.ts';

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
    layers: layersOf(result).map(({ digest, step, packages, findings, worst }) => ({
      digest,
      step,
      packages,
      findings,
      worst,
    })),
    os: inventory.os === null ? null : { ...inventory.os, eol: match.endOfLife },
    ...(inventory.bare === true ? { bare: true } : {}),
    packages: inventory.packages.map(
      ({
        type,
        name,
        version,
        arch,
        source,
        ownedBy,
        purl,
        layer,
        changedIn,
        paths,
        licenses,
        licenseTexts,
      }) => ({
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
        ...(licenseTexts === undefined ? {} : { licenseTexts }),
      }),
    ),
    findings: match.findings,
    checks: inventory.checks.map((check) => ({ ...check, remedy: checkGuides[check.id].remedy })),
    ...(inventory.unchecked === undefined ? {} : { unchecked: inventory.unchecked }),
    suppressed: verdict.suppressed,
    ...(result.vex === null ? {} : { vex: result.vex }),
    coverage: match.coverage,
    ...(result.notTold.length === 0 ? {} : { notTold: result.notTold }),
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
    scanner: match.provenance?.scanner ?? scanner,
    ...(match.provenance === undefined ? {} : { provenance: match.provenance }),
    ...(result.comparison === null ? {} : { comparison: comparisonJson(result.comparison) }),
  };
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

import type { Scanned } from '../core/ports/scans.ts';
import type { ScannerIdentity } from './metadata.ts';
import { notClearedItems } from './not-cleared.ts';
import { type HarborSeverity, worstSeverity } from './severity.ts';
import { type VulnerabilityItem, vulnerabilities } from './vulnerability.ts';

/** The part of a vulnerability report (v1.1) that is the same for every scan of the digest. */
export interface VulnerabilityReport {
  readonly scanner: ScannerIdentity;
  /** The worst in the list. */
  readonly severity: HarborSeverity;
  readonly vulnerabilities: readonly VulnerabilityItem[];
  /** What Pratique's policy says, for those who read the report itself; Harbor does not keep it. */
  readonly vendor_attributes: object;
}

/**
 * Severities are told as they are, and what an exception lets through stays in the list with an attribute: Harbor
 * has a policy and an allow-list of its own.
 */
export function vulnerabilityReport(scanned: Scanned, scanner: ScannerIdentity): VulnerabilityReport {
  const { match, verdict } = scanned;
  const items = [...notClearedItems(scanned), ...vulnerabilities(match.findings, verdict.suppressed)];
  return {
    scanner,
    severity: worstSeverity(items.map((item) => item.severity)),
    vulnerabilities: items,
    vendor_attributes: attributes(scanned),
  };
}

function attributes({ inventory, match, verdict }: Scanned): object {
  return {
    policy: { name: verdict.policy, revision: verdict.policyRevision },
    advisories: match.advisories,
    verdict: verdict.status,
    reasons: verdict.reasons,
    rules: verdict.rules,
    coverage: match.coverage,
    incomplete: inventory.incomplete,
    suppressed: verdict.suppressed,
    valid_until: verdict.validUntil,
    next: verdict.next,
    os: inventory.os,
    packages: inventory.packages.length,
    bug_fixes_left_out: match.findings.filter((finding) => finding.kind === 'bugfix').length,
  };
}

/** The report of API v1.0 has fewer fields. */
export function olderReport(report: VulnerabilityReport): object {
  return {
    scanner: report.scanner,
    severity: report.severity,
    vulnerabilities: report.vulnerabilities.map((item) => ({
      id: item.id,
      package: item.package,
      version: item.version,
      fix_version: item.fix_version,
      severity: item.severity,
      description: item.description,
      links: item.links,
    })),
  };
}

import { displayId } from '../core/finding.ts';
import type { StandingVerdict } from '../core/ports/verdicts.ts';
import { type FinalStatus, type Verdict, worstStatus } from '../core/verdict.ts';
import { few } from './worst.ts';

/** Worst first. */
export const finalStatuses: readonly FinalStatus[] = ['fail', 'error', 'warn', 'pass'];

/** Below 0 where `a` is the worse one. */
export function compareStatus(a: FinalStatus, b: FinalStatus): number {
  return finalStatuses.indexOf(a) - finalStatuses.indexOf(b);
}

/** Below 0 where `a` is the worse one, by what was found. */
export function compareVerdict(a: Verdict, b: Verdict): number {
  return (
    compareStatus(a.status, b.status) ||
    b.summary.counts.critical - a.summary.counts.critical ||
    b.summary.counts.high - a.summary.counts.high ||
    b.summary.fixable - a.summary.fixable
  );
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The name by which people know an image, and its digest where it has none. */
export function nameOf(image: { readonly images: readonly string[]; readonly digest: string }): string {
  return image.images[0] ?? image.digest;
}

/** For one cell: `baseline: fail`. */
export function statusTexts(verdicts: readonly StandingVerdict[]): readonly string[] {
  return verdicts.map(({ policy, verdict }) => `${policy}: ${verdict.status}`);
}

export function worstOf(verdicts: readonly StandingVerdict[]): FinalStatus {
  const worst = worstStatus(verdicts.map(({ verdict }) => verdict.status));
  return worst === null || worst === 'pending' ? 'error' : worst;
}

/** For one cell: `CVE-2026-1001 in openssl 3.0.1 (critical, fixed in 3.0.2)`. */
export function worstFindings({ summary }: Verdict, most: number): readonly string[] {
  const texts = summary.worst.map((finding) => {
    const said = [
      finding.severity,
      ...(finding.kev === true ? ['known exploited'] : []),
      ...(finding.fixedVersion === null ? [] : [`fixed in ${finding.fixedVersion}`]),
      ...(finding.status === 'undetermined' ? ['undetermined'] : []),
    ];
    return `${displayId(finding)} in ${finding.package} ${finding.version} (${said.join(', ')})`;
  });
  return few(texts, most);
}

import type { Digest } from '../../core/digest.ts';
import type { Verdict, VerdictStatus } from '../../core/verdict.ts';
import { oneLine } from '../../policy/text.ts';
import { verdictText } from './scan-report.ts';

/** What is said of one platform of an image. */
export interface PlatformVerdict {
  readonly digest: Digest;
  readonly platform: string | null;
  readonly status: VerdictStatus;
  /** null where it could not be judged. */
  readonly verdict: Verdict | null;
  /** Why there is no verdict. */
  readonly why: string | null;
}

export interface VerdictReport {
  readonly reference: string;
  readonly digest: Digest;
  /** The worst of all platforms. */
  readonly status: VerdictStatus;
  readonly platforms: readonly PlatformVerdict[];
}

/** The JSON of `pratique verdict --format json`. */
export function verdictJson(report: VerdictReport): unknown {
  return {
    schemaVersion: 1,
    image: { reference: report.reference, digest: report.digest },
    status: report.status,
    platforms: report.platforms.map(({ digest, platform, status, verdict, why }) => ({
      platform,
      digest,
      status,
      reasons: verdict === null ? [why] : verdict.reasons,
      verdict,
    })),
  };
}

export function verdictTable(report: VerdictReport): string {
  const several = report.platforms.length > 1;
  return [
    `${oneLine(report.reference, 600)} ${report.digest}: ${report.status}`,
    ...report.platforms.map((one) => {
      const head = `${one.platform ?? 'unknown platform'}${several ? ` ${one.digest}` : ''}`;
      const said =
        one.verdict === null ? `verdict: ${one.status}\n  - ${one.why ?? ''}` : verdictText(one.verdict);
      return `\n${oneLine(head, 200)}\n${said}`;
    }),
  ].join('\n');
}

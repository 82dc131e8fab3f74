import type { GateName } from '../../core/context.ts';
import type { Digest } from '../../core/digest.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import type { Verdict, VerdictStatus } from '../../core/verdict.ts';
import { oneLine } from '../../policy/text.ts';
import type { SeenVex } from '../recorded/vex-seen.ts';
import { saidText } from './verdict-text.ts';
import { vexSeenLines } from './vex-report.ts';

/** What is said of one platform of an image to one who asks. */
export interface PlatformVerdict {
  readonly digest: Digest;
  readonly platform: string | null;
  readonly clearance: Clearance;
  /** What the policy alone says; null where it could not be judged. */
  readonly verdict: Verdict | null;
  /** null: the policy says nothing of VEX. */
  readonly vex: SeenVex | null;
}

export interface VerdictReport {
  readonly reference: string;
  readonly digest: Digest;
  readonly gate: GateName;
  /** The worst of all platforms. */
  readonly status: VerdictStatus;
  /** Whether every platform is let through. */
  readonly allowed: boolean;
  readonly platforms: readonly PlatformVerdict[];
}

/** The JSON of `pratique verdict --format json`. */
export function verdictJson({ reference, digest, gate, status, allowed, platforms }: VerdictReport): unknown {
  return {
    schemaVersion: 1,
    image: { reference, digest },
    gate,
    status,
    allowed,
    platforms: platforms.map(({ clearance, verdict, vex, ...one }) => ({
      platform: one.platform,
      digest: one.digest,
      status: clearance.status,
      allowed: clearance.allowed,
      ruled: clearance.ruled,
      reasons: clearance.reasons,
      verdict,
      ...(vex === null ? {} : { vex }),
    })),
  };
}

export function verdictTable(report: VerdictReport): string {
  const several = report.platforms.length > 1;
  return [
    `${oneLine(report.reference, 600)} ${report.digest}: ${report.status}`,
    ...report.platforms.map(({ clearance, verdict, digest, platform, vex }) => {
      const head = `${platform ?? 'unknown platform'}${several ? ` ${digest}` : ''}`;
      return `\n${oneLine(head, 200)}\n${[saidText(clearance, verdict, report.gate), ...vexSeenLines(vex)].join('\n')}`;
    }),
  ].join('\n');
}

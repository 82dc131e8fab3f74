import type { Logger } from '../../core/ports/logger.ts';
import type { RunningImage, RunningReport } from '../../core/ports/sightings.ts';
import type { PolicySet } from '../../policy/bindings/binding.ts';
import type { ClusterAccess } from '../cluster/access.ts';
import type { Wait } from '../cluster/wait.ts';
import type { JudgePorts } from '../judge.ts';
import type { LeaseOptions } from './lease.ts';
import type { ReportKind } from './policy-report.ts';

/** What looking after a cluster needs. */
export interface RunningOptions extends JudgePorts {
  readonly access: ClusterAccess;
  /** Name of the cluster, as the configuration gives it. */
  readonly cluster: string | null;
  readonly teamLabel: string;
  /** The policy set in force. */
  readonly policySet: () => PolicySet;
  /** ISO 8601: since when a policy's verdict on an image has the status that it has; null: nobody knows. */
  readonly since: (digest: RunningImage['digest'], policy: string) => Promise<string | null>;
  /** Where it is told what runs. @throws where it was not taken */
  readonly tell: (report: RunningReport) => Promise<void>;
  /** null: no reports are written into the cluster. */
  readonly reports: ReportKind | null;
  /** Whether Events on Pods are written. */
  readonly events: boolean;
  /** Of several processes, the one that holds it does all this. */
  readonly lease: Pick<LeaseOptions, 'namespace' | 'name' | 'identity'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that never go back. */
  readonly ticks: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly wait?: Wait;
  readonly logger: Logger;
}

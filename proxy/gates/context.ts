import type { PratiqueEvent } from '../../core/event.ts';
import type { GateStream } from '../../core/ports/gate-stream.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { RunningReport } from '../../core/ports/sightings.ts';
import type { ReplicaGround, ReplicaImages, VetAnswer, VetAsked } from '../../core/replica.ts';
import type { Identify } from './identity.ts';
import type { Replicas } from './replicas.ts';

/** What gates that run on their own are told, and what they tell. */
export interface GatesContext {
  readonly identify: Identify;
  readonly stream: Pick<GateStream, 'standingAfter'>;
  readonly lastCursor: () => Promise<number>;
  readonly ground: () => ReplicaGround;
  /** At most `limit`; `gone`: the cursor is not of these records. */
  readonly images: (
    place: { readonly records: string | null; readonly cursor: number },
    limit: number,
  ) => Promise<ReplicaImages | 'gone'>;
  /** Never throws for what is wrong with an image. */
  readonly vet: (asked: VetAsked) => Promise<VetAnswer>;
  /** Durable when it resolves. */
  readonly putRunning: (report: RunningReport) => Promise<void>;
  readonly onEvent: (event: PratiqueEvent) => void;
  /** One for each answer. @param cluster of who has asked; null: nobody whom we know */
  readonly onAnswer: (outcome: {
    readonly route: string;
    readonly status: number;
    readonly cluster: string | null;
    readonly milliseconds: number;
  }) => void;
  readonly replicas: Replicas;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

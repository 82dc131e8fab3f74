import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clearance, Gate } from '../core/ports/gate.ts';
import type { HostedRepositories } from '../core/ports/hosted.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { UpstreamAddressing } from '../registry/addressing.ts';
import type { BlobsInUse } from '../registry/blob-leases.ts';
import type { BlobStore } from '../registry/blob-store.ts';
import type { Uploads } from '../registry/uploads/port.ts';
import type { Authorization } from './auth/authorization.ts';
import type { Bindings } from './bindings.ts';
import type { CatalogSource } from './catalog.ts';
import type { PushThrough } from './push/port.ts';
import type { ReferrerLists } from './referrers.ts';
import type { Served } from './served.ts';
import type { FallbackStop } from './stop-fallback.ts';

/** What the registry front needs; made by the wiring file. */
export interface ProxyContext {
  readonly gate: Gate;
  readonly addressing: UpstreamAddressing;
  /** Which upstream a request's host or port is bound to. */
  readonly bindings: Bindings;
  readonly store: BlobStore;
  /** What is read or written stays in the store meanwhile. */
  readonly inUse: BlobsInUse;
  readonly authorization: Authorization;
  readonly hosted: HostedRepositories;
  readonly uploads: Uploads;
  /** Names of upstreams to which pushes go through, and how. */
  readonly pushThrough: ReadonlyMap<string, PushThrough>;
  readonly logger: Logger;
  readonly holds: HoldTimes;
  /** What keeps containerd from asking its next host after a refusal. */
  readonly stopsFallback: FallbackStop;
  /** Where the verdict of a digest can be read by a person; null when the management API is off. */
  readonly reportUrl: (digest: string) => string | null;
  readonly onAnswer: (outcome: AnswerOutcome) => void;
  /** Told when a request begins to wait for an inspection; what it gives is called when the wait is over. */
  readonly onHold: (upstream: string) => () => void;
  /** Told of every manifest that was asked for and decided, before the answer. */
  readonly onDecision: (decision: GateDecision) => void;
  readonly catalog: CatalogSource;
  /** Upstreams by name, as far as they are asked what refers to a digest. */
  readonly lists: ReadonlyMap<string, ReferrerLists>;
  /** Answers which tags the upstream lists. Settles when the answer is out or the client is gone. */
  readonly passThrough: (request: IncomingMessage, response: ServerResponse, passOn: PassOn) => Promise<void>;
}

/** Milliseconds that a request may be held while its image is inspected (ADR 0009). */
export interface HoldTimes {
  readonly ordinary: number;
  /** dockerd gives up on the first 429, so it is kept waiting instead. */
  readonly docker: number;
}

export interface PassOn {
  readonly upstream: string;
  /** Path and query below the upstream's `/v2/`. */
  readonly target: string;
  /** The repository's path at the upstream, for which a token is asked. */
  readonly path: string;
  /** The repository's name here, which stands in links instead of its path at the upstream. */
  readonly name: string;
}

/** What was decided of a pull. */
export interface GateDecision {
  /** Of the image, as people know it. */
  readonly name: string;
  readonly user: string | null;
  readonly clearance: Clearance;
}

export interface AnswerOutcome {
  readonly kind: 'manifest' | 'blob' | 'other';
  readonly method: string;
  readonly status: number;
  readonly upstream: string;
  /** Until the answer was complete. */
  readonly milliseconds: number;
  /** null: nothing of a repository went out. */
  readonly served: Served | null;
  readonly user: string | null;
  readonly request: IncomingMessage;
}

import type { GateName } from './context.ts';
import type { Digest } from './digest.ts';

/** What people are told of. */
export const eventKinds = [
  'verdict-changed',
  'pull-refused',
  'admission-refused',
  'break-glass',
  'running-image-bad',
  'advisories-stale',
  'advisories-broken',
  'exception-expiring',
  'policy-invalid',
] as const;
export type EventKind = (typeof eventKinds)[number];

/** Worst first. */
export const eventSeverities = ['critical', 'warning', 'notice'] as const;
export type EventSeverity = (typeof eventSeverities)[number];

/**
 * One thing that happened. Events with the same `group` within a while become one message that counts them, so that
 * one bad advisory is one message and not ten thousand.
 */
export interface PratiqueEvent {
  readonly kind: EventKind;
  readonly severity: EventSeverity;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What is common to those that are told together: an advisory with a status, an image that is refused again and again. */
  readonly group: string;
  /** One sentence for a person. */
  readonly title: string;
  readonly reasons: readonly string[];
  readonly subject: EventSubject;
}

/** What it is about; null where that has no meaning. */
export interface EventSubject {
  readonly image: string | null;
  readonly digest: Digest | null;
  readonly policy: string | null;
  readonly gate: GateName | null;
  readonly cluster: string | null;
  readonly namespace: string | null;
  readonly workload: string | null;
  readonly user: string | null;
  readonly advisories: readonly string[];
}

export const noSubject: EventSubject = {
  image: null,
  digest: null,
  policy: null,
  gate: null,
  cluster: null,
  namespace: null,
  workload: null,
  user: null,
  advisories: [],
};

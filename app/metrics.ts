import { STATUS_CODES } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Logger } from '../core/ports/logger.ts';
import type { AnswerOutcome } from '../proxy/context.ts';
import { createDecisionMetrics, type DecisionMetrics } from './metrics-decisions.ts';
import { createPullMetrics, type PullMetrics } from './metrics-pulls.ts';

export interface Metrics extends DecisionMetrics {
  readonly onAnswer: (outcome: AnswerOutcome) => void;
  readonly onHold: PullMetrics['onHold'];
  readonly onScan: (outcome: { readonly kind: 'done' | 'failed'; readonly milliseconds: number }) => void;
  readonly read: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** What is known when somebody asks. */
export interface Gauges {
  readonly vettings: () => number;
  /** Seconds; null without advisories. */
  readonly advisoriesAge: () => number | null;
  /** Feeds that could not be renewed. */
  readonly advisoriesProblems: () => number;
  /** Of Harbor's scans. */
  readonly scans: () => { readonly waiting: number; readonly running: number };
  /** Whether the policy as its files have it cannot be used, so that an older one is in force. */
  readonly policyProblem: () => boolean;
  /** Images still to be judged again. */
  readonly toReevaluate: () => number;
  /** Messages to receivers of events. Where they cannot be read, that is told in the log, and the gauge is absent. */
  readonly messages: () => Promise<
    readonly { readonly receiver: string; readonly waiting: number; readonly dead: number }[]
  >;
}

/**
 * Prometheus metrics of one process. Whatever is asked of a gate, values of labels come from the configuration or are
 * few: gates, statuses, modes, bindings, upstreams, receivers, and the status codes that have a name.
 */
export function createMetrics(gauges: Gauges, logger: Logger, registry = new Registry()): Metrics {
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const answers = new Counter({
    name: 'pratique_registry_answers_total',
    help: 'Answers of the registry API',
    labelNames: ['kind', 'status', 'upstream'] as const,
    registers,
  });
  const held = new Histogram({
    name: 'pratique_registry_answer_seconds',
    help: 'Time until an answer was complete, held requests included',
    labelNames: ['kind'] as const,
    buckets: [0.001, 0.01, 0.1, 0.5, 1, 5, 15, 25, 60, 300],
    registers,
  });
  new Gauge({
    name: 'pratique_policy_problem',
    help: '1 where the policy files cannot be used and the last good policy is in force',
    registers,
    collect() {
      this.set(gauges.policyProblem() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'pratique_reevaluation_images',
    help: 'Recorded images that are still to be judged again',
    registers,
    collect() {
      this.set(gauges.toReevaluate());
    },
  });
  let messagesKnown = true;
  const messagesNow = async (): ReturnType<Gauges['messages']> => {
    try {
      const messages = await gauges.messages();
      messagesKnown = true;
      return messages;
    } catch (error) {
      if (messagesKnown) logger.error({ err: error }, 'messages about events cannot be counted');
      messagesKnown = false;
      return [];
    }
  };
  new Gauge({
    name: 'pratique_event_messages',
    help: 'Messages about events that wait for their receiver, and those that were given up',
    labelNames: ['receiver', 'state'] as const,
    registers,
    async collect() {
      const messages = await messagesNow();
      // A receiver that has none any more is not among them.
      this.reset();
      for (const { receiver, waiting, dead } of messages) {
        this.set({ receiver, state: 'waiting' }, waiting);
        this.set({ receiver, state: 'dead' }, dead);
      }
    },
  });
  const decided = createDecisionMetrics(registry);
  const scans = new Counter({
    name: 'pratique_scans_total',
    help: 'Scans for Harbor that have ended',
    labelNames: ['outcome'] as const,
    registers,
  });
  const scanTime = new Histogram({
    name: 'pratique_scan_seconds',
    help: "From Harbor's request until its reports were ready, or the scan had failed",
    labelNames: ['outcome'] as const,
    buckets: [0.01, 0.1, 0.5, 1, 2, 5, 15, 60, 300, 1800, 3600],
    registers,
  });
  new Gauge({
    name: 'pratique_scans',
    help: 'Scans for Harbor that are not finished, and images among them that are being inspected',
    labelNames: ['state'] as const,
    registers,
    collect() {
      const { waiting, running } = gauges.scans();
      this.set({ state: 'unfinished' }, waiting);
      this.set({ state: 'running' }, running);
    },
  });
  new Gauge({
    name: 'pratique_vettings_under_way',
    help: 'Images being inspected or waiting for it',
    registers,
    collect() {
      this.set(gauges.vettings());
    },
  });
  new Gauge({
    name: 'pratique_advisories_age_seconds',
    help: 'Age of the oldest advisory feed; absent without advisories',
    registers,
    collect() {
      const age = gauges.advisoriesAge();
      // No sample: to be 0 seconds old would look perfect.
      if (age === null) this.remove();
      else this.set(age);
    },
  });
  new Gauge({
    name: 'pratique_advisories_problems',
    help: 'Advisory feeds that could not be renewed',
    registers,
    collect() {
      this.set(gauges.advisoriesProblems());
    },
  });
  const pulls = createPullMetrics(registry);
  return {
    ...decided,
    onAnswer: (outcome) => {
      const { kind, status, upstream, milliseconds } = outcome;
      answers.inc({ kind, status: statusLabel(status), upstream });
      held.observe({ kind }, milliseconds / 1000);
      pulls.onAnswer(outcome);
    },
    onHold: pulls.onHold,
    onScan: ({ kind, milliseconds }) => {
      scans.inc({ outcome: kind });
      scanTime.observe({ outcome: kind }, milliseconds / 1000);
    },
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/** An upstream may answer with any number, and some of its answers are passed on. */
function statusLabel(status: number): string {
  return STATUS_CODES[status] === undefined ? 'other' : String(status);
}

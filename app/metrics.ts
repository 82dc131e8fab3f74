import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AnswerOutcome } from '../proxy/context.ts';

export interface Metrics {
  readonly onAnswer: (outcome: AnswerOutcome) => void;
  readonly onReview: (outcome: { readonly allowed: boolean; readonly milliseconds: number }) => void;
  readonly read: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Prometheus metrics of one process. `gauges` are read when somebody asks. */
export function createMetrics(gauges: {
  readonly vettings: () => number;
  /** Seconds; null without advisories. */
  readonly advisoriesAge: () => number | null;
}): Metrics {
  const registers = [new Registry()];
  const [registry] = registers;
  if (registry === undefined) throw new Error('no metrics registry');
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
  const reviews = new Counter({
    name: 'pratique_admission_reviews_total',
    help: 'Admission reviews answered',
    labelNames: ['allowed'] as const,
    registers,
  });
  const reviewTime = new Histogram({
    name: 'pratique_admission_review_seconds',
    help: 'Time to answer an admission review',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    registers,
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
      if (age === null) this.reset();
      else this.set(age);
    },
  });
  return {
    onAnswer: ({ kind, status, upstream, heldMilliseconds }) => {
      answers.inc({ kind, status: String(status), upstream });
      held.observe({ kind }, heldMilliseconds / 1000);
    },
    onReview: ({ allowed, milliseconds }) => {
      reviews.inc({ allowed: String(allowed) });
      reviewTime.observe(milliseconds / 1000);
    },
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

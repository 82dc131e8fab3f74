import { Counter, Histogram, type Registry } from 'prom-client';
import type { GateName } from '../core/context.ts';
import type { Clearance } from '../core/ports/gate.ts';

/** What gates decide, wherever they run. */
export interface DecisionMetrics {
  /** Of every manifest that was asked for, and every image of an admission review. */
  readonly onDecision: (gate: GateName, clearance: Pick<Clearance, 'allowed' | 'status' | 'ruled'>) => void;
  readonly onReview: (outcome: {
    readonly allowed: boolean;
    readonly wouldRefuse: boolean;
    readonly brokenGlass: boolean;
    readonly milliseconds: number;
  }) => void;
}

export function createDecisionMetrics(registry: Registry): DecisionMetrics {
  const registers = [registry];
  const decisions = new Counter({
    name: 'pratique_gate_decisions_total',
    help: 'What gates have decided; allowed="true" with a status that does not allow is a binding that only warns or records',
    labelNames: ['gate', 'status', 'allowed', 'binding', 'mode'] as const,
    registers,
  });
  const reviews = new Counter({
    name: 'pratique_admission_reviews_total',
    help: 'Admission reviews answered',
    labelNames: ['allowed'] as const,
    registers,
  });
  const auditRefusals = new Counter({
    name: 'pratique_admission_audit_refusals_total',
    help: 'Admission reviews that were allowed because the webhook is installed in audit, and would be refused',
    registers,
  });
  const glassed = new Counter({
    name: 'pratique_admission_break_glass_total',
    help: 'Admission reviews that were allowed by a break-glass alone',
    registers,
  });
  const reviewTime = new Histogram({
    name: 'pratique_admission_review_seconds',
    help: 'Time to answer an admission review',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    registers,
  });
  return {
    onDecision: (gate, { allowed, status, ruled }) => {
      decisions.inc({
        gate,
        status,
        allowed: String(allowed),
        binding: ruled?.binding ?? '',
        mode: ruled?.mode ?? '',
      });
    },
    onReview: ({ allowed, wouldRefuse, brokenGlass, milliseconds }) => {
      reviews.inc({ allowed: String(allowed) });
      if (wouldRefuse) auditRefusals.inc();
      if (brokenGlass) glassed.inc();
      reviewTime.observe(milliseconds / 1000);
    },
  };
}

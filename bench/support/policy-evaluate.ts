import { viewOf } from '../../core/inventory.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { parsePolicy } from '../../policy/parse.ts';
import { ANALYZERS } from '../../scanner/analyzers.ts';
import { scannerNameOf } from '../../vetting/judge.ts';
import { policyText } from './policy-50.ts';
import { imageWithFindings } from './recorded-images.ts';

/** Times of calls, milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p95: number;
}

export function timesOf(milliseconds: readonly number[]): Times {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95) };
}

/** One evaluation of 50 rules of every kind over so many findings. */
export function measureEvaluation(findings: number, calls: number): Times & { readonly rules: number } {
  const policy = parsePolicy(policyText(0), 'policy.yaml');
  const now = Date.now();
  const scannedAt = new Date(now).toISOString();
  const { inventory, match } = imageWithFindings(findings, { revision: 'bench', updatedAt: scannedAt });
  const view = viewOf(inventory);
  const times: number[] = [];
  for (let call = -calls; call < calls; call += 1) {
    const started = performance.now();
    evaluate({
      policy,
      inventory: view,
      match,
      image: ['corp.test/team/app'],
      scanner: scannerNameOf(ANALYZERS),
      scannedAt,
      at: now,
    });
    if (call >= 0) times.push(performance.now() - started);
  }
  return { ...timesOf(times), rules: policy.rules.length };
}

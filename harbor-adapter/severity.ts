import type { Severity } from '../core/severity.ts';

/** The API's words (v1.2, schema `Severity`). Harbor itself turns `Negligible` into `None` when it stores one. */
export type HarborSeverity = 'Unknown' | 'Negligible' | 'Low' | 'Medium' | 'High' | 'Critical';

const words: Record<Severity, HarborSeverity> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  negligible: 'Negligible',
  unknown: 'Unknown',
};

/** Harbor's order: what nobody has told comes last there, so it does here. */
const order: readonly HarborSeverity[] = ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical'];

export function harborSeverity(severity: Severity): HarborSeverity {
  return words[severity];
}

/** Negative where `a` is the worse of the two. */
export function compareHarborSeverity(a: HarborSeverity, b: HarborSeverity): number {
  return order.indexOf(b) - order.indexOf(a);
}

/** `Unknown` for an empty list, which the API has no word for; Harbor reckons it out of the list. */
export function worstSeverity(severities: readonly HarborSeverity[]): HarborSeverity {
  return [...severities].sort(compareHarborSeverity)[0] ?? 'Unknown';
}

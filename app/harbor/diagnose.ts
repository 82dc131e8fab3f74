import { type Check, worstFirst } from './check.ts';
import { checkInstance } from './check-instance.ts';
import { checkProjects } from './check-projects.ts';
import { type AdvisoryAge, checkScanner } from './check-scanner.ts';
import type { HarborFacts } from './facts.ts';

export interface Yardstick {
  readonly age: AdvisoryAge;
  /** Hosts under which Pratique's registry port is known. */
  readonly ownHosts: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Everything the doctor says of a Harbor, worst first. Pure. */
export function diagnose(facts: HarborFacts, { age, ownHosts, now }: Yardstick): readonly Check[] {
  return worstFirst([
    ...checkInstance(facts, now),
    ...checkScanner(facts, age, now),
    ...checkProjects(facts, ownHosts),
  ]);
}

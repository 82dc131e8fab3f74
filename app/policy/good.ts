import { z } from 'zod';
import type { PolicySources } from '../../policy/bindings/sources.ts';

/** What was last in force, as the state keeps it. */
export interface GoodPolicy {
  readonly sources: PolicySources;
  /** Of the policy set, without granted exceptions. */
  readonly revision: string;
  /** Ids of the granted exceptions that were known. */
  readonly granted: readonly string[];
}

const shape = z.object({
  version: z.literal(1),
  sources: z.object({ source: z.string().nullable(), texts: z.record(z.string(), z.string()) }),
  revision: z.string(),
  granted: z.array(z.string()),
});

export function formatGood(good: GoodPolicy): string {
  return JSON.stringify({ version: 1, ...good });
}

/** null for what another version of the program has written: nothing is known then of what was in force. */
export function parseGood(text: string): GoodPolicy | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const result = shape.safeParse(value);
  return result.success ? result.data : null;
}

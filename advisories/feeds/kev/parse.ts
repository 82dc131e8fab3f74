import { z } from 'zod';

/** CISA's catalogue of known exploited vulnerabilities, reduced to what decides. */
const catalogue = z.object({
  vulnerabilities: z.array(
    z.object({ cveID: z.string().min(1).max(64), dateAdded: z.string().max(32).nullish() }),
  ),
});

export interface KnownExploited {
  readonly id: string;
  readonly addedAt: string | null;
}

/**
 * Reads the catalogue. It is small and decides over much, so that one broken entry makes all of it unreadable.
 */
export function parseKev(text: string): readonly KnownExploited[] | { readonly rejected: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { rejected: `it is no JSON (${error instanceof Error ? error.message : String(error)})` };
  }
  const parsed = catalogue.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { rejected: `at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'it is no catalogue'}` };
  }
  if (parsed.data.vulnerabilities.length === 0) return { rejected: 'it has no entries' };
  return parsed.data.vulnerabilities.map((entry) => ({
    id: entry.cveID.trim().toUpperCase(),
    addedAt: entry.dateAdded ?? null,
  }));
}

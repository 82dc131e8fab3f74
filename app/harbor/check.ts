/**
 * One thing that was looked at. `mistake`: scans or gates do not work as they seem to. `unknown`: it could not be
 * looked at. `warning`: it works, and is worth a thought.
 */
export interface Check {
  readonly level: 'mistake' | 'unknown' | 'warning' | 'ok';
  /** A constant, for scripts. */
  readonly id: string;
  readonly found: string;
  /** What to do; null where nothing is to be done. */
  readonly remedy: string | null;
}

const order = { mistake: 0, unknown: 1, warning: 2, ok: 3 } as const;

export function worstFirst(checks: readonly Check[]): readonly Check[] {
  return [...checks].sort((one, other) => order[one.level] - order[other.level]);
}

export const ok = (id: string, found: string): Check => ({ level: 'ok', id, found, remedy: null });
export const warning = (id: string, found: string, remedy: string): Check => ({
  level: 'warning',
  id,
  found,
  remedy,
});
export const mistake = (id: string, found: string, remedy: string): Check => ({
  level: 'mistake',
  id,
  found,
  remedy,
});
export const unknown = (id: string, found: string, remedy: string): Check => ({
  level: 'unknown',
  id,
  found,
  remedy,
});

/** `a, b, c and 4 more` */
export function some(names: readonly string[], most = 8): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${rest} more` : names.join(', ');
}

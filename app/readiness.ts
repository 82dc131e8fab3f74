/** @param problems sentences; null: all is well with that part */
export function readiness(problems: readonly (string | null)[]): {
  readonly ready: boolean;
  readonly notReady: readonly string[];
} {
  const notReady = problems.filter((reason) => reason !== null);
  return { ready: notReady.length === 0, notReady };
}

/** In seconds. */
export function ageOf(updatedAt: string | null, now: number): number | null {
  return updatedAt === null ? null : Math.round((now - Date.parse(updatedAt)) / 1000);
}

/** Milliseconds. */
const first = 1000;
const longest = 300_000;
const longestAsked = 3_600_000;

/**
 * How long to wait before the next attempt, milliseconds: doubled with each failure up to five minutes, between half and
 * all of it by `random` (0 to 1), so that not everybody comes back at once; what the receiver asked for where that is longer.
 * @param failures in a row, this one included
 * @param asked `Retry-After` in milliseconds; held to an hour; null: it asked for nothing
 */
export function backoff(failures: number, asked: number | null, random: () => number): number {
  const whole = Math.min(longest, first * 2 ** Math.min(20, Math.max(0, failures - 1)));
  const own = Math.round(whole * (0.5 + random() / 2));
  return Math.max(own, Math.min(longestAsked, asked ?? 0));
}

/** `Retry-After` (RFC 9110, section 10.2.3), seconds or a date, in milliseconds; null for anything else. */
export function retryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^[0-9]{1,9}$/.test(value.trim())) return Number(value.trim()) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

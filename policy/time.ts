const units = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const durationPattern = /^([1-9][0-9]{0,5})([mhdw])$/;
const datePattern = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
/** RFC 3339 date-time; an offset is required, because a local time means another instant elsewhere. */
const timePattern =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?)([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/;

/** `90m`, `24h`, `7d`, `2w` in milliseconds; null for anything else, zero included. */
export function parseDuration(text: string): number | null {
  const match = durationPattern.exec(text);
  const unit = match?.[2];
  if (match?.[1] === undefined || (unit !== 'm' && unit !== 'h' && unit !== 'd' && unit !== 'w')) return null;
  return Number(match[1]) * units[unit];
}

export interface Expiry {
  readonly text: string;
  /** Milliseconds since 1970: the first instant that is too late. */
  readonly endsAt: number;
}

/** A day (which counts to its end in UTC) or an RFC 3339 time; null for anything else, 30 February included. */
export function parseExpiry(text: string): Expiry | null {
  const midnight = startOfDay(text);
  if (midnight !== null) return { text, endsAt: midnight + units.d };
  const match = timePattern.exec(text);
  const [, day, time, zone] = match ?? [];
  if (day === undefined || time === undefined || zone === undefined || startOfDay(day) === null) return null;
  const endsAt = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(endsAt) ? null : { text: new Date(endsAt).toISOString(), endsAt };
}

/** The start of a day (UTC), or an RFC 3339 time, in milliseconds since 1970; null for anything else. */
export function parseInstant(text: string): number | null {
  return startOfDay(text) ?? parseExpiry(text)?.endsAt ?? null;
}

/** Date.parse takes 30 February for 1 March; a day that is none must not become another one. */
function startOfDay(text: string): number | null {
  if (!datePattern.test(text)) return null;
  const milliseconds = Date.parse(`${text}T00:00:00.000Z`);
  if (Number.isNaN(milliseconds)) return null;
  return new Date(milliseconds).toISOString().startsWith(text) ? milliseconds : null;
}

export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** For what a schema has checked already. */
export function surely<T>(value: T | null): T {
  if (value === null) throw new Error('the schema let a value through that it checks');
  return value;
}

/** The start of the day in UTC, in milliseconds since 1970. */
export function midnightBefore(at: number): number {
  return Math.floor(at / units.d) * units.d;
}

const units: readonly string[] = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const pattern = /^([1-9][0-9]{0,11})(B|KiB|MiB|GiB|TiB)?$/;

/** `200GiB`, `512MiB`, `1000` in bytes; null for anything else, zero included. */
export function parseBytes(text: string): number | null {
  const [, count, unit = 'B'] = pattern.exec(text) ?? [];
  if (count === undefined) return null;
  const bytes = Number(count) * 1024 ** units.indexOf(unit);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** `1.5 GiB`, `300 B`: for people. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  const text = at === 0 || value >= 100 ? Math.round(value).toString() : value.toFixed(1);
  return `${text} ${units[at] ?? 'B'}`;
}

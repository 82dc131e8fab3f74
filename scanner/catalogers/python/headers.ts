import { linesOf } from '../lines.ts';

/**
 * The first value of each header field, by its name in small letters (RFC 822, section 3.1, as Python's email package
 * reads it): folded lines joined, up to the empty line before the body or the first line that is no field.
 */
export function headersOf(content: Buffer, wanted: ReadonlySet<string>): ReadonlyMap<string, string> {
  const fields = new Map<string, string[]>();
  let open: string[] | null = null;
  let first = true;
  for (const raw of linesOf(content)) {
    const line = (first ? raw.replace(/^\ufeff/, '') : raw).replace(/\r$/, '');
    first = false;
    if (line === '') break;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      open?.push(line);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) break;
    const name = line.slice(0, colon).trimEnd().toLowerCase();
    open = wanted.has(name) && !fields.has(name) ? [line.slice(colon + 1)] : null;
    if (open !== null) fields.set(name, open);
  }
  return new Map([...fields].map(([name, lines]) => [name, lines.join('\n').trim()]));
}

import { linesOf } from '../lines.ts';

/**
 * The first value of each header field, by its name in small letters (RFC 822, section 3.1, as Python's email package
 * reads it): folded lines joined, up to the empty line before the body or the first line that is no field.
 */
export function headersOf(content: Buffer, wanted: ReadonlySet<string>): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let open: string | null = null;
  let first = true;
  for (const raw of linesOf(content)) {
    const line = (first ? raw.replace(/^\ufeff/, '') : raw).replace(/\r$/, '');
    first = false;
    if (line === '') break;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (open !== null) fields.set(open, `${fields.get(open) ?? ''}\n${line}`.trim());
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) break;
    const name = line.slice(0, colon).trimEnd().toLowerCase();
    open = wanted.has(name) && !fields.has(name) ? name : null;
    if (open !== null) fields.set(open, line.slice(colon + 1).trim());
  }
  return fields;
}

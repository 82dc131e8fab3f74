import { linesOf } from '../lines.ts';

/**
 * The first value of each header field, by its name in small letters (RFC 822, section 3.1, as Python's email package
 * reads it): folded lines joined, up to the empty line before the body or the first line that is no field.
 * @param wanted names, with whether all values of the field are, one on each line
 */
export function headersOf(
  content: Buffer,
  wanted: ReadonlyMap<string, 'first' | 'all'>,
): ReadonlyMap<string, string> {
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
    const which = wanted.get(name);
    const before = fields.get(name) ?? [];
    open = which === undefined || (which === 'first' && before.length > 0) ? null : before;
    if (open === null) continue;
    open.push(line.slice(colon + 1));
    fields.set(name, open);
  }
  return new Map([...fields].map(([name, lines]) => [name, lines.join('\n').trim()]));
}

import type { Incomplete } from '../../core/inventory.ts';
import { mostPackages } from './cataloger.ts';
import { linesOf } from './lines.ts';

export type Fields = ReadonlyMap<string, string>;

/**
 * The stanzas of control fields in a package manager's list (deb822(5)), apart by empty lines. Of each the `wanted` fields,
 * by their names in small letters; all are single-line.
 * @param incomplete where it is told what cannot be read
 */
export function* stanzasOf(
  path: string,
  content: Buffer,
  wanted: ReadonlySet<string>,
  incomplete: Incomplete[],
): Generator<Fields> {
  let stanzas = 0;
  let fields = new Map<string, string>();
  for (const line of linesOf(content)) {
    if (stanzas + incomplete.length >= mostPackages) {
      incomplete.push({ what: path, why: `it has more than ${mostPackages} packages` });
      return;
    }
    if (line.trim() !== '') {
      if (!/^\s/.test(line)) readField(path, line, wanted, fields, incomplete);
    } else if (fields.size > 0) {
      stanzas += 1;
      yield fields;
      fields = new Map();
    }
  }
  if (fields.size > 0) yield fields;
}

function readField(
  path: string,
  line: string,
  wanted: ReadonlySet<string>,
  fields: Map<string, string>,
  incomplete: Incomplete[],
): void {
  const colon = line.indexOf(':');
  const key = colon < 0 ? '' : line.slice(0, colon).trim().toLowerCase();
  if (!wanted.has(key)) return;
  const value = line.slice(colon + 1).trim();
  if (fields.has(key)) {
    const why = `package "${shown(fields.get('package'))}" has the field "${key}" twice, "${shown(value)}" is ignored`;
    incomplete.push({ what: path, why });
  } else fields.set(key, value);
}

/** As much of a field as is told: whoever wrote it may have written megabytes. */
export function shown(field = ''): string {
  return field.slice(0, 200);
}

/** States in which no file of the package is on disk (dpkg(1), "Package states"; opkg has the same). */
const absent: ReadonlySet<string> = new Set(['not-installed', 'config-files']);

/**
 * The name and version of a stanza's package; null: none of its files is there, or it is not told which it is.
 * @param withoutStatus what is listed without a Status is there
 */
export function presentIn(
  path: string,
  fields: Fields,
  withoutStatus: boolean,
  incomplete: Incomplete[],
): { readonly name: string; readonly version: string; readonly arch: string | null } | null {
  const name = fields.get('package') ?? '';
  const state = fields.get('status')?.split(/\s+/)[2];
  if (state !== undefined && absent.has(state)) return null;
  if (state === undefined && (!withoutStatus || fields.has('status'))) {
    incomplete.push({ what: path, why: `package "${shown(name)}" has no valid Status field` });
  }
  const version = fields.get('version') ?? '';
  if (name === '' || version === '') {
    incomplete.push({ what: path, why: `a stanza has no Package or no Version (Package: "${shown(name)}")` });
    return null;
  }
  const architecture = fields.get('architecture') ?? '';
  return { name, version, arch: architecture === '' ? null : architecture };
}

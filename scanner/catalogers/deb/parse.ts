import type { Incomplete } from '../../../core/inventory.ts';
import { type FileFacts, type FoundPackage, mostPackages } from '../cataloger.ts';
import { linesOf } from '../lines.ts';

/** dpkg states in which no file of the package is on disk (dpkg(1), "Package states"). */
const absent = new Set(['not-installed', 'config-files']);

/** Only distroless' folder leaves the Status out: what it lists is there. */
const withoutStatus = /(?:^|\/)status\.d\/[^/]*$/;

/** Control fields that matter; all are single-line (deb822(5)). */
const wanted = new Set(['package', 'version', 'architecture', 'source', 'status']);

/** The status file, or one file of `status.d`: stanzas of control fields, apart by empty lines. */
export function parseStatus(path: string, content: Buffer): FileFacts {
  const packages: FoundPackage[] = [];
  const incomplete: Incomplete[] = [];
  const fields = new Map<string, string>();
  const finish = (): void => {
    if (fields.size > 0) readStanza(path, fields, packages, incomplete);
    fields.clear();
  };
  for (const line of linesOf(content)) {
    if (packages.length + incomplete.length >= mostPackages) {
      incomplete.push({ what: path, why: `it has more than ${mostPackages} packages` });
      break;
    }
    if (line.trim() === '') finish();
    else if (!/^\s/.test(line)) readField(path, line, fields, incomplete);
  }
  finish();
  return { packages, os: null, incomplete };
}

function readField(path: string, line: string, fields: Map<string, string>, incomplete: Incomplete[]): void {
  const colon = line.indexOf(':');
  const key = colon < 0 ? '' : line.slice(0, colon).trim().toLowerCase();
  if (!wanted.has(key)) return;
  const value = line.slice(colon + 1).trim();
  if (fields.has(key)) {
    const why = `package "${fields.get('package') ?? ''}" has the field "${key}" twice, "${value}" is ignored`;
    incomplete.push({ what: path, why });
  } else fields.set(key, value);
}

function readStanza(
  path: string,
  fields: ReadonlyMap<string, string>,
  packages: FoundPackage[],
  incomplete: Incomplete[],
): void {
  const name = fields.get('package') ?? '';
  const state = fields.get('status')?.split(/\s+/)[2];
  if (state !== undefined && absent.has(state)) return;
  if (state === undefined && (!withoutStatus.test(path) || fields.has('status'))) {
    incomplete.push({ what: path, why: `package "${name}" has no valid Status field` });
  }
  const version = fields.get('version') ?? '';
  if (name === '' || version === '') {
    incomplete.push({ what: path, why: `a stanza has no Package or no Version (Package: "${name}")` });
    return;
  }
  const source = sourceOf(fields.get('source') ?? '', name, version);
  if (source === null) {
    const why = `package "${name}" has the Source "${fields.get('source') ?? ''}", which names no source`;
    incomplete.push({ what: path, why });
  }
  const architecture = fields.get('architecture') ?? '';
  packages.push({
    type: 'deb',
    name,
    version,
    arch: architecture === '' ? null : architecture,
    source: source ?? { name, version },
    licenses: [],
  });
}

/** `Source: name` or `Source: name (version)`; left out where both are the package's own. */
function sourceOf(field: string, name: string, version: string): FoundPackage['source'] | null {
  if (field === '') return { name, version };
  const match = /^([^\s()]+)(?:\s*\(([^()]*)\))?$/.exec(field);
  if (match?.[1] === undefined) return null;
  const stated = match[2]?.trim() ?? version;
  return stated === '' ? null : { name: match[1], version: stated };
}

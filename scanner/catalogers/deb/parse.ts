import type { Incomplete } from '../../../core/inventory.ts';
import type { FileFacts, FoundPackage } from '../cataloger.ts';
import { statusFile } from './match.ts';

/** dpkg states in which no file of the package is on disk (dpkg(1), "Package states"). */
const absent = new Set(['not-installed', 'config-files']);

/** Control fields that matter; all are single-line (deb822(5)). */
const wanted = new Set(['package', 'version', 'architecture', 'source', 'status']);

/** The status file, or one file of `status.d`: stanzas of control fields. */
export function parseStatus(path: string, content: Buffer): FileFacts {
  const packages: FoundPackage[] = [];
  const incomplete: Incomplete[] = [];
  for (const stanza of content
    .toString('utf8')
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n/)) {
    const fields = readFields(stanza);
    if (fields.size === 0) continue;
    const state = fields.get('status')?.split(/\s+/)[2];
    // Only distroless leaves the status out: what it lists is there.
    if (state === undefined && path === statusFile) {
      incomplete.push({
        what: path,
        why: `package "${fields.get('package') ?? ''}" has no valid Status field`,
      });
    } else if (state !== undefined && absent.has(state)) continue;
    const found = packageOf(fields);
    if (found === null) {
      incomplete.push({
        what: path,
        why: `a stanza has no Package or no Version (Package: "${fields.get('package') ?? ''}")`,
      });
    } else packages.push(found);
  }
  return { packages, os: null, incomplete };
}

function readFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of stanza.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0 || line.startsWith(' ') || line.startsWith('\t')) continue;
    const key = line.slice(0, colon).toLowerCase();
    if (wanted.has(key)) fields.set(key, line.slice(colon + 1).trim());
  }
  return fields;
}

function packageOf(fields: ReadonlyMap<string, string>): FoundPackage | null {
  const name = fields.get('package') ?? '';
  const version = fields.get('version') ?? '';
  if (name === '' || version === '') return null;
  const architecture = fields.get('architecture') ?? '';
  return {
    type: 'deb',
    name,
    version,
    arch: architecture === '' ? null : architecture,
    source: sourceOf(fields.get('source') ?? '', name, version),
    licenses: [],
  };
}

/** `Source: name` or `Source: name (version)`; left out where both are the package's own. */
function sourceOf(field: string, name: string, version: string): FoundPackage['source'] {
  if (field === '') return { name, version };
  const open = field.indexOf('(');
  if (open < 0) return { name: field, version };
  return {
    name: field.slice(0, open).trim(),
    version: field
      .slice(open + 1)
      .replace(/\)\s*$/, '')
      .trim(),
  };
}

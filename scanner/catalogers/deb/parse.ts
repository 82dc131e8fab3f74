import type { Incomplete } from '../../../core/inventory.ts';
import { type FileFacts, type FoundPackage, noFacts, onlyIncomplete } from '../cataloger.ts';
import { type Fields, presentIn, shown, stanzasOf } from '../control-file.ts';

/** Only distroless' folder leaves the Status out: what it lists is there. */
const withoutStatus = /(?:^|\/)status\.d\/[^/]*$/;

/** Control fields that matter (deb-control(5)). */
const wanted: ReadonlySet<string> = new Set(['package', 'version', 'architecture', 'source', 'status']);

/** The status file, or one file of `status.d`: stanzas of control fields, apart by empty lines. */
export function parseStatus(path: string, content: Buffer): FileFacts {
  const packages: FoundPackage[] = [];
  const incomplete: Incomplete[] = [];
  for (const fields of stanzasOf(path, content, wanted, incomplete)) {
    const found = packageOf(path, fields, incomplete);
    if (found !== null) packages.push(found);
  }
  return { packages, os: null, incomplete };
}

/** One of dpkg's updates: it was stopped before it wrote them into its status. */
export function parsePending(path: string, content: Buffer): FileFacts {
  return content.length === 0
    ? noFacts
    : onlyIncomplete(path, 'it holds changes that are not in the status file yet');
}

function packageOf(path: string, fields: Fields, incomplete: Incomplete[]): FoundPackage | null {
  const present = presentIn(path, fields, withoutStatus.test(path), incomplete);
  if (present === null) return null;
  const { name, version } = present;
  const field = fields.get('source') ?? '';
  const source = sourceOf(field, name, version);
  if (source === null) {
    const why = `package "${shown(name)}" has the Source "${shown(field)}", which names no source`;
    incomplete.push({ what: path, why });
  }
  return { type: 'deb', ...present, source: source ?? { name, version }, licenses: [] };
}

/** `Source: name` or `Source: name (version)`; left out where both are the package's own. */
function sourceOf(field: string, name: string, version: string): FoundPackage['source'] | null {
  if (field === '') return { name, version };
  const match = /^([^\s()]+)(?:\s*\(([^()]*)\))?$/.exec(field);
  if (match?.[1] === undefined) return null;
  const stated = match[2]?.trim() ?? version;
  return stated === '' ? null : { name: match[1], version: stated };
}

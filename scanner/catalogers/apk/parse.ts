import type { Incomplete } from '../../../core/inventory.ts';
import type { FileFacts, FoundPackage } from '../cataloger.ts';

/** apk's installed database: stanzas of `X:value` lines (apk-tools, "APKINDEX format"). */
export function parseInstalled(path: string, content: Buffer): FileFacts {
  const packages: FoundPackage[] = [];
  const incomplete: Incomplete[] = [];
  for (const stanza of content.toString('utf8').split(/\n\n+/)) {
    const fields = readFields(stanza);
    if (fields.size === 0) continue;
    const name = fields.get('P') ?? '';
    const version = fields.get('V') ?? '';
    if (name === '' || version === '') {
      incomplete.push({ what: path, why: `a stanza has no P or no V line (P: "${name}")` });
      continue;
    }
    const architecture = fields.get('A') ?? '';
    const license = fields.get('L') ?? '';
    packages.push({
      type: 'apk',
      name,
      version,
      arch: architecture === '' ? null : architecture,
      // The origin is the source package; it is built as one version.
      source: { name: fields.get('o') || name, version },
      licenses: license === '' ? [] : [license],
    });
  }
  return { packages, os: null, incomplete };
}

/** Only the package's own lines: `F:` begins its files, which use letters of their own. */
function readFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of stanza.split('\n')) {
    if (line.startsWith('F:')) break;
    if (line[1] === ':') fields.set(line.slice(0, 1), line.slice(2).trim());
  }
  return fields;
}

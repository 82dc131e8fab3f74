import type { Incomplete } from '../../../core/inventory.ts';
import { type FileFacts, type FoundPackage, mostPackages } from '../cataloger.ts';
import { linesOf } from '../lines.ts';
import { FileList } from './file-list.ts';

/** Lines that tell of the package; those of its files (F, R, a, M, Z) use other letters. */
const wanted = new Set(['P', 'V', 'A', 'o', 'L']);

/** apk's installed database: stanzas of `X:value` lines, apart by empty lines (apk-tools, "APKINDEX format"). */
export function parseInstalled(path: string, content: Buffer): FileFacts {
  const packages: FoundPackage[] = [];
  const incomplete: Incomplete[] = [];
  const fields = new Map<string, string>();
  const files = new FileList();
  let lines = 0;
  const finish = (): void => {
    if (lines > 0) readStanza(path, fields, packages, incomplete);
    files.finish(fields.get('P') ?? '');
    fields.clear();
    lines = 0;
  };
  for (const line of linesOf(content)) {
    if (packages.length + incomplete.length >= mostPackages) {
      incomplete.push({ what: path, why: `it has more than ${mostPackages} packages` });
      break;
    }
    if (line.trim() === '') {
      finish();
      continue;
    }
    lines += 1;
    const key = line.slice(0, 1);
    if (line[1] !== ':') continue;
    files.line(key, line.slice(2));
    if (!wanted.has(key)) continue;
    if (fields.has(key)) {
      incomplete.push({ what: path, why: `package "${fields.get('P') ?? ''}" has two ${key} lines` });
    } else fields.set(key, line.slice(2).trim());
  }
  finish();
  const { owned } = files;
  return { packages, os: null, incomplete, ...(owned.length === 0 ? {} : { owned }) };
}

function readStanza(
  path: string,
  fields: ReadonlyMap<string, string>,
  packages: FoundPackage[],
  incomplete: Incomplete[],
): void {
  const name = fields.get('P') ?? '';
  const version = fields.get('V') ?? '';
  if (name === '' || version === '') {
    incomplete.push({ what: path, why: `a stanza has no P or no V line (P: "${name}")` });
    return;
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

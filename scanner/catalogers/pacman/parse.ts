import { type FileFacts, onlyIncomplete } from '../cataloger.ts';
import { valuesOf } from './sections.ts';

const wanted: ReadonlySet<string> = new Set(['NAME', 'VERSION', 'BASE', 'ARCH']);
const mostLicenses = 50;

/** `desc`: what pacman keeps of one package. The base is the source; it is built as one version. */
export function parseDesc(path: string, content: Buffer): FileFacts {
  const fields = new Map<string, string>();
  const licenses: string[] = [];
  for (const [section, value] of valuesOf(content)) {
    if (section === 'LICENSE' && licenses.length < mostLicenses) licenses.push(value);
    if (wanted.has(section) && !fields.has(section)) fields.set(section, value);
  }
  const name = fields.get('NAME') ?? '';
  const version = fields.get('VERSION') ?? '';
  if (name === '' || version === '')
    return onlyIncomplete(path, `it has no NAME or no VERSION ("${name.slice(0, 200)}")`);
  const source = { name: fields.get('BASE') ?? name, version };
  const arch = fields.get('ARCH') ?? null;
  const found = { type: 'alpm', name, version, arch, source, licenses } as const;
  return { packages: [found], os: null, incomplete: [] };
}

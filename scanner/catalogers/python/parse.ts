import { type FileFacts, type FoundPackage, onlyIncomplete } from '../cataloger.ts';
import { headersOf } from './headers.ts';

const wanted: ReadonlySet<string> = new Set(['name', 'version', 'license', 'license-expression']);
/** What a project may be called (Python packaging, "Name format"). */
const projectName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;
/** Longer ones are the text of a license, not its name. */
const longestLicense = 200;

/** Core metadata of an installed Python project. */
export function parseMetadata(path: string, content: Buffer): FileFacts {
  const fields = headersOf(content, wanted);
  const name = fields.get('name') ?? '';
  const version = fields.get('version') ?? '';
  if (name === '') return onlyIncomplete(path, 'it has no Name');
  if (!projectName.test(name)) return onlyIncomplete(path, 'its Name is none that a Python project can have');
  if (version === '') return onlyIncomplete(path, `project "${name}" has no Version`);
  if (/[\s\p{Surrogate}]/u.test(version)) {
    return onlyIncomplete(path, `project "${name}" has a Version of several words`);
  }
  const found: FoundPackage = {
    type: 'pypi',
    name,
    version,
    arch: null,
    source: { name, version },
    licenses: licensesOf(fields),
  };
  return { packages: [found], os: null, incomplete: [] };
}

function licensesOf(fields: ReadonlyMap<string, string>): string[] {
  const license = fields.get('license-expression') ?? fields.get('license') ?? '';
  const isName = license !== '' && license !== 'UNKNOWN' && license.length <= longestLicense;
  return isName && !license.includes('\n') ? [license] : [];
}

import { type FileFacts, type FoundPackage, onlyIncomplete } from '../cataloger.ts';
import { licenseNames } from '../license-names.ts';
import { headersOf } from './headers.ts';

const wanted: ReadonlyMap<string, 'first' | 'all'> = new Map([
  ['name', 'first'],
  ['version', 'first'],
  ['license', 'first'],
  ['license-expression', 'first'],
  ['classifier', 'all'],
]);
/** What a project may be called (Python packaging, "Name format"). */
const projectName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

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

/** An expression says it all; what stands in `License` is a name, a text, or nothing, where classifiers may say more. */
function licensesOf(fields: ReadonlyMap<string, string>): readonly string[] {
  const expression = licenseNames([fields.get('license-expression')]);
  if (expression.length > 0) return expression;
  const named = licenseNames([fields.get('license')]).filter((name) => name !== 'UNKNOWN');
  return named.length > 0 ? named : licenseNames(classifiedAs(fields.get('classifier') ?? ''));
}

/** Those that only say that somebody approves of the license. */
const approvals: ReadonlySet<string> = new Set(['OSI Approved', 'DFSG approved']);

/** `License :: OSI Approved :: MIT License` is `MIT License`. */
function classifiedAs(classifiers: string): string[] {
  return classifiers.split('\n').flatMap((line) => {
    const [topic, ...parts] = line.trim().split(' :: ');
    const name = parts.at(-1) ?? '';
    return topic === 'License' && !approvals.has(name) ? [name] : [];
  });
}

import { type FileFacts, type FoundPackage, noFacts, onlyIncomplete } from '../cataloger.ts';
import { matchNpm } from './match.ts';

/** `name` or `@scope/name`, without anything that cannot stand in a URL. */
const npmName = /^(?:@[^/\s\p{Surrogate}]+\/)?[^/@\s\p{Surrogate}][^/\s\p{Surrogate}]*$/u;

/**
 * The manifest of an installed npm package. Where only a link could make one of it (see `matchNpm`), a file without
 * name or version is the project itself and tells nothing.
 */
export function parsePackageJson(path: string, content: Buffer): FileFacts {
  const candidate = matchNpm(path) === null;
  const named = path.endsWith('package.json');
  const unless = (silent: boolean, why: string): FileFacts => (silent ? noFacts : onlyIncomplete(path, why));
  // In a store most files are code: a look at the first byte saves an exception each.
  if (!named && content[0] !== 0x7b) return noFacts;
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    return unless(!named, 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return unless(!named, 'it is no JSON object');
  const { name, version, license } = value as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') return unless(candidate, 'it has no name');
  if (typeof version !== 'string' || version === '')
    return unless(candidate, `package "${name}" has no version`);
  if (!npmName.test(name) || /[\s\p{Surrogate}]/u.test(version))
    return onlyIncomplete(path, 'its name or version is none that npm knows');
  const found: FoundPackage = {
    type: 'npm',
    name,
    version,
    arch: null,
    source: { name, version },
    licenses: licensesOf(license),
  };
  return { packages: [found], os: null, incomplete: [] };
}

/** A text, or the old form `{type, url}`. */
function licensesOf(license: unknown): string[] {
  if (typeof license === 'string' && license !== '') return [license];
  const type: unknown =
    typeof license === 'object' && license !== null && 'type' in license ? license.type : null;
  return typeof type === 'string' && type !== '' ? [type] : [];
}

import { type FileFacts, type FoundPackage, onlyIncomplete } from '../cataloger.ts';

/** `name` or `@scope/name`, without anything that cannot stand in a URL. */
const npmName = /^(?:@[^/\s\p{Surrogate}]+\/)?[^/@\s\p{Surrogate}][^/\s\p{Surrogate}]*$/u;

/** The manifest of an installed npm package. */
export function parsePackageJson(path: string, content: Buffer): FileFacts {
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    return onlyIncomplete(path, 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return onlyIncomplete(path, 'it is no JSON object');
  const { name, version, license } = value as Record<string, unknown>;
  if (typeof name !== 'string' || name === '') return onlyIncomplete(path, 'it has no name');
  if (typeof version !== 'string' || version === '')
    return onlyIncomplete(path, `package "${name}" has no version`);
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

import { unknownVersion } from '../../../core/inventory.ts';
import type { FoundPackage } from '../cataloger.ts';
import { jsonOf, listOf, objectOf, textOf } from '../json.ts';
import { licenseNames } from '../license-names.ts';

/** `name` or `@scope/name`, without anything that cannot stand in a URL. */
const npmName = /^(?:@[^/\s\p{Surrogate}]+\/)?[^/@\s\p{Surrogate}][^/\s\p{Surrogate}]*$/u;
const odd = /[\s\p{Surrogate}]/u;

/** What a package.json says; `fault`: why it says nothing, as the end of a sentence about it. */
export type Manifest = { readonly found: FoundPackage } | { readonly fault: string };

/**
 * @param place the name by which Node finds the package, which stands in for one that is missing; null: it is found nowhere,
 *   and then is a package only if it has a name and a version
 */
export function manifestOf(content: Buffer, place: string | null): Manifest {
  const json = jsonOf(content);
  if ('fault' in json) return json;
  const manifest = objectOf(json.value);
  if (manifest === null) return { fault: 'it is no JSON object' };
  const told = textOf(manifest.name);
  const name = told !== null && npmName.test(told) ? told : place;
  if (name === null) return { fault: 'it has no name' };
  if (!npmName.test(name)) return { fault: 'neither its name nor its folder has one that npm knows' };
  const version = textOf(manifest.version)?.trim() ?? '';
  const isVersion = version !== '' && !odd.test(version);
  if (!isVersion && place === null) return { fault: `package "${name}" has no version` };
  const known = isVersion ? version : unknownVersion;
  const licenses = licenseNames([...licensesIn(manifest.license), ...licensesIn(manifest.licenses)]);
  return {
    found: { type: 'npm', name, version: known, arch: null, source: { name, version: known }, licenses },
  };
}

/** A text; of old, `{type, url}` or a list of either. */
function licensesIn(value: unknown): unknown[] {
  const list = Array.isArray(value) ? listOf(value) : [value];
  return list.map((one) => objectOf(one)?.type ?? objectOf(one)?.name ?? one);
}

import { unknownVersion } from '../../../core/inventory.ts';
import { type FileFacts, type FoundPackage, mostPackages, onlyIncomplete } from '../cataloger.ts';
import { jsonOf, listOf, objectOf, textOf } from '../json.ts';
import { licenseNames } from '../license-names.ts';

/** Of texts that go into a purl. */
const odd = /[\s\p{Cc}\p{Surrogate}]/u;

/**
 * Composer's list of what it has installed: a list of packages, from version 2 on an object that holds one. Those that
 * only development needs are installed as well, so they count.
 */
export function parseInstalled(path: string, content: Buffer): FileFacts {
  const json = jsonOf(content);
  if ('fault' in json) return onlyIncomplete(path, json.fault);
  const list = Array.isArray(json.value) ? json.value : objectOf(json.value)?.packages;
  if (!Array.isArray(list)) return onlyIncomplete(path, 'it holds no list of packages');
  if (list.length > mostPackages) return onlyIncomplete(path, `it has more than ${mostPackages} packages`);
  const packages = list.flatMap((one) => packageOf(one) ?? []);
  const left = list.length - packages.length;
  const why = `${left} of its packages have no name that Composer would take`;
  return { packages, os: null, incomplete: left === 0 ? [] : [{ what: path, why }] };
}

function packageOf(value: unknown): FoundPackage | null {
  const one = objectOf(value);
  const name = textOf(one?.name);
  if (one === null || name === null || odd.test(name) || name.startsWith('/') || name.endsWith('/'))
    return null;
  const version = versionOf(textOf(one.version));
  const licenses = licenseNames([...listOf(one.license), one.license]);
  return { type: 'composer', name, version, arch: null, source: { name, version }, licenses };
}

/** Tags are mostly called `v1.2.3`, which is version 1.2.3; a branch is `dev-main`, which no advisory knows. */
function versionOf(text: string | null): string {
  const version = text?.replace(/^[vV](?=[0-9])/, '') ?? '';
  return version === '' || odd.test(version) ? unknownVersion : version;
}

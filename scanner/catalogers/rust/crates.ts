import { objectsIn, textIn } from '../../documents/fields.ts';
import { type FoundPackage, mostPackages } from '../cataloger.ts';
import { jsonOf, objectOf } from '../json.ts';

/** What one list told. `why`: what of it could not be read, a sentence; null: all was. */
export interface BuiltFrom {
  readonly packages: readonly FoundPackage[];
  readonly why: string | null;
}

/** crates.io's rule for names, and what is never in a version. */
const crateName = /^[A-Za-z0-9_-]{1,200}$/;
const versionText = /^[0-9A-Za-z.+-]{1,200}$/;

/**
 * Reads a list of crates (cargo-auditable's `auditable-serde`): `{"packages":[{"name", "version", "source", "kind",
 * "dependencies", "root"}]}`. Those of the kind `build` made the program and are not in it.
 */
export function readCrates(list: Buffer): BuiltFrom {
  const json = jsonOf(list);
  const document = 'value' in json ? objectOf(json.value) : null;
  if (document === null || !Array.isArray(document.packages))
    return { packages: [], why: 'its list of crates is no JSON object with "packages"' };
  const crates = objectsIn(document.packages);
  if (crates.length > mostPackages) {
    return { packages: [], why: `it names more than ${mostPackages} crates` };
  }
  const packages: FoundPackage[] = [];
  let why = crates.length === document.packages.length ? null : 'its list of crates holds what is none';
  for (const crate of crates) {
    if (textIn(crate, 'kind') === 'build') continue;
    const name = textIn(crate, 'name');
    const version = textIn(crate, 'version');
    if (!crateName.test(name) || !versionText.test(version)) {
      why = 'its list of crates holds a name or version that cargo does not know';
      continue;
    }
    packages.push({ type: 'cargo', name, version, arch: null, source: { name, version }, licenses: [] });
  }
  return { packages, why };
}

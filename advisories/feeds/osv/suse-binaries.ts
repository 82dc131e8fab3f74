import type { AffectedPackage } from '../../../core/ports/advisories.ts';
import { fieldOf, hasControls, isObject, Malformed } from './fields.ts';

/** The largest updates (kernels, TeX) build some thousand packages. */
const mostBinaries = 20_000;

/**
 * SUSE names the source, and what was built from it in `ecosystem_specific.binaries`, each with its version:
 * `[{"file": "5.40-1.14", "libmagic1": "5.40-1.14"}]`. Systems know their packages by the names of the latter.
 * @throws Malformed
 */
export function builtPackages(entry: object, affected: AffectedPackage): readonly AffectedPackage[] {
  if (!/^(?:open)?SUSE:/.test(affected.ecosystem)) return [affected];
  const specific = fieldOf(entry, 'ecosystem_specific');
  const binaries = isObject(specific) ? fieldOf(specific, 'binaries') : undefined;
  if (binaries === undefined || binaries === null) return [affected];
  if (!Array.isArray(binaries)) throw new Malformed('"binaries" is not a list');
  const built: AffectedPackage[] = [];
  for (const versions of binaries as readonly unknown[]) {
    if (!isObject(versions)) throw new Malformed('an entry of "binaries" is not an object');
    for (const [name, version] of Object.entries(versions as Readonly<Record<string, unknown>>)) {
      if (typeof version !== 'string' || version === '' || name === '' || hasControls(name + version)) {
        throw new Malformed(`"binaries" has no version of "${name.slice(0, 80)}"`);
      }
      if (built.length >= mostBinaries)
        throw new Malformed(`"binaries" has more than ${mostBinaries} packages`);
      built.push({ ...affected, name, ranges: [[{ introduced: '0' }, { fixed: version }]], versions: [] });
    }
  }
  return built.length === 0 ? [affected] : built;
}

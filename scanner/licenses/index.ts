import type { Package, PackageType } from '../../core/inventory.ts';
import {
  formatLicense,
  joinLicenses,
  type LicenseExpression,
  referencesIn,
} from '../../core/license-expression.ts';
import { licenseOfDeclaration } from './declaration.ts';

/** Part of the key of stored inventories: raise it with every change of what is made of a declaration. */
export const licensesVersion = 1;

/** Declarations that one inventory's packages share; beyond that each is read again. */
const mostRemembered = 10_000;
/** Characters of the declarations that are kept of a package beside its expressions. */
const longestTexts = 2000;

export type PackageLicenses = Pick<Package, 'licenses' | 'licenseTexts'>;

/**
 * Reads what package managers declare, each declaration of an inventory once.
 * @returns what makes SPDX expressions of the declarations of one package
 */
export function createLicenseReader(): (type: PackageType, declared: readonly string[]) => PackageLicenses {
  const known = new Map<string, LicenseExpression | null>();
  const read = (type: PackageType, text: string): LicenseExpression | null => {
    const key = `${type}\n${text}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const license = licenseOfDeclaration(text, type);
    if (known.size < mostRemembered) known.set(key, license);
    return license;
  };
  return (type, declared) => {
    const found = declared.map((text) => read(type, text)).filter((one) => one !== null);
    // Composer's list is one to choose from (getcomposer.org, "The composer.json schema", license).
    const chosen = type === 'composer' ? joinLicenses('or', found) : null;
    const all = chosen === null ? found : [chosen];
    const licenses = [...new Set(all.map(formatLicense))];
    if (!all.some((one) => referencesIn(one).length > 0)) return { licenses };
    const licenseTexts = [...new Set(declared.map((text) => text.trim().slice(0, longestTexts)))];
    // What was written as a name of SPDX's own says no more than the expression.
    return licenseTexts.every((text) => licenses.includes(text)) ? { licenses } : { licenses, licenseTexts };
  };
}

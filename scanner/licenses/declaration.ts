import type { PackageType } from '../../core/inventory.ts';
import {
  joinLicenses,
  type LicenseExpression,
  licenseLimits,
  parseLicenseExpression,
  parseLicenseWords,
  type SingleLicense,
} from '../../core/license-expression.ts';
import { licenseExceptions } from '../../core/license-ids.ts';
import { licenseOfName } from './name.ts';
import { exceptionNames } from './names.ts';
import { licenseReference } from './reference.ts';

/** What package managers write where nobody has said anything. */
const nothing = new Set([
  '',
  'unknown',
  'none',
  'noassertion',
  'n/a',
  'na',
  'null',
  'undefined',
  'license',
  '-',
]);
/** Words of a part that SPDX has no word for, beside parts that it has; more are a sentence. */
const longestPart = 5;

/**
 * What a package manager's field declares, as an SPDX expression; what SPDX has no word for is a `LicenseRef-`. null:
 * it declares nothing. Never throws, and is linear in its text.
 */
export function licenseOfDeclaration(text: string, type: PackageType): LicenseExpression | null {
  if (text.length > licenseLimits.characters) return licenseReference(text);
  const plain = withoutClassifier(text.replaceAll(/\s+/g, ' ').trim());
  if (nothing.has(plain.toLowerCase())) return null;
  return (
    parseLicenseExpression(plain) ??
    licenseOfName(plain) ??
    clauses(plain, type) ??
    list(plain) ??
    licenseReference(plain)
  );
}

/** `License :: OSI Approved :: MIT License`: the last part is the name. */
function withoutClassifier(text: string): string {
  if (!text.startsWith('License ::')) return text;
  const name = text.slice(text.lastIndexOf('::') + 2).trim();
  return name === 'OSI Approved' || name === 'DFSG approved' ? '' : name;
}

/** A comma before "and" or "or" parts what "and" and "or" have joined (Debian, "Machine-readable copyright file", 7.2). */
function clauses(text: string, type: PackageType): LicenseExpression | null {
  const pieces = text.split(/,\s*(and|or)\s/i);
  if (pieces.length === 1) return expression(text, type);
  const kinds = new Set(pieces.filter((_, at) => at % 2 === 1).map((word) => word.toLowerCase()));
  const parts = pieces.filter((_, at) => at % 2 === 0).map((piece) => part(piece.trim(), type));
  const found = parts.filter((one) => one !== null);
  if (kinds.size !== 1 || found.length < parts.length || !found.some(isKnown)) return null;
  return joinLicenses(kinds.has('and') ? 'and' : 'or', found);
}

function part(text: string, type: PackageType): LicenseExpression | null {
  return licenseOfName(text) ?? expression(text, type) ?? (isShort(text) ? licenseReference(text) : null);
}

/** Names with "and", "or", "with" and their signs between. */
function expression(text: string, type: PackageType): LicenseExpression | null {
  const words = (type === 'cargo' ? text.replaceAll('/', ' or ') : text)
    .replaceAll(/&&?|\|\|?/g, (sign) => (sign.startsWith('&') ? ' and ' : ' or '))
    .replaceAll(/\bcommon development and distribution\b/gi, 'CDDL')
    .replaceAll(/ or(?: any)? (?:later|newer|greater|higher)\b(?: versions?\b)?/gi, '+');
  const found = parseLicenseWords(
    words,
    (name) => licenseOfName(name) ?? list(name) ?? (isShort(name) ? licenseReference(name) : null),
    exceptionOf,
  );
  return found !== null && isKnown(found) ? found : null;
}

function isShort(text: string): boolean {
  return text !== '' && text.split(/\s+/, longestPart + 1).length <= longestPart;
}

/** Whether it has a licence of SPDX's list in it. */
function isKnown(one: LicenseExpression): boolean {
  return one.kind === 'license' ? !one.id.startsWith('LicenseRef-') : one.parts.some(isKnown);
}

function exceptionOf(words: string, { id }: SingleLicense): string | null {
  const name = words.toLowerCase().replaceAll('-', ' ').replaceAll(/\s+/g, ' ');
  if (name.startsWith('autoconf'))
    return id.includes('-3.0') ? 'Autoconf-exception-3.0' : 'Autoconf-exception-2.0';
  return licenseExceptions.get(words.toLowerCase()) ?? exceptionNames.get(name) ?? null;
}

/**
 * Several names without a word between: all of them, where each is known. Slashes part those that one may choose from
 * (Cargo of old, and people everywhere).
 */
function list(text: string): LicenseExpression | null {
  const parted = (by: RegExp): LicenseExpression[] | null => {
    const names = text.split(by).filter((name) => name !== '');
    if (names.length < 2 || names.length > licenseLimits.tokens) return null;
    const found = names.map((name) => licenseOfName(name));
    const known = found.filter((one) => one !== null);
    return known.length === names.length ? known : null;
  };
  if (/[()]/.test(text)) return null;
  const chosen = text.includes('/') ? parted(/\s*\/\s*/) : null;
  if (chosen !== null) return joinLicenses('or', chosen);
  const all = parted(/\s*[,;]\s*/) ?? parted(/[\s,;]+/);
  return all === null ? null : joinLicenses('and', all);
}

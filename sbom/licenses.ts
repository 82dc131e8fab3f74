import { createHash } from 'node:crypto';
import type { Package } from '../core/inventory.ts';
import {
  formatLicense,
  joinLicenses,
  type LicenseExpression,
  parseLicenseExpression,
  referencesIn,
} from '../core/license-expression.ts';

/** A licence that SPDX has no word for, under the name by which a document refers to it. */
export interface ExtractedLicense {
  readonly licenseId: string;
  /** What was declared where the name comes from. */
  readonly extractedText: string;
}

export interface DeclaredLicense {
  /** A valid SPDX licence expression (SPDX 2.3, annex D); null where nothing was declared. */
  readonly expression: string | null;
  /** What the expression's `LicenseRef-` names stand for. */
  readonly extracted: readonly ExtractedLicense[];
}

/** Characters. */
const longest = 2000;

/** A package's licences as one expression. */
export function declaredLicense({
  licenses,
  licenseTexts = licenses,
}: Pick<Package, 'licenses' | 'licenseTexts'>): DeclaredLicense {
  const texts = licenses.filter((text) => text.trim() !== '');
  const found = joinLicenses('and', texts.map(expressionOf));
  if (found === null) return { expression: null, extracted: [] };
  const extractedText = licenseTexts.join('\n').slice(0, longest);
  const extracted = [...new Set(referencesIn(found))].map((licenseId) => ({ licenseId, extractedText }));
  return { expression: formatLicense(found), extracted };
}

/** What is no expression, which an inventory does not have, must not become part of a document as it is. */
function expressionOf(text: string): LicenseExpression {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return parseLicenseExpression(text) ?? { kind: 'license', id: `LicenseRef-${hash}`, exception: null };
}

import { createHash } from 'node:crypto';
import type { SingleLicense } from '../../core/license-expression.ts';

/** Characters of a declaration that its name is made of. */
const longestName = 40;

/** What SPDX has no word for, under a name of its own: equal texts have equal names, others another. */
export function licenseReference(text: string): SingleLicense {
  const words = text
    .slice(0, 10 * longestName)
    .replaceAll(/[^A-Za-z0-9.]+/g, '-')
    .replace(/^-/, '')
    .replace(/-$/, '');
  if (words === text && words.length <= longestName) return named(words);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const name = words.slice(0, longestName);
  return named(name === '' ? hash : `${name}-${hash}`);
}

function named(name: string): SingleLicense {
  return { kind: 'license', id: `LicenseRef-${name}`, exception: null };
}

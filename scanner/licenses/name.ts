import {
  knownLicense,
  type LicenseExpression,
  parseLicenseExpression,
} from '../../core/license-expression.ts';
import { gnuLicense } from './gnu.ts';
import { licenseNames, titles } from './names.ts';
import { licenseOfUrl } from './urls.ts';

/** Characters; a longer text is not the name of a licence. */
const longestName = 200;

/** The licence that a text names; null where that is not certain. */
export function licenseOfName(text: string): LicenseExpression | null {
  if (text.length > longestName) return null;
  return found(text) ?? found(withoutRemark(text));
}

function found(text: string): LicenseExpression | null {
  const exact = knownLicense(text);
  if (exact !== null) return exact;
  const expression = licenseOfUrl(text) ?? byKey(text) ?? gnuLicense(text) ?? byTitle(text);
  return expression === null ? null : parseLicenseExpression(expression);
}

/** `Mozilla Public License 2.0 (MPL 2.0)`: what stands in brackets at the end says the same. */
function withoutRemark(text: string): string {
  const start = text.endsWith(')') ? text.lastIndexOf('(') : -1;
  return start > 0 ? text.slice(0, start).trim() : text;
}

function byKey(text: string): string | null {
  const key = licenseKey(text);
  return licenseNames.get(key) ?? licenseNames.get(parted(key)) ?? null;
}

function byTitle(text: string): string | null {
  const key = licenseKey(text);
  for (const one of new Set([key, parted(key)])) {
    for (const name of [one, shortened(one)]) {
      // "Apache 2" means 2.0.
      const license = knownLicense(name) ?? (/\d$/.test(name) ? knownLicense(`${name}.0`) : null);
      if (license?.kind === 'license' && license.exception === null) return license.id;
    }
  }
  return null;
}

const silent = new Set([
  '',
  'the',
  'license',
  'licence',
  'licenses',
  'licences',
  'version',
  'ver',
  'v',
  'v.',
]);

/** Words that tell licences apart, in lower case, with hyphens between: `apache-software-2.0`. */
export function licenseKey(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/["'`“”‘’]/g, '')
    .split(/[\s,;:()/_-]+/)
    .map((word) => word.replace(/^v\.?(?=\d)/, ''))
    .filter((word) => !silent.has(word))
    .join('-');
}

/** `mplv2.0` as `mpl-2.0`. */
function parted(key: string): string {
  return key
    .split('-')
    .map((word) => word.replace(/^([a-z]+?)v?(?=\d)/, '$1-'))
    .join('-');
}

function shortened(key: string): string {
  const title = titles.find(([long]) => key === long || key.startsWith(`${long}-`));
  return title === undefined ? key : `${title[1]}${key.slice(title[0].length)}`;
}

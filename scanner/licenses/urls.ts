import { licenseIds } from '../../core/license-ids.ts';

/**
 * Addresses at which licences are published, without scheme, `www.`, ending and last slash, in lower case. Maven and
 * NuGet have them where others have names.
 */
const places: ReadonlyMap<string, string> = new Map([
  ['apache.org/licenses', 'Apache-2.0'],
  ['apache.org/licenses/license-1.1', 'Apache-1.1'],
  ['apache.org/licenses/license-2.0', 'Apache-2.0'],
  ['antlr.org/license', 'BSD-3-Clause'],
  ['bouncycastle.org/licence', 'MIT'],
  ['creativecommons.org/publicdomain/zero/1.0', 'CC0-1.0'],
  ['creativecommons.org/publicdomain/zero/1.0/legalcode', 'CC0-1.0'],
  ['eclipse.org/legal/epl-v10', 'EPL-1.0'],
  ['eclipse.org/legal/epl-v20', 'EPL-2.0'],
  ['eclipse.org/legal/epl-2.0', 'EPL-2.0'],
  ['eclipse.org/org/documents/epl-v10', 'EPL-1.0'],
  ['eclipse.org/org/documents/epl-2.0', 'EPL-2.0'],
  ['eclipse.org/org/documents/edl-v10', 'BSD-3-Clause'],
  ['gnu.org/software/classpath/license', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ['glassfish.dev.java.net/public/cddlv1.0', 'CDDL-1.0'],
  ['glassfish.dev.java.net/public/cddl+gpl_1_1', 'CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0'],
  ['json.org/license', 'JSON'],
  ['jsoup.org/license', 'MIT'],
  ['mozilla.org/mpl/2.0', 'MPL-2.0'],
  ['mozilla.org/en-us/mpl/2.0', 'MPL-2.0'],
  ['mozilla.org/mpl/mpl-1.1', 'MPL-1.1'],
  ['mozilla.org/mpl/1.1', 'MPL-1.1'],
  ['opensource.org/licenses/apache-2-0', 'Apache-2.0'],
  ['opensource.org/licenses/bsd-license', 'BSD-2-Clause'],
  ['opensource.org/licenses/mit-license', 'MIT'],
  ['opensource.org/licenses/cpl1.0', 'CPL-1.0'],
  ['opensource.org/licenses/eclipse-1.0', 'EPL-1.0'],
  ['opensource.org/licenses/isc-license', 'ISC'],
  ['opensource.org/licenses/zlib-license', 'Zlib'],
  ['unlicense.org', 'Unlicense'],
  ['wtfpl.net', 'WTFPL'],
]);
/** Folders in which the last part is an identifier, or nearly one. */
const folders = [
  'opensource.org/licenses/',
  'opensource.org/license/',
  'spdx.org/licenses/',
  'choosealicense.com/licenses/',
];
const creativeCommons = /^creativecommons\.org\/licenses\/([a-z-]{2,8})\/(\d\.\d)(?:\/|$)/;
const gnu =
  /^gnu\.org\/(?:licenses|copyleft)\/(?:old-licenses\/)?([al]?gpl|fdl)(?:-(\d\.\d))?(?:-standalone)?$/;

/** The SPDX expression of the licence that is published at an address; null: none that is known. */
export function licenseOfUrl(text: string): string | null {
  if (!/^https?:\/\//i.test(text)) return null;
  const bare = text.replace(/^https?:\/\/(?:www\.)?/i, '').replace(/[?#].*$/, '');
  if (/^licenses\.nuget\.org\//i.test(bare)) return nugetExpression(bare.slice('licenses.nuget.org/'.length));
  const address = bare
    .toLowerCase()
    .replace(/\/$/, '')
    .replace(/\.(?:txt|html?|php|md|en\.html)$/, '')
    .replace(/\/$/, '');
  const known = places.get(address);
  if (known !== undefined) return known;
  const folder = folders.find((one) => address.startsWith(one));
  if (folder !== undefined) {
    const name = address.slice(folder.length);
    return licenseIds.get(name) ?? licenseIds.get(`${name}.0`) ?? null;
  }
  const [, kind, version] = creativeCommons.exec(address) ?? [];
  if (kind !== undefined) return licenseIds.get(`cc-${kind}-${version ?? ''}`) ?? null;
  const [, family, number] = gnu.exec(address) ?? [];
  if (family === undefined) return null;
  const name = family === 'fdl' ? 'gfdl' : family;
  return licenseIds.get(number === undefined ? `${name}-3.0` : `${name}-${number}`) ?? null;
}

/** NuGet writes the expression into the address. */
function nugetExpression(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    return null;
  }
}

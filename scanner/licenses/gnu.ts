/** Licences of the GNU project, which are written in more ways than all others together. */

type Family = 'GPL' | 'LGPL' | 'AGPL' | 'GFDL';

/** Their versions, as the identifiers spell them. One that tells none may be used under any (GPL 2, section 9). */
const versions: Readonly<Record<Family, readonly string[]>> = {
  GPL: ['1.0', '2.0', '3.0'],
  LGPL: ['2.0', '2.1', '3.0'],
  AGPL: ['3.0', '1.0'],
  GFDL: ['1.1', '1.2', '1.3'],
};

const silent = new Set(
  "gnu the gnu's license licence licenses version versions v v. ver of general public free or any at your option fsf = software foundation".split(
    ' ',
  ),
);
const orLater = new Set(['+', '>', '>=', 'later', 'newer', 'greater', 'higher', 'above', 'onwards']);
const families: ReadonlyMap<string, Family> = new Map([
  ['gpl', 'GPL'],
  ['lgpl', 'LGPL'],
  ['agpl', 'AGPL'],
  ['gfdl', 'GFDL'],
  ['fdl', 'GFDL'],
  ['lesser', 'LGPL'],
  ['library', 'LGPL'],
  ['affero', 'AGPL'],
  ['documentation', 'GFDL'],
]);
const abbreviated = /^([al]?gpl|g?fdl)(?:v\.?)?(\d(?:\.\d)*)?(\+?)$/;
const numbered = /^v?\.?(\d(?:\.\d)*)(\+?)$/;

/** What is said in the words of a declaration. */
interface Said {
  family: Family | null;
  /** Told by its abbreviation, and not only by "general public". */
  named: boolean;
  version: string | null;
  later: boolean;
  only: boolean;
  invariants: boolean;
}

/**
 * `GPLv2+`, `GPL (>= 2)`, `GNU Lesser General Public License v3 or later (LGPLv3+)`: its SPDX identifier; null where the
 * text is about anything else, or about two of them.
 */
export function gnuLicense(text: string): string | null {
  const lower = text.toLowerCase();
  if (!/gpl|gnu|fdl|general public/.test(lower)) return null;
  const words = lower
    .replaceAll(/[(),;:"'_/-]/g, ' ')
    .replaceAll('>=', ' >= ')
    .split(/\s+/)
    .filter((word) => word !== '');
  const said: Said = {
    family: null,
    named: false,
    version: null,
    later: false,
    only: false,
    invariants: true,
  };
  if (words.includes('general') && words.includes('public')) said.family = 'GPL';
  for (const word of words) if (!take(word, said)) return null;
  return said.family === null || (said.later && said.only) ? null : identifier(said, said.family);
}

/** False: it has no place here. */
function take(word: string, said: Said): boolean {
  if (silent.has(word)) return true;
  if (orLater.has(word)) {
    said.later = true;
    return true;
  }
  if (word === 'only') {
    said.only = true;
    return true;
  }
  if (word === 'niv') {
    said.invariants = false;
    return true;
  }
  const family = families.get(word);
  if (family !== undefined) return takeFamily(family, abbreviated.test(word), said);
  const [, short, ownVersion, ownPlus] = abbreviated.exec(word) ?? [];
  const named = short === undefined ? undefined : families.get(short);
  if (named !== undefined) {
    return takeFamily(named, true, said) && takeVersion(ownVersion, ownPlus === '+', said);
  }
  const [, version, plus] = numbered.exec(word) ?? [];
  return version !== undefined && takeVersion(version, plus === '+', said);
}

/** "General public" stands in the long names of the others too; two that are named are two licences. */
function takeFamily(family: Family, named: boolean, said: Said): boolean {
  const other = said.family !== null && said.family !== family;
  if (other && (said.named || said.version !== null || said.family !== 'GPL')) return false;
  said.family = family;
  said.named ||= named;
  return true;
}

function takeVersion(version: string | undefined, plus: boolean, said: Said): boolean {
  if (plus) said.later = true;
  if (version === undefined) return true;
  const full = version.includes('.') ? version : `${version}.0`;
  if (said.version !== null && said.version !== full) return false;
  said.version = full;
  return true;
}

function identifier({ version, later, invariants }: Said, family: Family): string | null {
  const [lowest = ''] = versions[family];
  if (version !== null && !versions[family].includes(version)) return null;
  const middle = invariants ? '' : '-no-invariants';
  if (!invariants && (family !== 'GFDL' || version === null || version === '1.1')) return null;
  const any = version === null || later;
  return `${family}-${version ?? lowest}${middle}-${any ? 'or-later' : 'only'}`;
}

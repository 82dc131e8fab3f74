import type { PackageType } from '../core/inventory.ts';

/**
 * What a distribution's feed says by its silence of packages that the distribution itself built. `all`: it lists what it
 * has not fixed too, so that it would name a vulnerability of its package; `fixes`: it lists what it has fixed, and says
 * nothing of the rest.
 */
export type Silence = 'all' | 'fixes';

interface Word {
  readonly silence: Silence;
  readonly why: string;
}

/** By the name of the ecosystem, without release (docs/matching.md has the same table). */
export const words: ReadonlyMap<string, Word> = new Map<string, Word>([
  ['Debian', { silence: 'all', why: 'the tracker lists every CVE of every source package, fixed or not' }],
  ['Ubuntu', { silence: 'all', why: 'records of CVEs name the packages that need a fix and have none' }],
  ['Red Hat', { silence: 'fixes', why: 'a mirror may have the errata alone, which come with a fix' }],
  ['AlmaLinux', { silence: 'fixes', why: 'records are errata, which come with a fix' }],
  ['Rocky Linux', { silence: 'fixes', why: 'records are errata, which come with a fix' }],
  ['Alpine', { silence: 'fixes', why: 'the security database lists fixed versions alone' }],
  ['Wolfi', { silence: 'fixes', why: 'the security database lists fixed versions alone' }],
  ['Chainguard', { silence: 'fixes', why: 'the security database lists fixed versions alone' }],
  ['SUSE', { silence: 'fixes', why: 'records are errata, which come with a fix' }],
  ['openSUSE', { silence: 'fixes', why: 'records are errata, which come with a fix' }],
  ['Oracle Linux', { silence: 'fixes', why: 'records are errata, which come with a fix' }],
  ['Amazon Linux', { silence: 'fixes', why: 'records are errata, which come with a fix' }],
]);

/**
 * Their packages are copied into programs when those are built, and distributions file what is wrong with them under the
 * library's source, not under each program's (Debian 12 release notes, "Go- and Rust-based packages").
 */
const builtIn: ReadonlySet<string> = new Set(['golang', 'cargo']);

/** What Debian's policies for languages have packages called; others who make packages rarely keep to them. */
const customary: ReadonlyMap<string, RegExp> = new Map([
  ['pypi', /^python3?-/],
  ['maven', /^lib.+-java$/],
  ['npm', /^node-/],
  ['gem', /^ruby-/],
  ['composer', /^php-/],
]);

/** Whether a package of the system is named as the distribution names those of a language. */
export function isNamedFor(owner: string, type: PackageType): boolean {
  return customary.get(type)?.test(owner) === true;
}

/** What the silence of an ecosystem's feed says of a language's packages; of a feed that is not in the table, nothing. */
export function silenceOf(ecosystem: string, type: PackageType): Silence {
  if (builtIn.has(type)) return 'fixes';
  return words.get(ecosystem.split(':', 1)[0] ?? '')?.silence ?? 'fixes';
}

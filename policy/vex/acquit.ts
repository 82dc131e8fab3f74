import type { Digest } from '../../core/digest.ts';
import type { Finding } from '../../core/finding.ts';
import { canonicalHost } from '../../core/reference.ts';
import { cveIn, membersOf } from '../members.ts';
import { includesPurl, type Purl, parsePurl } from './purl.ts';
import type { VexImage, VexProduct, VexStatement } from './statement.ts';

/** Statements by the names of vulnerabilities. */
export type VexIndex = ReadonlyMap<string, readonly VexStatement[]>;

/** The image that findings are of, as far as it is known. */
export interface JudgedImage {
  /** null: not known, as of a folder. */
  readonly digest: Digest | null;
  /** Canonical names of every repository that holds it. */
  readonly repositories: readonly string[];
}

export function indexStatements(statements: readonly VexStatement[]): VexIndex {
  const index = new Map<string, VexStatement[]>();
  for (const statement of statements) {
    for (const name of statement.vulnerability) {
      const known = index.get(name);
      if (known === undefined) index.set(name, [statement]);
      else known.push(statement);
    }
  }
  return index;
}

/**
 * The statements by which a finding does no harm; null where it is not silenced. Of all that is said of a vulnerability
 * in a package of the image the latest word counts, whoever has said it, and of two at the same time the one that does
 * not silence. A record that bundles several CVEs is silenced while each of them is: one statement for each, the record's
 * own id standing for all.
 */
export function acquittalOf(
  indexes: readonly VexIndex[],
  finding: Pick<Finding, 'id' | 'aliases' | 'purl'>,
  image: JudgedImage,
): readonly VexStatement[] | null {
  const all = [finding.id, ...finding.aliases].map((name) => name.toUpperCase());
  if (!all.some((name) => indexes.some((index) => index.has(name)))) return null;
  const purl = purlOf(finding.purl);
  if (purl === null) return null;
  const latest = (names: readonly string[]): VexStatement | null =>
    latestOf(
      names
        .flatMap((name) => indexes.flatMap((index) => index.get(name) ?? []))
        .filter(({ products }) => products.some((product) => isAbout(product, purl, image))),
    );
  const members = membersOf(all);
  const own = all[0] ?? '';
  // A name beside the record's own may be that of one member alone.
  const whole = cveIn(own) === null ? [own] : [];
  const asked = members.size <= 1 ? [all] : [...members.values()].map((names) => [...names, ...whole]);
  const words = asked.map(latest);
  const silencing = words.filter((word) => word !== null && silences(word));
  return silencing.length === asked.length ? [...new Set(silencing)].filter((word) => word !== null) : null;
}

export function silences({ status }: Pick<VexStatement, 'status'>): boolean {
  return status === 'not_affected' || status === 'fixed';
}

function latestOf(statements: readonly VexStatement[]): VexStatement | null {
  return statements.reduce<VexStatement | null>((latest, one) => {
    if (latest === null || one.timestamp > latest.timestamp) return one;
    return one.timestamp === latest.timestamp && !silences(one) ? one : latest;
  }, null);
}

function isAbout(product: VexProduct, found: Purl, image: JudgedImage): boolean {
  if (product.kind === 'package') return includesPurl(product.purl, found);
  if (!isImage(product.image, image)) return false;
  return product.packages.length === 0 || product.packages.some((purl) => includesPurl(purl, found));
}

/** A repository's name has to be that of every repository which holds the image: it may hold others' as well. */
function isImage(said: VexImage, { digest, repositories }: JudgedImage): boolean {
  if ('digest' in said) return said.digest === digest;
  const name = canonical(said.repository);
  return repositories.length > 0 && repositories.every((repository) => repository === name);
}

function canonical(repository: string): string {
  const slash = repository.indexOf('/');
  const host = slash < 0 ? null : canonicalHost(repository.slice(0, slash));
  return host === null ? repository : `${host}${repository.slice(slash)}`;
}

/** The same findings are in many images. */
const purls = new Map<string, Purl | null>();
const mostPurls = 10_000;

function purlOf(text: string): Purl | null {
  const known = purls.get(text);
  if (known !== undefined) return known;
  const purl = parsePurl(text);
  if (purls.size >= mostPurls) purls.clear();
  purls.set(text, purl);
  return purl;
}

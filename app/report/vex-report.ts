import { oneLine, plural } from '../../policy/text.ts';
import { isoTime } from '../../policy/time.ts';
import type { PolicyVex, VexKey } from '../../policy/vex/policy-vex.ts';
import type { Purl } from '../../policy/vex/purl.ts';
import type { VexDocument, VexProduct, VexStatement } from '../../policy/vex/statement.ts';
import type { SeenVex } from '../recorded/vex-seen.ts';

/** Statements of one document that are shown; the rest is counted. */
const mostShown = 20;

/** What a policy says of VEX, for whoever wrote it to see what was understood. */
export function vexLines({ documents, statements, keys, referrers }: PolicyVex): readonly string[] {
  return [
    ...documents.flatMap((document) => ['', ...documentLines(document)]),
    ...(statements.length === 0 ? [] : ['', 'vex of its own:', ...shown(statements)]),
    '',
    ...(referrers
      ? ['vex that is attached to images counts where it is signed by', ...keys.map(keyLine)]
      : ['vex that is attached to images does not count']),
  ];
}

function documentLines({ source, format, id, author, statements, refused }: VexDocument): readonly string[] {
  return [
    `vex of ${oneLine(source, 200)} (${format}, ${oneLine(id, 200)} by ${oneLine(author, 100)}): ${plural(statements.length, 'statement')}`,
    ...shown(statements),
    ...refused.map((why) => `  NOT TAKEN  ${oneLine(why, 400)}`),
  ];
}

function shown(statements: readonly VexStatement[]): readonly string[] {
  const more = statements.length - mostShown;
  return [
    ...statements.slice(0, mostShown).map(statementLine),
    ...(more > 0 ? [`  and ${plural(more, 'statement')} more`] : []),
  ];
}

function statementLine(statement: VexStatement): string {
  const { vulnerability, products, status, justification, impact, author, timestamp } = statement;
  const [first, ...others] = products.map(productText);
  const what = others.length === 0 ? first : `${first} and ${plural(others.length, 'product')} more`;
  const why = [justification, impact].filter((part) => part !== null).join(': ');
  const said = `${vulnerability.join(', ')} in ${what}${why === '' ? '' : `: ${why}`}`;
  return `  ${status}  ${oneLine(said, 300)} (${oneLine(author, 100)}, ${isoTime(timestamp)})`;
}

function productText(product: VexProduct): string {
  if (product.kind === 'package') return purlText(product.purl);
  const { image, packages } = product;
  const name = 'digest' in image ? `the image ${image.digest}` : `images of ${image.repository}`;
  return packages.length === 0 ? `all of ${name}` : `${packages.map(purlText).join(', ')} of ${name}`;
}

function purlText({ type, namespace, name, version, qualifiers }: Purl): string {
  const path = [type, ...(namespace === '' ? [] : [namespace]), name].join('/');
  const only = qualifiers.map(([key, value]) => `${key}=${value}`).join('&');
  return `${path}${version === null ? '' : `@${version}`}${only === '' ? '' : `?${only}`}`;
}

function keyLine({ name, fingerprint, repositories }: VexKey): string {
  const where = repositories === null ? 'all images' : `images of ${repositories.join(', ')} alone`;
  return `  ${name} (sha256:${fingerprint.slice(0, 16)}...): ${oneLine(where, 300)}`;
}

/** What of VEX did not count for an image, and why. */
export function vexSeenLines(seen: SeenVex | null): readonly string[] {
  if (seen === null) return [];
  return [
    ...seen.documents.flatMap(({ source, refused }) => refused.map((why) => ({ where: source, why }))),
    ...seen.ignored,
  ].map(({ where, why }) => `  - vex not taken: ${oneLine(where, 300)}: ${oneLine(why, 400)}`);
}

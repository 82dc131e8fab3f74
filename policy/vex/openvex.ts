import { field } from '../problem.ts';
import { oneLine } from '../text.ts';
import { Collector, type SaidProduct, VexFault } from './collect.ts';
import { isMap, listAt, textAt, textsAt, textsIn } from './fields.ts';
import { type VexDocument, vexLimits } from './statement.ts';

/** What a document of OpenVEX may say of its own format. The first was used before 0.2.0. */
const contexts: ReadonlySet<string> = new Set([
  'https://openvex.dev/ns',
  'https://openvex.dev/ns/v0.0.1',
  'https://openvex.dev/ns/v0.2.0',
]);

export function isOpenVex(value: unknown): boolean {
  return textAt(value, '@context')?.startsWith('https://openvex.dev/ns') === true;
}

/**
 * OpenVEX (github.com/openvex/spec, 0.2.0 and what was before it).
 * @throws VexFault
 */
export function readOpenVex(value: unknown, source: string): VexDocument {
  const context = textAt(value, '@context') ?? '';
  if (!contexts.has(context)) {
    throw new VexFault(
      `its @context is "${oneLine(context, 100)}", and ${[...contexts].join(', ')} are read`,
    );
  }
  const [id, author] = [textAt(value, '@id'), textAt(value, 'author')];
  if (id === null) throw new VexFault('it has no @id');
  if (author === null) throw new VexFault('it has no author');
  const statements = field(value, 'statements');
  if (!Array.isArray(statements)) throw new VexFault('it has no list of statements');
  const collector = new Collector({
    source,
    format: 'OpenVEX',
    id: oneLine(id, vexLimits.text),
    author: oneLine(author, vexLimits.text),
  });
  const documentTime = textAt(value, 'last_updated') ?? textAt(value, 'timestamp');
  for (const [index, one] of statements.entries()) {
    // "Data Inheritance": what a statement does not say is as in its document.
    const timestamp = textAt(one, 'last_updated') ?? textAt(one, 'timestamp') ?? documentTime;
    collector.add(`statements[${index}]`, {
      vulnerability: vulnerabilityOf(field(one, 'vulnerability')),
      products: listAt(one, 'products').map((product) => productOf(product, listAt(one, 'subcomponents'))),
      status: textAt(one, 'status') ?? '',
      justification: textAt(one, 'justification'),
      impact: textAt(one, 'impact_statement'),
      timestamp,
    });
  }
  return collector.finished();
}

/** A text before 0.2.0. */
function vulnerabilityOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  const name = textAt(value, 'name') ?? textAt(value, '@id');
  return [...(name === null ? [] : [name]), ...textsAt(value, 'aliases')];
}

/** @param shared subcomponents of the statement, as before 0.2.0; they narrow what every product is */
function productOf(value: unknown, shared: readonly unknown[]): SaidProduct {
  const ids = idsOf(value);
  const parts = [...listAt(value, 'subcomponents'), ...shared];
  const isNarrowed = field(value, 'subcomponents') !== undefined || shared.length > 0;
  return { shown: oneLine(ids[0] ?? '', 200), ids, parts: isNarrowed ? parts.map(idsOf) : null };
}

/** Every name of a component: its id, identifiers, and a hash that is a digest. */
function idsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (!isMap(value)) return [];
  const id = textAt(value, '@id');
  const identifiers = textsIn(field(value, 'identifiers'));
  const sha256 = textAt(field(value, 'hashes'), 'sha-256');
  const all = [
    ...(id === null ? [] : [id]),
    ...identifiers,
    ...(sha256 === null ? [] : [`sha256:${sha256.toLowerCase()}`]),
  ];
  return [...new Set(all)];
}

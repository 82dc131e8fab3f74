import { field } from '../problem.ts';
import { oneLine } from '../text.ts';
import { Collector, type SaidProduct, VexFault } from './collect.ts';
import { readProductTree } from './csaf-products.ts';
import { listAt, textAt, textsAt } from './fields.ts';
import { type VexDocument, vexLimits } from './statement.ts';

/** Keys of `product_status` (CSAF 2.0, section 3.2.3.9) in the words of VEX; null: they say nothing of the kind. */
const statuses: ReadonlyMap<string, string | null> = new Map([
  ['known_not_affected', 'not_affected'],
  ['fixed', 'fixed'],
  ['first_fixed', 'fixed'],
  ['known_affected', 'affected'],
  ['first_affected', 'affected'],
  ['last_affected', 'affected'],
  ['under_investigation', 'under_investigation'],
  ['recommended', null],
]);

export function isCsaf(value: unknown): boolean {
  return textAt(field(value, 'document'), 'csaf_version') !== null;
}

/**
 * CSAF 2.0 with the profile VEX (docs.oasis-open.org/csaf, sections 3 and 4.5).
 * @throws VexFault
 */
export function readCsaf(value: unknown, source: string): VexDocument {
  const document = field(value, 'document');
  const version = textAt(document, 'csaf_version') ?? '';
  if (version !== '2.0') throw new VexFault(`it is of CSAF "${oneLine(version, 20)}", and 2.0 is read`);
  const category = textAt(document, 'category') ?? '';
  if (category !== 'csaf_vex') {
    throw new VexFault(`it is of the category "${oneLine(category, 60)}", and csaf_vex is read`);
  }
  const tracking = field(document, 'tracking');
  const id = textAt(tracking, 'id');
  const author = textAt(field(document, 'publisher'), 'name');
  const timestamp = textAt(tracking, 'current_release_date');
  if (id === null) throw new VexFault('it has no document.tracking.id');
  if (author === null) throw new VexFault('it has no document.publisher.name');
  const collector = new Collector({
    source,
    format: 'CSAF',
    id: oneLine(id, vexLimits.text),
    author: oneLine(author, vexLimits.text),
  });
  const tree = readProductTree(field(value, 'product_tree'));
  for (const [index, one] of listAt(value, 'vulnerabilities').entries()) {
    const where = `vulnerabilities[${index}]`;
    const names = [textAt(one, 'cve'), ...listAt(one, 'ids').map((other) => textAt(other, 'text'))];
    const vulnerability = names.filter((name) => name !== null);
    const reasons = reasonsOf(one, tree.groups);
    const status = field(one, 'product_status');
    for (const key of typeof status === 'object' && status !== null ? Object.keys(status) : []) {
      const meant = statuses.get(key);
      if (meant === null) continue;
      // Products of one status differ in why they are not affected, so each is a statement of its own.
      for (const product of new Set(textsAt(status, key))) {
        const reason = reasons.get(product);
        collector.add(`${where}.product_status.${oneLine(key, 40)} ${oneLine(product, 100)}`, {
          vulnerability,
          products: [tree.products.get(product) ?? unknownProduct(product)],
          status: meant ?? key,
          justification: reason?.flag ?? null,
          impact: reason?.impact ?? null,
          timestamp,
        });
      }
    }
  }
  return collector.finished();
}

function unknownProduct(id: string): SaidProduct {
  return { shown: oneLine(id, 200), ids: [], parts: null };
}

interface Reason {
  flag: string | null;
  impact: string | null;
}

/** Flags, and threats of the category impact, by the ids of products (section 4.5, "Profile 5: VEX"). */
function reasonsOf(
  vulnerability: unknown,
  groups: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, Reason> {
  const reasons = new Map<string, Reason>();
  const concerned = (one: unknown): ReadonlySet<string> =>
    new Set([
      ...textsAt(one, 'product_ids'),
      ...textsAt(one, 'group_ids').flatMap((group) => groups.get(group) ?? []),
    ]);
  const reasonOf = (product: string): Reason => {
    const known = reasons.get(product) ?? { flag: null, impact: null };
    reasons.set(product, known);
    return known;
  };
  for (const flag of listAt(vulnerability, 'flags')) {
    for (const product of concerned(flag)) reasonOf(product).flag ??= textAt(flag, 'label');
  }
  for (const threat of listAt(vulnerability, 'threats')) {
    if (textAt(threat, 'category') !== 'impact') continue;
    for (const product of concerned(threat)) reasonOf(product).impact ??= textAt(threat, 'details');
  }
  return reasons;
}

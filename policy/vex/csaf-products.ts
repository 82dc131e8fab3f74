import { field } from '../problem.ts';
import { oneLine } from '../text.ts';
import { type SaidProduct, VexFault } from './collect.ts';
import { listAt, textAt, textsAt } from './fields.ts';
import { vexLimits } from './statement.ts';

/** What a document's product tree tells of its products (CSAF 2.0, section 3.2.2). */
export interface ProductTree {
  readonly products: ReadonlyMap<string, SaidProduct>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

/** Relationships in which the one is a part of the other, as it is there (section 3.2.2.4). */
const partOf: ReadonlySet<string> = new Set([
  'default_component_of',
  'external_component_of',
  'installed_on',
  'installed_with',
  'optional_component_of',
]);

/** @throws VexFault where it is deeper or larger than the bounds */
export function readProductTree(tree: unknown): ProductTree {
  const products = new Map<string, SaidProduct>();
  const add = (product: unknown): void => {
    const id = textAt(product, 'product_id');
    if (id === null) return;
    if (products.size >= vexLimits.products)
      throw new VexFault(`it names more than ${vexLimits.products} products`);
    products.set(id, { shown: oneLine(id, 200), ids: idsOf(product), parts: null });
  };
  for (const product of listAt(tree, 'full_product_names')) add(product);
  addBranches(tree, add);
  for (const relationship of listAt(tree, 'relationships')) addRelationship(relationship, products);
  const groups = new Map<string, readonly string[]>();
  for (const group of listAt(tree, 'product_groups')) {
    const id = textAt(group, 'group_id');
    if (id !== null) groups.set(id, textsAt(group, 'product_ids'));
  }
  return { products, groups };
}

/** Level after level, not one call in the other: how deep they nest is the document's choice. */
function addBranches(tree: unknown, add: (product: unknown) => void): void {
  let level: readonly unknown[] = listAt(tree, 'branches');
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > vexLimits.depth)
      throw new VexFault(`its branches nest deeper than ${vexLimits.depth} levels`);
    for (const branch of level) add(field(branch, 'product'));
    level = level.flatMap((branch) => listAt(branch, 'branches'));
  }
}

/** What is a part of something that cannot be told, or in another relation to it, cannot be told itself. */
function addRelationship(relationship: unknown, products: Map<string, SaidProduct>): void {
  const id = textAt(field(relationship, 'full_product_name'), 'product_id');
  if (id === null) return;
  const part = products.get(textAt(relationship, 'product_reference') ?? '');
  const whole = products.get(textAt(relationship, 'relates_to_product_reference') ?? '');
  const isPart = partOf.has(textAt(relationship, 'category') ?? '');
  const isTold = isPart && part?.parts === null && whole?.parts === null;
  products.set(id, {
    shown: oneLine(id, 200),
    ids: isTold ? whole.ids : [],
    parts: isTold ? [part.ids] : null,
  });
}

/** Identifiers of a product: its purl, and hashes that are digests (section 3.1.3.3). */
function idsOf(product: unknown): readonly string[] {
  const helper = field(product, 'product_identification_helper');
  const purl = textAt(helper, 'purl');
  const digests = listAt(helper, 'hashes').flatMap((hash) =>
    listAt(hash, 'file_hashes').flatMap((one) => {
      const value = textAt(one, 'value');
      return textAt(one, 'algorithm') === 'sha256' && value !== null ? [`sha256:${value.toLowerCase()}`] : [];
    }),
  );
  return [...(purl === null ? [] : [purl]), ...digests];
}

import { z } from 'zod';
import { fieldOf, isObject } from '../osv/fields.ts';

/** CSAF 2.0 (OASIS Standard), as far as it decides here. */
const id = z.string().min(1).max(1024);
// The lists are most of a document: told at one look each, and not copied.
const ids = z.custom<readonly string[]>(isListOfTexts, 'it is no list of texts').default([]);
const word = z.string().max(200_000);

const product = z.object({
  product_id: id,
  name: z.string().max(1024).default(''),
  product_identification_helper: z
    .object({ cpe: z.string().max(1024).optional(), purl: z.string().max(4096).optional() })
    .nullish(),
});

const statuses = z.object({
  fixed: ids,
  known_affected: ids,
  known_not_affected: ids,
  under_investigation: ids,
});

const vulnerability = z.object({
  cve: z.string().regex(/^CVE-\d{4}-\d{4,10}$/),
  title: word.optional(),
  release_date: z.string().max(64).optional(),
  product_status: statuses.prefault({}),
  remediations: z.array(z.object({ category: id, details: word.default(''), product_ids: ids })).default([]),
  threats: z.array(z.object({ category: id, details: word.default(''), product_ids: ids })).default([]),
  scores: z
    .array(z.object({ cvss_v3: z.object({ vectorString: id }).optional(), products: ids }))
    .default([]),
});

export const csafDocument = z.object({
  document: z.object({
    title: word.optional(),
    aggregate_severity: z.object({ text: word }).optional(),
    tracking: z.object({
      id,
      status: z.string().max(100).optional(),
      current_release_date: z.string().max(64).optional(),
    }),
  }),
  product_tree: z
    .object({
      // Trees, so they are walked and not described (see `productsOf`).
      branches: z.array(z.unknown()).default([]),
      full_product_names: z.array(product).default([]),
      relationships: z
        .custom<readonly CsafRelationship[]>(
          (value) => Array.isArray(value) && value.every(isRelationship),
          'it is no list of relationships',
        )
        .default([]),
    })
    .prefault({}),
  vulnerabilities: z.array(vulnerability).default([]),
});

export interface CsafRelationship {
  readonly full_product_name: { readonly product_id: string };
  readonly product_reference: string;
  readonly relates_to_product_reference: string;
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isRelationship(value: unknown): boolean {
  if (!isObject(value)) return false;
  const whole = fieldOf(value, 'full_product_name');
  return (
    isObject(whole) &&
    typeof fieldOf(whole, 'product_id') === 'string' &&
    typeof fieldOf(value, 'product_reference') === 'string' &&
    typeof fieldOf(value, 'relates_to_product_reference') === 'string'
  );
}

const branch = z.object({ branches: z.array(z.unknown()).default([]), product: product.optional() });

export type CsafDocument = z.output<typeof csafDocument>;
export type CsafVulnerability = z.output<typeof vulnerability>;
export type CsafProduct = z.output<typeof product>;

/** Red Hat's trees are four deep. */
const deepest = 32;

/**
 * Every product of the tree by its id.
 * @throws z.ZodError, RangeError
 */
export function productsOf(tree: CsafDocument['product_tree']): ReadonlyMap<string, CsafProduct> {
  const products = new Map(tree.full_product_names.map((one) => [one.product_id, one]));
  let level = tree.branches;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) throw new RangeError(`its products are nested more than ${deepest} deep`);
    const below: unknown[] = [];
    for (const value of level) {
      const one = branch.parse(value);
      if (one.product !== undefined) products.set(one.product.product_id, one.product);
      for (const child of one.branches) below.push(child);
    }
    level = below;
  }
  return products;
}

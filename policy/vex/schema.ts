import { z } from 'zod';
import { vexJustifications, vexStatuses } from '../../core/vex.ts';
import { idShape, imagePattern, list, many, map, oneOf, text, trueOrFalse } from '../shapes.ts';
import { parseInstant } from '../time.ts';
import { identified, isImage } from './product.ts';

/** What a policy file says of VEX. As everywhere in it, an error's message is what may stand there. */

const packageText = 'a package-url such as pkg:deb/debian/openssl';
const productText = `${packageText}, or an image's digest, or pkg:oci/name@sha256:...`;
const part = z
  .string({ error: packageText })
  .refine((id) => isKnown(id) && !isImageId(id), { error: packageText });
const whole = z.string({ error: productText }).refine(isKnown, { error: productText });
const imageText = 'the digest of an image, or pkg:oci/name@sha256:..., where packages in it are named';
const product = z.union(
  [
    whole,
    map({
      id: z.string({ error: imageText }).refine(isImageId, { error: imageText }),
      subcomponents: list(part, 1000, 'package-urls'),
    }),
  ],
  { error: `${productText}, or a map of id, subcomponents` },
);

const instantText = 'a day such as 2026-12-31, or a time with its zone such as 2026-12-31T18:00:00Z';
const statement = map({
  vulnerability: text(200, 'an id'),
  aliases: many(text(200, 'an id'), 100).optional(),
  products: list(product, 1000, 'products'),
  status: oneOf(vexStatuses),
  justification: oneOf(vexJustifications).optional(),
  impact_statement: text(1000).optional(),
  author: text(200),
  timestamp: z
    .string({ error: instantText })
    .refine((value) => parseInstant(value) !== null, { error: instantText }),
}).refine(
  ({ status, justification, impact_statement: impact }) =>
    status !== 'not_affected' || justification !== undefined || impact !== undefined,
  { error: 'a justification or an impact_statement where the status is not_affected' },
);

const key = map({
  name: idShape,
  publicKey: text(20_000, 'a public key in PEM, or the path of a file with one,'),
  repositories: list(imagePattern, 1000, 'repositories').optional(),
});

export const vex = map({
  files: many(text(300, 'the path of a VEX document'), 100).default([]),
  statements: many(statement, 1000).default([]),
  keys: many(key, 50).default([]),
  referrers: trueOrFalse.default(false),
});

export type VexFile = z.output<typeof vex>;

function isKnown(id: string): boolean {
  return identified(id) !== null;
}

function isImageId(id: string): boolean {
  const thing = identified(id);
  return thing !== null && isImage(thing);
}

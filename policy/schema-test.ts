import { z } from 'zod';
import { checkIds } from '../core/check.ts';
import { packageTypes } from '../core/inventory.ts';
import { severities } from '../core/severity.ts';
import { kinds, statuses } from './schema-rule.ts';
import { many, map, oneOf, text, trueOrFalse } from './shapes.ts';
import { parseInstant } from './time.ts';

/** The shape of a policy's own tests. What a test does not say is as in an image with nothing wrong. */

const instantText = 'a day such as 2026-12-31, or a time with its zone such as 2026-12-31T18:00:00Z';
const instant = z
  .string({ error: instantText })
  .refine((value) => parseInstant(value) !== null, { error: instantText });
const nothing = z.null({ error: 'null' });
const orNothing = <T extends z.ZodType>(shape: T, what: string) =>
  z.union([shape, nothing], { error: `${what}, or null` });
const number = z.number({ error: 'a number' });

const finding = map({
  id: text(200, 'an id'),
  aliases: many(text(200, 'an id'), 100).optional(),
  kind: oneOf(kinds).optional(),
  package: text(300, 'a name').optional(),
  source: text(300, 'a name').optional(),
  ecosystem: oneOf(packageTypes).optional(),
  version: text(300, 'a version').optional(),
  severity: oneOf(severities).optional(),
  cvss: number.optional(),
  epss: number.optional(),
  status: oneOf(statuses).optional(),
  fixedVersion: text(300, 'a version').optional(),
  knownExploited: orNothing(trueOrFalse, 'true or false').optional(),
  published: instant.optional(),
  fixedSince: instant.optional(),
});

const onePackage = map({
  name: text(300, 'a name'),
  version: text(300, 'a version').optional(),
  source: text(300, 'a name').optional(),
  ecosystem: oneOf(packageTypes).optional(),
  licences: many(text(300, 'a licence'), 100).optional(),
});

const image = map({
  names: many(text(300, 'a repository'), 100).optional(),
  os: orNothing(map({ id: text(100), version: text(100) }), 'a map of id, version').optional(),
  created: orNothing(instant, instantText).optional(),
  user: text(100, 'a name').optional(),
  labels: z.record(z.string(), z.string(), { error: 'a map of texts' }).optional(),
  exposedPorts: many(text(20, 'a port such as 22/tcp'), 100).optional(),
  healthcheck: trueOrFalse.optional(),
  facts: nothing.optional(),
  checks: many(oneOf(checkIds), checkIds.length).optional(),
  endOfLife: instant.optional(),
  scannedAt: instant.optional(),
  covered: trueOrFalse.optional(),
  advisories: instant.optional(),
  incomplete: many(text(500), 100).optional(),
  unfit: many(text(500), 100).optional(),
  content: oneOf(['image', 'artifact']).optional(),
});

export const policyTest = map({
  name: text(200, 'a name'),
  at: instant,
  image: image.optional(),
  findings: many(finding, 1000).optional(),
  packages: many(onePackage, 1000).optional(),
  expect: map({
    status: oneOf(['pass', 'warn', 'fail', 'error']),
    rules: many(text(63, 'an id of a rule'), 200).optional(),
  }),
});

export type PolicyTestFile = z.output<typeof policyTest>;

import { z } from 'zod';
import { gateNames } from '../core/context.ts';
import { duration, rule } from './schema-rule.ts';
import { policyTest } from './schema-test.ts';
import { formatVersion, imagePattern, list, many, map, oneOf, text } from './shapes.ts';
import { listOf } from './text.ts';
import { parseExpiry } from './time.ts';
import { vex } from './vex/schema.ts';

/**
 * The shape of a policy file. Every schema's error message is the text after "allowed" in a problem: what may
 * stand there, never what was found (problems.ts adds that).
 */

const requirement = oneOf(['error', 'warn', 'ignore']).default('error');
const require = map({
  coverage: requirement,
  completeInventory: requirement,
  recognisedOs: requirement,
  packages: requirement,
  advisories: map({
    maxAge: duration.default('7d'),
    action: requirement,
  }).prefault({}),
});

const expiryText = 'a day such as 2026-12-31, or a time with its zone such as 2026-12-31T18:00:00Z';
const exception = map({
  advisory: text(200, 'an id or alias'),
  package: text(300, 'a name').optional(),
  image: imagePattern.optional(),
  scope: map({
    policies: list(text(100, 'a name'), 100, 'names of policies').optional(),
    gates: list(oneOf(gateNames), gateNames.length, `of ${listOf(gateNames)}`).optional(),
    clusters: list(text(100, 'a name'), 100, 'names of clusters').optional(),
    namespaces: list(text(100, 'a pattern'), 100, 'namespaces, * for any characters').optional(),
  }).optional(),
  reason: text(1000),
  author: text(200),
  ticket: text(200).optional(),
  expires: z
    .string({ error: expiryText })
    .refine((value) => parseExpiry(value) !== null, { error: expiryText }),
});

export const policySchema = map(
  {
    version: formatVersion,
    name: text(100, 'a name'),
    rules: many(rule, 200),
    require: require.prefault({}),
    artifacts: oneOf(['deny', 'allow']).default('deny'),
    exceptions: many(exception, 5000).default([]),
    vex: vex.optional(),
    tests: many(policyTest, 1000).default([]),
  },
  'a map',
);

export type PolicyFile = z.output<typeof policySchema>;

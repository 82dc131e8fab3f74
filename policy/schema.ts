import { z } from 'zod';
import { packageTypes } from '../core/inventory.ts';
import { idShape, imagePattern, list, many, map, oneOf, onlyTrue, text, trueOrFalse } from './shapes.ts';
import { listOf } from './text.ts';
import { parseDuration, parseExpiry } from './time.ts';

/**
 * The shape of a policy file. Every schema's error message is the text after "allowed" in a problem: what may
 * stand there, never what was found (problems.ts adds that).
 */

export const knownSeverities = ['critical', 'high', 'medium', 'low', 'negligible'] as const;
export const kinds = ['vulnerability', 'malware', 'bugfix'] as const;

const when = map({
  severity: map({ atLeast: oneOf(knownSeverities), unknown: trueOrFalse }).optional(),
  fixAvailable: trueOrFalse.optional(),
  knownExploited: onlyTrue.optional(),
  kind: list(oneOf(kinds), 3, `of ${listOf(kinds)}`).optional(),
  package: list(text(300, 'a name'), 1000, 'package names').optional(),
  ecosystem: list(oneOf(packageTypes), packageTypes.length, `of ${listOf(packageTypes)}`).optional(),
  any: onlyTrue.optional(),
});

const rule = map({
  id: idShape,
  title: text(200).optional(),
  action: oneOf(['deny', 'warn']),
  when,
  remedy: text(500).optional(),
});

const requirement = oneOf(['error', 'warn', 'ignore']).default('error');
const ageText = 'a number and m, h, d or w, such as 7d';
const defaultAge = '7d';
const require = map({
  coverage: requirement,
  completeInventory: requirement,
  recognisedOs: requirement,
  packages: requirement,
  advisories: map({
    maxAge: z
      .string({ error: ageText })
      .refine((value) => parseDuration(value) !== null, { error: ageText })
      .default(defaultAge),
    action: requirement,
  }).prefault({}),
});

const expiryText = 'a day such as 2026-12-31, or a time with its zone such as 2026-12-31T18:00:00Z';
const exception = map({
  advisory: text(200, 'an id or alias'),
  package: text(300, 'a name').optional(),
  image: imagePattern.optional(),
  reason: text(1000),
  author: text(200),
  expires: z
    .string({ error: expiryText })
    .refine((value) => parseExpiry(value) !== null, { error: expiryText }),
});

export const policySchema = map(
  {
    version: z.literal(1, { error: '1' }),
    name: text(100, 'a name'),
    rules: many(rule, 200),
    require: require.prefault({}),
    artifacts: oneOf(['deny', 'allow']).default('deny'),
    exceptions: many(exception, 5000).default([]),
  },
  'a map',
);

export type PolicyFile = z.output<typeof policySchema>;

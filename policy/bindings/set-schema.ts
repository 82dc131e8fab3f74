import { z } from 'zod';
import { gateNames, modes } from '../../core/context.ts';
import { severities } from '../../core/severity.ts';
import { formatVersion, idShape, imagePattern, list, many, map, oneOf, text } from '../shapes.ts';
import { parseDuration } from '../time.ts';

/** The shape of a policy set's file. As in policy files, an error's message is what may stand there. */

const names = (what: string) => list(text(300, 'a name, or a pattern with *,'), 1000, what).optional();
const accountText = 'namespace/name, in which * stands for any characters';
const labelText = 'a value, or "*" for any';
const labelsText = 'a map of 1 to 100 labels with their values';
const labels = z
  .record(z.string().min(1).max(317), z.string({ error: labelText }).max(253, { error: labelText }), {
    error: labelsText,
  })
  .refine((value) => Object.keys(value).length > 0 && Object.keys(value).length <= 100, { error: labelsText })
  .optional();

const who = {
  gates: list(oneOf(gateNames), gateNames.length, 'gates').optional(),
  clusters: names('names of clusters'),
  namespaces: names('names of namespaces'),
  namespaceLabels: labels,
  workloadLabels: labels,
  serviceAccounts: list(
    z.string({ error: accountText }).regex(/^[^/\s]{1,253}\/[^/\s]{1,253}$/, { error: accountText }),
    1000,
    'service accounts',
  ).optional(),
  users: names('names of users'),
  groups: names('names of groups'),
};
const selector = {
  ...who,
  upstreams: names('names of upstreams'),
  images: list(imagePattern, 1000, 'repositories').optional(),
};

const countText = 'a whole number from 1 to 1000000';
const count = z.int({ error: countText }).min(1, { error: countText }).max(1_000_000, { error: countText });

const contextRule = map({
  id: idShape,
  title: text(200).optional(),
  why: text(1000).optional(),
  remedy: text(500).optional(),
  action: oneOf(['deny', 'warn']),
  when: map({
    status: list(oneOf(['pass', 'warn', 'fail', 'error']), 4, 'of pass, warn, fail or error').optional(),
    rules: list(text(100, 'the id of a rule'), 200, 'ids of rules').optional(),
    counts: map(
      Object.fromEntries(severities.map((severity) => [severity, count.optional()])),
      'a map',
    ).optional(),
    fixableAtLeast: count.optional(),
    where: map(who).optional(),
  }).refine((when) => Object.keys(when).length > 0, {
    error: 'at least one of status, rules, counts, fixableAtLeast, where',
  }),
});

const ageText = 'a number and m, h, d or w';
const denyOrAllow = oneOf(['deny', 'allow']).default('deny');

const binding = map({
  id: idShape,
  ...selector,
  policy: text(100, 'the name of a policy'),
  mode: oneOf(modes).default('enforce'),
  unknownImage: denyOrAllow,
  unknownRegistry: denyOrAllow,
  maxAge: z
    .string({ error: ageText })
    .refine((value) => parseDuration(value) !== null, { error: ageText })
    .optional(),
  context: many(contextRule, 100).default([]),
});

const beforeScan = map({ id: idShape, ...selector, action: oneOf(['refuse', 'pass']), reason: text(500) });

export const policySetSchema = map({
  version: formatVersion,
  name: text(100, 'a name'),
  policies: many(text(300, 'the path of a policy file'), 100).default([]),
  bindings: many(binding, 500).default([]),
  beforeScan: many(beforeScan, 500).default([]),
});

export type PolicySetFile = z.output<typeof policySetSchema>;
/** What a selector may say; a context rule's `where` leaves out images and upstreams. */
export type SelectorFile = Partial<Pick<PolicySetFile['beforeScan'][number], keyof typeof selector>>;

import { z } from 'zod';
import { checkIds } from '../core/check.ts';
import { packageTypes } from '../core/inventory.ts';
import { controls } from './controls/index.ts';
import { idShape, list, map, oneOf, onlyTrue, text, trueOrFalse } from './shapes.ts';
import { suggestion } from './suggest.ts';
import { listOf } from './text.ts';
import { parseDuration } from './time.ts';

/** The shape of a rule. What no schema of a single value can say is in cross-checks.ts. */

export const knownSeverities = ['critical', 'high', 'medium', 'low', 'negligible'] as const;
export const kinds = ['vulnerability', 'malware', 'bugfix'] as const;
export const statuses = ['affected', 'fixed', 'will_not_fix', 'under_investigation', 'undetermined'] as const;
/** What a rule can be about; each rule has one of them. */
export const subjectKeys = ['when', 'packages', 'checks', 'image', 'expression'] as const;

const durationText = 'a number and m, h, d or w, such as 7d';
export const duration = z
  .string({ error: durationText })
  .refine((value) => parseDuration(value) !== null, { error: durationText });

const number = (least: number, most: number) => {
  const error = `a number from ${least} to ${most}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
};
const threshold = (most: number) => map({ atLeast: number(0, most), unknown: trueOrFalse });
const expression = text(4000, 'a CEL expression');
const patterns = (what: string) => list(text(300, 'a pattern'), 1000, what);
const ecosystems = list(oneOf(packageTypes), packageTypes.length, `of ${listOf(packageTypes)}`);

export const when = map({
  severity: map({ atLeast: oneOf(knownSeverities), unknown: trueOrFalse }).optional(),
  cvss: threshold(10).optional(),
  epss: threshold(1).optional(),
  fixAvailable: trueOrFalse.optional(),
  fixAvailableFor: duration.optional(),
  publishedFor: duration.optional(),
  knownExploited: onlyTrue.optional(),
  kind: list(oneOf(kinds), kinds.length, `of ${listOf(kinds)}`).optional(),
  status: list(oneOf(statuses), statuses.length, `of ${listOf(statuses)}`).optional(),
  package: list(text(300, 'a name'), 1000, 'package names').optional(),
  ecosystem: ecosystems.optional(),
  expression: expression.optional(),
  any: onlyTrue.optional(),
});

export const packages = map({
  name: patterns('names of packages, * for any characters').optional(),
  ecosystem: ecosystems.optional(),
  licence: patterns('licences such as GPL-3.0*, or unknown').optional(),
  version: patterns('versions, * for any characters').optional(),
  expression: expression.optional(),
});

const endOfLifeText = 'true, or a map of within';
export const image = map({
  endOfLife: z.union([z.literal(true), map({ within: duration })], { error: endOfLifeText }).optional(),
  olderThan: duration.optional(),
  scanOlderThan: duration.optional(),
  label: map({
    name: text(300, 'a name'),
    value: text(300, 'a pattern').optional(),
    absent: onlyTrue.optional(),
  }).optional(),
  os: patterns('systems such as debian or debian:12').optional(),
  user: list(text(100, 'a name or number'), 100, 'users').optional(),
});

const durationOrNoneText = `${durationText}, or none`;
const durationOrNone = z
  .string({ error: durationOrNoneText })
  .refine((value) => value === 'none' || parseDuration(value) !== null, { error: durationOrNoneText });
const grace = z.union([duration, map({ period: duration, knownExploited: durationOrNone.optional() })], {
  error: `${durationText}, or a map of period, knownExploited`,
});

const control = z.string({ error: 'the id of a control' }).superRefine((id, context) => {
  if (controls.has(id)) return;
  const ids = [...controls.keys()];
  const sameGuide = ids.filter((known) => known.split('/')[0] === id.split('/')[0]);
  const meant = suggestion(id, ids);
  const allowed =
    sameGuide.length > 0 ? sameGuide : [...new Set(ids.map((known) => `${known.split('/')[0]}/...`))];
  const near = meant !== null && !allowed.includes(meant) ? [meant] : [];
  context.addIssue({ code: 'custom', message: [...near, ...allowed].join(', ') });
});

export const rule = map({
  id: idShape,
  title: text(200).optional(),
  why: text(1000).optional(),
  remedy: text(500).optional(),
  action: oneOf(['deny', 'warn', 'info']),
  controls: list(control, 50, 'ids of controls').optional(),
  when: when.optional(),
  count: map({ atLeast: number(1, 100_000) }).optional(),
  grace: grace.optional(),
  packages: packages.optional(),
  checks: list(oneOf(checkIds), checkIds.length, `of ${listOf(checkIds)}`).optional(),
  image: image.optional(),
  expression: expression.optional(),
});

export type RuleFile = z.output<typeof rule>;

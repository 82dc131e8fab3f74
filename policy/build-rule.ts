import type {
  Condition,
  Duration,
  Grace,
  ImageCondition,
  PackageCondition,
  Rule,
  RuleHead,
} from './policy.ts';
import type { RuleFile } from './schema-rule.ts';
import { parseDuration, surely } from './time.ts';

/** A rule of what the schema and the cross-checks have checked. */
export function buildRule(rule: RuleFile): Rule {
  const head: RuleHead = {
    id: rule.id,
    title: rule.title ?? rule.id,
    why: rule.why ?? null,
    remedy: rule.remedy ?? null,
    action: rule.action,
    controls: rule.controls ?? [],
  };
  if (rule.packages !== undefined)
    return { ...head, subject: 'packages', packages: packageCondition(rule.packages) };
  if (rule.checks !== undefined) return { ...head, subject: 'checks', checks: rule.checks };
  if (rule.image !== undefined) return { ...head, subject: 'image', image: imageCondition(rule.image) };
  if (rule.expression !== undefined) return { ...head, subject: 'expression', expression: rule.expression };
  const when = condition(surely(rule.when ?? null));
  return { ...head, subject: 'findings', when, count: rule.count?.atLeast ?? 1, grace: grace(rule.grace) };
}

function condition(when: NonNullable<RuleFile['when']>): Condition {
  return {
    severity: when.severity ?? null,
    cvss: when.cvss ?? null,
    epss: when.epss ?? null,
    fixAvailable: when.fixAvailable ?? null,
    fixAvailableFor: duration(when.fixAvailableFor),
    publishedFor: duration(when.publishedFor),
    knownExploited: when.knownExploited ?? false,
    kinds: when.kind ?? ['vulnerability', 'malware'],
    statuses: when.status ?? null,
    packages: when.package ?? null,
    ecosystems: when.ecosystem ?? null,
    expression: when.expression ?? null,
  };
}

function packageCondition(packages: NonNullable<RuleFile['packages']>): PackageCondition {
  return {
    names: packages.name ?? null,
    ecosystems: packages.ecosystem ?? null,
    licences: packages.licence ?? null,
    versions: packages.version ?? null,
    expression: packages.expression ?? null,
  };
}

function imageCondition({ endOfLife, label, ...image }: NonNullable<RuleFile['image']>): ImageCondition {
  const now: Duration = { text: 'now', milliseconds: 0 };
  return {
    endOfLifeWithin: endOfLife === undefined ? null : endOfLife === true ? now : duration(endOfLife.within),
    olderThan: duration(image.olderThan),
    scanOlderThan: duration(image.scanOlderThan),
    label: label === undefined ? null : { name: label.name, value: label.value ?? null },
    os: image.os ?? null,
    user: image.user ?? null,
  };
}

function grace(given: RuleFile['grace']): Grace | null {
  if (given === undefined) return null;
  if (typeof given === 'string') return { period: surely(duration(given)), knownExploited: null };
  const exploited = given.knownExploited === 'none' ? undefined : given.knownExploited;
  return { period: surely(duration(given.period)), knownExploited: duration(exploited) };
}

function duration(text: string | undefined): Duration | null {
  return text === undefined ? null : { text, milliseconds: surely(parseDuration(text)) };
}

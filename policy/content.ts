import { displayId } from '../core/finding.ts';
import { type Severity, severities } from '../core/severity.ts';
import type {
  Blocker,
  FinalStatus,
  RuleOutcome,
  Suppressed,
  Verdict,
  VerdictSummary,
} from '../core/verdict.ts';
import type { Judgement } from './judgement.ts';
import type { Policy, Rule } from './policy.ts';
import type { Unmet } from './requirements.ts';
import { endedSentence, findingSentence } from './sentences.ts';
import type { Subject } from './subject.ts';
import { oneLine, plural } from './text.ts';

const mostReasons = 50;
const mostWorst = 10;

/** The part of a verdict that a judgement decides. */
export interface Content {
  readonly status: FinalStatus;
  readonly rules: readonly RuleOutcome[];
  readonly reasons: readonly string[];
  readonly summary: VerdictSummary;
  readonly suppressed: readonly Suppressed[];
  readonly blockers: Verdict['blockers'];
}

export function describe(judgement: Judgement, policy: Policy): Content {
  const reasons = reasonsOf(judgement, policy);
  const more = reasons.length - mostReasons;
  return {
    status: judgement.status,
    rules: outcomesOf(judgement, policy),
    reasons: more > 0 ? [...reasons.slice(0, mostReasons), `and ${more} more`] : reasons,
    summary: summaryOf(judgement.live),
    blockers: blockersOf(judgement),
    suppressed: judgement.suppressed.map(([{ finding }, exception]) => ({
      id: finding.id,
      exception: exception.id,
      ticket: exception.ticket,
      package: finding.package,
      by: exception.author,
      reason: exception.reason,
      expires: exception.expires,
    })),
  };
}

type Field = 'denies' | 'undecided' | 'warns';
const noCatalogue = 'no known-exploited catalogue was imported; import one with "pratique advisories update"';

function reasonsOf({ live, ended, unmet }: Judgement, policy: Policy): readonly string[] {
  const demanded = (action: Unmet['action']) =>
    unmet.filter((one) => one.action === action).flatMap((one) => one.reasons);
  const caught = (field: 'denies' | 'warns') =>
    live
      // What is denied needs no warning as well.
      .filter((subject) => subject[field].length > 0 && (field === 'denies' || subject.denies.length === 0))
      .map((subject) => {
        const titles = subject[field].map((rule) => rule.title).join('; ');
        return oneLine(`${findingSentence(subject.finding)}: ${titles}`, 600);
      });
  const undecided = policy.rules.flatMap((rule) => {
    const open = live.filter((subject) => subject.undecided.includes(rule));
    if (open.length === 0) return [];
    const names = [...new Set(open.map((subject) => oneLine(displayId(subject.finding), 80)))];
    const more = names.length > 3 ? ', ...' : '';
    return `whether ${rule.id} denies ${plural(open.length, 'finding')} (${names.slice(0, 3).join(', ')}${more}) cannot be told: ${noCatalogue}`;
  });
  return [
    ...demanded('deny'),
    ...caught('denies'),
    ...undecided,
    ...demanded('error'),
    ...demanded('warn'),
    ...caught('warns'),
    ...[...ended].map(endedSentence),
  ];
}

function outcomesOf({ live, unmet }: Judgement, policy: Policy): readonly RuleOutcome[] {
  const demanded = (action: Unmet['action']) =>
    unmet
      .filter((one) => one.action === action)
      .map(
        ({ id, title, remedy }): RuleOutcome => ({
          id,
          action,
          title,
          why: null,
          remedy,
          controls: [],
          graceUntil: null,
          findings: 0,
        }),
      );
  const caught = (field: Field, action: RuleOutcome['action'], remedy: (rule: Rule) => string | null) =>
    policy.rules.flatMap((rule): readonly RuleOutcome[] => {
      const findings = live.filter((subject) => subject[field].includes(rule)).length;
      return findings === 0
        ? []
        : [
            {
              id: rule.id,
              action,
              title: rule.title,
              why: null,
              remedy: remedy(rule),
              controls: [],
              graceUntil: null,
              findings,
            },
          ];
    });
  return [
    ...demanded('deny'),
    ...caught('denies', 'deny', (rule) => rule.remedy),
    ...caught('undecided', 'error', () => 'Import a known-exploited catalogue: pratique advisories update.'),
    ...demanded('error'),
    ...demanded('warn'),
    ...caught('warns', 'warn', (rule) => rule.remedy),
  ];
}

const mostBlockers = 200;

function blockersOf({ live, unmet }: Judgement): Verdict['blockers'] {
  const list: Blocker[] = unmet
    .filter((one) => one.action !== 'warn')
    .map((one) => ({ rule: one.id, finding: null }));
  for (const { finding, denies, undecided } of live) {
    const { id, aliases, package: name, source } = finding;
    for (const rule of [...denies, ...undecided]) {
      list.push({ rule: rule.id, finding: { id, aliases, package: name, source } });
    }
    if (list.length > mostBlockers) break;
  }
  return { complete: list.length <= mostBlockers, list: list.slice(0, mostBlockers) };
}

/** Bug fixes are told by rules that name them, and counted nowhere: they are no danger. */
function summaryOf(live: readonly Subject[]): VerdictSummary {
  const findings = live.map((subject) => subject.finding).filter((finding) => finding.kind !== 'bugfix');
  const counts: Record<Severity, number> = {
    critical: 0,
    high: 0,
    medium: 0,
    low: 0,
    negligible: 0,
    unknown: 0,
  };
  for (const severity of severities) {
    counts[severity] = findings.filter((finding) => finding.severity === severity).length;
  }
  return {
    counts,
    fixable: findings.filter((finding) => finding.fixedVersion !== null).length,
    worst: findings.slice(0, mostWorst).map((finding) => ({
      id: finding.id,
      aliases: finding.aliases,
      package: finding.package,
      version: finding.version,
      severity: finding.severity,
      fixedVersion: finding.fixedVersion,
      kev: finding.kev,
      status: finding.status,
    })),
  };
}

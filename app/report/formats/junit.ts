import { displayId } from '../../../core/finding.ts';
import { formatPlatform } from '../../../core/platform.ts';
import type { Blocker, RuleOutcome } from '../../../core/verdict.ts';
import { oneLine } from '../../../policy/text.ts';
import type { Unscanned } from '../scan-report.ts';
import type { ScanResult } from '../scan-result.ts';

/** A test of the XML that Jenkins, GitLab and others show; told by JUnit's Ant task first. */
interface TestCase {
  readonly group: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failure' | 'error' | 'skipped';
  /** One line. */
  readonly message: string;
  readonly text: string;
}

interface Suite {
  readonly name: string;
  /** ISO 8601. */
  readonly at: string;
  readonly cases: readonly TestCase[];
  readonly properties: readonly (readonly [name: string, value: string])[];
}

const longestMessage = 500;

/** A suite for each platform, a test for the verdict, for each rule that had a say, and for each finding that denies. */
export function junitXml(results: readonly ScanResult[]): string {
  return documentOf(results.map(suiteOf));
}

export function unscannedJunit({ reference, rule }: Unscanned, at: string): string {
  const outcome = rule.action === 'pass' ? 'skipped' : 'failure';
  const message = `not inspected: ${oneLine(rule.reason, longestMessage)}`;
  const cases: TestCase[] = [{ group: 'beforeScan', name: rule.id, outcome, message, text: '' }];
  return documentOf([{ name: reference, at, cases, properties: [] }]);
}

function suiteOf(result: ScanResult): Suite {
  const { reference, inventory, match, verdict, clearance } = result;
  const platform = inventory.platform === null ? '' : ` ${formatPlatform(inventory.platform)}`;
  const { allowed, status } = clearance;
  const cases: TestCase[] = [
    {
      group: 'pratique',
      name: 'verdict',
      outcome: allowed ? 'passed' : status === 'fail' ? 'failure' : 'error',
      message: `verdict: ${status}`,
      text: clearance.reasons.join('\n'),
    },
    ...verdict.rules.map((rule) => ruleCase(rule, allowed)),
    ...findingCases(result),
    ...verdict.suppressed.map(
      ({ id, name, package: on, by, reason }): TestCase => ({
        group: 'suppressed',
        name: `${name ?? id} ${on}`,
        outcome: 'skipped',
        message: `${by}: ${oneLine(reason, longestMessage)}`,
        text: '',
      }),
    ),
  ];
  return {
    name: `${reference}${platform}`,
    at: verdict.evaluatedAt,
    cases,
    properties: [
      ['digest', result.digest ?? ''],
      ['policy', verdict.policy],
      ['advisories', match.advisories.revision],
      ['packages', String(inventory.packages.length)],
      ['findings', String(match.findings.length)],
      ['incomplete', inventory.incomplete.map(({ what, why }) => `${what}: ${why}`).join('; ')],
    ].filter((pair): pair is [string, string] => pair[1] !== ''),
  };
}

const outcomes: Readonly<Record<RuleOutcome['action'], TestCase['outcome']>> = {
  deny: 'failure',
  error: 'error',
  warn: 'passed',
  info: 'passed',
};

/** What a binding lets through all the same fails nothing. */
function ruleCase({ id, action, title, why, remedy, findings }: RuleOutcome, allowed: boolean): TestCase {
  const outcome = outcomes[action];
  const parts = [title, why, remedy === null ? null : `What to do: ${remedy}`];
  return {
    group: 'rules',
    name: id,
    outcome: allowed && outcome !== 'passed' ? 'skipped' : outcome,
    message: `${action}: ${oneLine(title, longestMessage)}${findings === 0 ? '' : ` (${findings} findings)`}`,
    text: parts.filter((part) => part !== null).join('\n'),
  };
}

function findingCases({ match, verdict, clearance }: ScanResult): readonly TestCase[] {
  const { list, complete } = verdict.blockers;
  const key = (id: string, on: string): string => `${id}\n${on}`;
  const known = new Map(match.findings.map((finding) => [key(finding.id, finding.package), finding]));
  const cases = list.flatMap(({ rule, finding: blocker }: Blocker): TestCase[] => {
    const finding = blocker === null ? undefined : known.get(key(blocker.id, blocker.package));
    if (finding === undefined) return [];
    const fix =
      finding.fixedVersion === null ? 'no fixed version is known' : `fixed in ${finding.fixedVersion}`;
    return [
      {
        group: rule,
        name: `${displayId(finding)} ${finding.package} ${finding.version}`,
        outcome: clearance.allowed ? 'skipped' : 'failure',
        message: `${finding.severity} in ${finding.package} ${finding.version}, ${fix}`,
        text: [finding.summary, finding.url].filter((text) => text !== '').join('\n'),
      },
    ];
  });
  if (complete) return cases;
  const message = `only the first ${list.length} of what denies are listed`;
  return [...cases, { group: 'pratique', name: 'more findings', outcome: 'skipped', message, text: '' }];
}

function documentOf(suites: readonly Suite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="pratique scan" ${counts(all)}>`,
    ...suites.map(suiteXml),
    '</testsuites>',
  ].join('\n');
}

function suiteXml({ name, at, cases, properties }: Suite): string {
  return [
    `<testsuite name=${attribute(name)} ${counts(cases)} timestamp=${attribute(at.slice(0, 19))}>`,
    '<properties>',
    ...properties.map(([key, value]) => `<property name=${attribute(key)} value=${attribute(value)}/>`),
    '</properties>',
    ...cases.map((one) => caseXml(name, one)),
    '</testsuite>',
  ].join('\n');
}

function caseXml(suite: string, { group, name, outcome, message, text }: TestCase): string {
  const head = `<testcase classname=${attribute(`${suite}.${group}`)} name=${attribute(name)} time="0"`;
  if (outcome === 'passed')
    return text === '' ? `${head}/>` : `${head}><system-out>${escaped(text)}</system-out></testcase>`;
  if (outcome === 'skipped') return `${head}><skipped message=${attribute(message)}/></testcase>`;
  return `${head}><${outcome} message=${attribute(message)} type=${attribute(group)}>${escaped(text)}</${outcome}></testcase>`;
}

function counts(cases: readonly TestCase[]): string {
  const of = (outcome: TestCase['outcome']): number => cases.filter((one) => one.outcome === outcome).length;
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}" time="0"`;
}

function attribute(text: string): string {
  return `"${escaped(text).replaceAll(/[\t\n\r]/g, ' ')}"`;
}

/** What XML cannot hold (XML 1.0, 2.2, "Char") is shown as the sign for what cannot be shown. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

import type { Check } from '../../../core/check.ts';
import { displayId, type Finding } from '../../../core/finding.ts';
import type { Package } from '../../../core/inventory.ts';
import { formatPlatform } from '../../../core/platform.ts';
import type { Suppressed } from '../../../core/verdict.ts';
import { oneLine } from '../../../policy/text.ts';
import type { Unscanned } from '../scan-report.ts';
import type { ScanResult } from '../scan-result.ts';
import { fingerprint, lastingName, pathUri } from './place.ts';
import { checkRule, findingRule, levelOf, messageText, type SarifRule, takeRule } from './sarif-rules.ts';

/** GitHub's code scanning takes no more results of one run ("SARIF support for code scanning", limits). */
export const mostResults = 25_000;
const longestMessage = 1000;

interface Program {
  readonly name: string;
  readonly version: string;
}

/** A log of SARIF 2.1.0 with a run for each platform that was scanned. */
export function sarifLog(results: readonly ScanResult[], scanner: Program): object {
  return log(results.map((result) => runOf(result, scanner)));
}

/** What a rule has decided before anything was inspected: a run that found nothing, and says that it did not look. */
export function unscannedSarif({ reference, rule, scanner }: Unscanned): object {
  const text = `not inspected: ${rule.reason} (beforeScan rule ${rule.id})`;
  return log([
    {
      tool: driver(scanner, []),
      automationDetails: { id: `pratique/${lastingName(reference)}/` },
      invocations: [
        { executionSuccessful: false, toolExecutionNotifications: [notification('warning', text)] },
      ],
      results: [],
    },
  ]);
}

function log(runs: readonly object[]): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs,
  };
}

function driver({ name, version }: Program, rules: readonly SarifRule[]): object {
  return { driver: { name, version, semanticVersion: version, rules } };
}

function notification(level: 'error' | 'warning' | 'note', text: string): object {
  return { level, message: { text: messageText(oneLine(text, longestMessage)) } };
}

function runOf(result: ScanResult, scanner: Program): object {
  const { reference, inventory, match, verdict, clearance } = result;
  const rules = new Map<string, SarifRule>();
  const tellers = [
    ...match.findings.map((finding) => {
      const id = takeRule(rules, findingRule(finding));
      return (): object[] => findingResults(result, finding, id);
    }),
    ...inventory.checks.map((check) => {
      const id = takeRule(rules, checkRule(check));
      return (): object[] => [checkResult(result, check, id)];
    }),
  ];
  const order = new Map([...rules.keys()].map((id, at) => [id, at]));
  const results: object[] = [];
  for (const tell of tellers) {
    if (results.length < mostResults) results.push(...tell());
  }
  const all = distinct(results.slice(0, mostResults), order);
  const gaps = [
    ...inventory.unfit,
    ...inventory.incomplete.map(({ what, why }) => `not read: ${what}: ${why}`),
  ];
  const uncovered = match.coverage
    .filter(({ covered }) => !covered)
    .map(({ ecosystem }) => `no advisories speak of ${ecosystem}`);
  const platform = inventory.platform === null ? '' : formatPlatform(inventory.platform);
  return {
    tool: driver(scanner, [...rules.values()]),
    automationDetails: { id: `pratique/${lastingName(reference)}/${platform}/` },
    invocations: [
      {
        executionSuccessful: gaps.length === 0,
        endTimeUtc: verdict.evaluatedAt,
        toolExecutionNotifications: [
          ...gaps.slice(0, 100).map((text) => notification('error', text)),
          ...uncovered.slice(0, 100).map((text) => notification('warning', text)),
          ...(tellers.length > mostResults
            ? [notification('warning', `only ${mostResults} results are told`)]
            : []),
          ...clearance.reasons.slice(0, 50).map((text) => notification('note', text)),
        ],
      },
    ],
    columnKind: 'utf16CodeUnits',
    results: all,
    properties: {
      image: reference,
      digest: result.digest,
      platform: platform === '' ? null : platform,
      verdict: { status: clearance.status, allowed: clearance.allowed, policy: verdict.policy },
      advisories: match.advisories,
    },
  };
}

interface SarifResult {
  readonly ruleId: string;
  readonly partialFingerprints: { readonly primaryLocationLineHash: string };
}

/** Results that would be taken for the same one get a number each; and rules are referred to by their place. */
function distinct(results: readonly object[], order: ReadonlyMap<string, number>): object[] {
  const seen = new Map<string, number>();
  return results.map((one) => {
    const { ruleId, partialFingerprints } = one as SarifResult;
    const hash = partialFingerprints.primaryLocationLineHash;
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    return {
      ...one,
      ruleIndex: order.get(ruleId) ?? -1,
      partialFingerprints: { primaryLocationLineHash: `${hash}:${count}` },
    };
  });
}

/** One for the package that has it, with all places at which it lies. */
function findingResults(result: ScanResult, finding: Finding, ruleId: string): object[] {
  const { reference, inventory, verdict } = result;
  const places = packagesOf(inventory.packages, finding);
  const paths = places.flatMap(({ paths: own }) => own);
  const layers = new Set(places.map(({ layer }) => layer).filter((layer) => layer !== null));
  const suppressed = verdict.suppressed.find(
    (one) => one.id === finding.id && one.package === finding.package,
  );
  const fix =
    finding.fixedVersion === null ? 'no fixed version is known' : `fixed in ${finding.fixedVersion}`;
  const text = `${finding.package} ${finding.version} has ${displayId(finding)} (${finding.severity}), ${fix}. ${finding.summary}`;
  return [
    {
      ruleId,
      level: levelOf(finding),
      message: { text: messageText(oneLine(text, longestMessage)) },
      locations: [location(paths[0] ?? lastingName(reference), finding.purl, [...layers])],
      ...(paths.length > 1
        ? { relatedLocations: paths.slice(1, 20).map((path) => location(path, finding.purl, [])) }
        : {}),
      partialFingerprints: {
        primaryLocationLineHash: fingerprint(
          lastingName(reference),
          ruleId,
          finding.packageType,
          finding.package,
          paths[0] ?? '',
        ),
      },
      ...(suppressed === undefined ? {} : { suppressions: [suppressionOf(suppressed)] }),
      properties: {
        id: finding.id,
        status: finding.status,
        fixedVersion: finding.fixedVersion,
        knownExploited: finding.kev,
        epss: finding.epss,
      },
    },
  ];
}

/** Those of one inventory by what findings call them; made once for each. */
const byPurl = new WeakMap<readonly Package[], Map<string, Package[]>>();

function packagesOf(packages: readonly Package[], { purl }: Finding): readonly Package[] {
  let known = byPurl.get(packages);
  if (known === undefined) {
    known = new Map();
    for (const one of packages) {
      const others = known.get(one.purl);
      if (others === undefined) known.set(one.purl, [one]);
      else others.push(one);
    }
    byPurl.set(packages, known);
  }
  return known.get(purl) ?? [];
}

function checkResult(
  { reference }: ScanResult,
  { detail, path, line, layer }: Check,
  ruleId: string,
): object {
  return {
    ruleId,
    level: 'warning',
    message: { text: messageText(oneLine(detail, longestMessage)) },
    locations: [location(path ?? lastingName(reference), null, layer === undefined ? [] : [layer], line)],
    partialFingerprints: {
      primaryLocationLineHash: fingerprint(
        lastingName(reference),
        ruleId,
        path ?? '',
        path === undefined ? detail : '',
      ),
    },
  };
}

function location(path: string, purl: string | null, layers: readonly string[], line = 1): object {
  const logical = [
    ...(purl === null ? [] : [{ fullyQualifiedName: purl, kind: 'package' }]),
    ...layers.map((layer) => ({ fullyQualifiedName: layer, kind: 'layer' })),
  ];
  return {
    physicalLocation: {
      artifactLocation: { uri: pathUri(path) || 'image' },
      region: { startLine: line, startColumn: 1, endLine: line, endColumn: 1 },
    },
    ...(logical.length === 0 ? {} : { logicalLocations: logical }),
  };
}

function suppressionOf({ by, reason }: Suppressed): object {
  return { kind: 'external', status: 'accepted', justification: oneLine(`${by}: ${reason}`, 500) };
}

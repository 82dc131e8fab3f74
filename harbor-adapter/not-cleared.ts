import type { ReportKind } from '../core/ports/scan-jobs.ts';
import type { Scanned } from '../core/ports/scans.ts';
import type { RuleOutcome } from '../core/verdict.ts';
import type { VulnerabilityItem } from './vulnerability.ts';
import { shorten } from './vulnerability.ts';

/**
 * What becomes of an image that nobody can judge: no advisories for its release, something in it that could not
 * be read, no package recognised.
 * `fail`: the scan fails in Harbor with the reason. Harbor shows that, and where a project prevents vulnerable
 * images it refuses to hand out an image whose scan failed. An empty report would read "No vulnerability".
 * `report`: the report has an entry of severity `Critical` for each demand that is not met, so that what was found
 * is seen too, and Harbor's allow-list can let an image pass by the entry's id.
 */
export type UnclearedRule = 'fail' | 'report';

const longestMessage = 2000;

/**
 * Demands on the image as a whole without which nobody can judge it. Rules that caught findings are none: these
 * findings are in the list. Demands that the policy only warns or informs about let the image pass, in Harbor too.
 */
export function unmetDemands({ verdict }: Pick<Scanned, 'verdict'>): readonly RuleOutcome[] {
  return verdict.rules.filter(
    (rule) => rule.findings === 0 && (rule.action === 'error' || (rule.action === 'deny' && isDemand(rule))),
  );
}

/** Why nobody can say what vulnerabilities the image has; null where that can be said. */
export function whyNotCleared(scanned: Scanned): string | null {
  const unmet = unmetDemands(scanned);
  if (unmet.length === 0 && scanned.verdict.status !== 'error') return null;
  // Undecided findings alone: all of them are in the list.
  if (unmet.length === 0 && scanned.verdict.rules.some((rule) => rule.action === 'error')) return null;
  const remedies = [...new Set(unmet.map((rule) => rule.remedy).filter((remedy) => remedy !== null))];
  const reasons = scanned.verdict.reasons.join('; ');
  return shorten(`Not cleared by Pratique: ${reasons}. ${remedies.join(' ')}`.trim(), longestMessage);
}

/**
 * Why a job gets no report of a kind; null where it gets one. An SBOM tells by itself what is missing in it, so
 * only what makes all of it doubtful stands in its way.
 */
export function whyNoReport(scanned: Scanned, kind: ReportKind, uncleared: UnclearedRule): string | null {
  const { content, unfit } = scanned.inventory;
  if (content === 'artifact') {
    return 'This is no container image (a chart, a signature or an SBOM): there is nothing to scan.';
  }
  if (kind === 'vulnerabilities') return uncleared === 'fail' ? whyNotCleared(scanned) : null;
  return unfit.length === 0
    ? null
    : shorten(`What is in the image cannot be told: ${unfit.join('; ')}`, longestMessage);
}

/**
 * Entries that stand for what is said of the image as a whole: demands that are not met, and rules that deny it without
 * any finding (one that runs as root, a release without support). No real vulnerability has such an id.
 */
export function notClearedItems(scanned: Scanned): readonly VulnerabilityItem[] {
  return [...unjudgedItems(scanned), ...refusedItems(scanned)];
}

/** What a policy demands under `require`, not one of its rules. */
function isDemand({ id }: RuleOutcome): boolean {
  return id.startsWith('require.');
}

function refusedItems({ verdict }: Scanned): readonly VulnerabilityItem[] {
  return verdict.rules
    .filter((rule) => rule.findings === 0 && rule.action === 'deny' && !isDemand(rule))
    .map(({ id, title, why, remedy }) =>
      itemOf(
        `PRATIQUE-REFUSED-${idPart(id)}`,
        `This is no vulnerability: the policy refuses the image. ${title}. ${why ?? ''} ${remedy ?? ''}`,
      ),
    );
}

function unjudgedItems(scanned: Scanned): readonly VulnerabilityItem[] {
  if (whyNotCleared(scanned) === null) return [];
  const unmet = unmetDemands(scanned);
  const rules = unmet.length > 0 ? unmet.map(({ id, title, remedy }) => ({ id, title, remedy })) : [unnamed];
  return rules.map(({ id, title, remedy }) =>
    itemOf(
      `PRATIQUE-NOT-CLEARED-${idPart(id)}`,
      `This is no vulnerability: the image could not be judged. Not met: ${title}. ${scanned.verdict.reasons.join('; ')}. ${remedy ?? ''}`,
    ),
  );
}

function idPart(rule: string): string {
  return rule
    .replace(/^require\./, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .toUpperCase();
}

function itemOf(id: string, description: string): VulnerabilityItem {
  return {
    id,
    package: 'image',
    version: '-',
    fix_version: '',
    severity: 'Critical',
    status: 'undetermined',
    description: shorten(description.replace(/ {2,}/g, ' ').trim(), longestMessage),
    links: [],
    cwe_ids: [],
    vendor_attributes: {
      advisories: [],
      aliases: [],
      kind: 'not-cleared',
      purls: [],
      known_exploited: null,
      epss: null,
    },
  };
}

const unnamed = { id: 'unjudged', title: 'it can be judged', remedy: null };

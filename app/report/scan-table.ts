import { checkGuides } from '../../core/check.ts';
import { displayId, type Finding } from '../../core/finding.ts';
import type { Inventory } from '../../core/inventory.ts';
import { formatPlatform } from '../../core/platform.ts';
import { severities } from '../../core/severity.ts';
import type { Suppressed } from '../../core/verdict.ts';
import { oneLine, plural } from '../../policy/text.ts';
import { comparisonText } from './comparison-report.ts';
import { layersOf } from './scan-layers.ts';
import type { ScanResult } from './scan-result.ts';
import { upgradesOf } from './scan-upgrades.ts';
import { formatTable } from './table.ts';
import { saidText } from './verdict-text.ts';
import { vexSeenLines } from './vex-report.ts';

export interface TableOptions {
  /** All lines, however many. */
  readonly all: boolean;
  /** A table of the layers too. */
  readonly byLayer: boolean;
}

/** Findings, upgrades and gaps that are shown unless all are asked for. */
const mostFindings = 50;
const mostUpgrades = 10;
const mostGaps = 20;

/** For a person: findings worst first with the fix beside them, what ends several at once, then what decides. */
export function scanTable(result: ScanResult, options: TableOptions): string {
  const { match, verdict, clearance } = result;
  const silenced = silencedBy(verdict.suppressed);
  // What nobody has to do anything about stands last.
  const open = match.findings.filter((finding) => silenced(finding) === null);
  const quiet = match.findings.filter((finding) => silenced(finding) !== null);
  return [
    ...head(result, open, quiet),
    ...section(findingLines([...open, ...quiet], silenced, options)),
    ...section(upgradeLines(open, options)),
    ...section(checkLines(result, options)),
    ...section(options.byLayer ? layerLines(result) : []),
    ...section(gapLines(result, options)),
    '',
    saidText(clearance, verdict, 'ci'),
    ...vexSeenLines(result.vex),
    ...section(result.comparison === null ? [] : [comparisonText(result.comparison)]),
  ].join('\n');
}

function section(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

function head(
  { reference, digest, inventory }: ScanResult,
  open: readonly Finding[],
  quiet: readonly Finding[],
): readonly string[] {
  const os = systemText(inventory);
  const platform = inventory.platform === null ? [] : [oneLine(formatPlatform(inventory.platform), 60)];
  return [
    [oneLine(reference, 600), ...platform, ...(digest === null ? [] : [digest])].join(' '),
    `${os}, ${plural(inventory.packages.length, 'package')}, ${plural(open.length, 'finding')}${countsText(open)}${
      quiet.length === 0 ? '' : `, ${quiet.length} silenced`
    }`,
  ];
}

function systemText({ os, bare }: Inventory): string {
  if (os !== null) return oneLine(os.name, 100);
  return bare === true ? 'no operating system in it' : 'no operating system recognised';
}

function findingLines(
  findings: readonly Finding[],
  silenced: (finding: Finding) => string | null,
  { all }: TableOptions,
): readonly string[] {
  if (findings.length === 0) return [];
  const shown = all ? findings : findings.slice(0, mostFindings);
  const rows = shown.map((finding) => [
    finding.severity,
    displayId(finding),
    finding.package,
    finding.version,
    fixText(finding),
    [finding.kev === true ? 'known exploited' : null, silenced(finding)]
      .filter((remark) => remark !== null)
      .join(', '),
  ]);
  const table = formatTable(['SEVERITY', 'ID', 'PACKAGE', 'INSTALLED', 'FIXED IN', 'REMARKS'], rows);
  const left = findings.slice(shown.length);
  if (left.length === 0) return [table];
  return [table, `and ${plural(left.length, 'finding')} more${countsText(left)}: --all shows them`];
}

function upgradeLines(open: readonly Finding[], { all }: TableOptions): readonly string[] {
  const upgrades = upgradesOf(open);
  if (upgrades.length === 0) return [];
  const shown = all ? upgrades : upgrades.slice(0, mostUpgrades);
  const rows = shown.map(({ source, packages, from, to, fixes, worst }) => [
    source,
    from,
    to,
    String(fixes),
    worst,
    packages.length === 1 && packages[0] === source ? '' : packages.join(', '),
  ]);
  const table = formatTable(['UPGRADE', 'FROM', 'TO', 'FIXES', 'WORST', 'PACKAGES'], rows);
  const left = upgrades.length - shown.length;
  return left === 0 ? [table] : [table, `and ${plural(left, 'upgrade')} more: --all shows them`];
}

function checkLines({ inventory: { checks } }: ScanResult, { all }: TableOptions): readonly string[] {
  const shown = all ? checks : checks.slice(0, mostFindings);
  const left = checks.length - shown.length;
  const found = [...new Set(shown.map(({ id }) => id))];
  return [
    ...found.flatMap((id) => [
      `check ${id}: ${checkGuides[id].reason}`,
      ...shown.filter((one) => one.id === id).map(({ detail }) => `  - ${oneLine(detail, 300)}`),
      `  What to do: ${checkGuides[id].remedy}`,
    ]),
    ...(left === 0 ? [] : [`and ${plural(left, 'finding')} of checks more: --all shows them`]),
  ];
}

function layerLines(result: ScanResult): readonly string[] {
  const layers = layersOf(result);
  if (layers.length === 0) return ['it has no layers that could be told apart'];
  const rows = layers.map(({ digest, step, packages, findings, worst }, at) => [
    String(at + 1),
    digest.slice(digest.indexOf(':') + 1).slice(0, 12),
    String(packages),
    String(findings),
    worst ?? '',
    step ?? '',
  ]);
  return [formatTable(['LAYER', 'DIGEST', 'PACKAGES', 'FINDINGS', 'WORST', 'STEP'], rows)];
}

function gapLines({ match, inventory, notTold }: ScanResult, { all }: TableOptions): readonly string[] {
  const lines = [
    ...match.coverage
      .filter((entry) => !entry.covered)
      .map(
        (entry) =>
          `not covered by any advisories: ${oneLine(entry.ecosystem, 100)} (${plural(entry.packages, 'package')})`,
      ),
    ...inventory.incomplete.map(({ what, why }) => `not read: ${oneLine(what, 200)}: ${oneLine(why, 300)}`),
    ...notTold.map((sentence) => oneLine(sentence, 300)),
  ];
  if (all || lines.length <= mostGaps) return lines;
  return [...lines.slice(0, mostGaps), `and ${lines.length - mostGaps} more of these: --all shows them`];
}

/** What has been said of a finding that is not held against the image; null: nothing. */
function silencedBy(suppressed: readonly Suppressed[]): (finding: Finding) => string | null {
  const key = (id: string, on: string): string => `${id}\n${on}`;
  const known = new Map<string, Suppressed>();
  for (const one of suppressed) {
    const its = key(one.id, one.package);
    if (!known.has(its)) known.set(its, one);
  }
  return (finding) => {
    const by = known.get(key(finding.id, finding.package));
    if (by === undefined) return null;
    return by.vex === undefined ? 'let through' : 'silenced by VEX';
  };
}

function fixText(finding: Finding): string {
  if (finding.status === 'undetermined') return `perhaps ${finding.fixedVersion ?? 'none yet'}`;
  return finding.fixedVersion ?? 'no fix yet';
}

function countsText(findings: readonly Finding[]): string {
  const parts = severities.flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number === 0 ? [] : [`${number} ${severity}`];
  });
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

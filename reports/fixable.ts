import { displayId, type Finding } from '../core/finding.ts';
import { compareSeverity, type Severity } from '../core/severity.ts';
import type { Ask } from './ask.ts';
import { Gaps } from './gaps.ts';
import type { Cell, Found } from './report.ts';
import { readRunning } from './running.ts';
import { eachImage, matchOf, timeIsOver } from './source.ts';
import { compareText, nameOf } from './standing.ts';
import { few } from './worst.ts';

const columns = [
  { key: 'package', title: 'PACKAGE' },
  { key: 'type', title: 'TYPE' },
  { key: 'fixedVersion', title: 'FIXED IN' },
  { key: 'installed', title: 'INSTALLED' },
  { key: 'images', title: 'IMAGES' },
  { key: 'running', title: 'RUNNING' },
  { key: 'severity', title: 'WORST' },
  { key: 'knownExploited', title: 'KNOWN EXPLOITED' },
  { key: 'advisories', title: 'ADVISORIES' },
  { key: 'where', title: 'IN' },
];
const mostListed = 5;
/** Remembered of each list, so that one package cannot fill the memory. */
const mostRemembered = 50;
/** Packages with their fixes that are counted at once. */
const mostFixes = 50_000;

interface Fix {
  readonly package: string;
  readonly type: string;
  readonly fixedVersion: string;
  readonly installed: Set<string>;
  readonly advisories: Set<string>;
  readonly names: Set<string>;
  images: number;
  running: number;
  severity: Severity;
  kev: boolean | null;
}

/** What a new version repairs: one row for each package and fixed version, those of most images first. */
export async function fixableReport({ reading, options, now }: Ask): Promise<Found> {
  const running = await readRunning(reading.source, now, options.namespace);
  const fixes = new Map<string, Fix>();
  const gaps = new Gaps();
  let full = false;
  const whole = await eachImage(reading, options.policy, async (image) => {
    if (running.leavesOut(image.digest)) return;
    const match = await matchOf(reading.source, image);
    if (match === null) gaps.unrecorded(image);
    const touched = new Set<Fix>();
    for (const finding of match?.findings ?? []) {
      if (finding.fixedVersion === null || finding.kind === 'bugfix') continue;
      const fix = fixOf(fixes, finding, finding.fixedVersion);
      if (fix === null) full = true;
      else {
        addFinding(fix, finding);
        touched.add(fix);
      }
    }
    for (const fix of touched) {
      fix.images += 1;
      if (running.has(image.digest)) fix.running += 1;
      remember(fix.names, nameOf(image));
    }
  });
  const sorted = [...fixes.values()].sort(
    (a, b) =>
      b.images - a.images ||
      b.running - a.running ||
      compareSeverity(a.severity, b.severity) ||
      compareText(a.package, b.package) ||
      compareText(a.fixedVersion, b.fixedVersion),
  );
  return {
    columns,
    rows: sorted.slice(options.offset, options.offset + options.limit).map(rowOf),
    total: sorted.length,
    incomplete: [
      ...(whole ? [] : [timeIsOver]),
      ...(full ? [`more than ${mostFixes} fixes: the others are not counted`] : []),
      ...gaps.incomplete,
    ],
    notes: [
      'a package may need the highest of its fixed versions: each row tells what that one repairs',
      running.note,
    ],
  };
}

/** null: there is no room for another one. */
function fixOf(fixes: Map<string, Fix>, finding: Finding, fixedVersion: string): Fix | null {
  const key = JSON.stringify([finding.packageType, finding.package, fixedVersion]);
  const known = fixes.get(key);
  if (known !== undefined) return known;
  if (fixes.size >= mostFixes) return null;
  const made: Fix = {
    package: finding.package,
    type: finding.packageType,
    fixedVersion,
    installed: new Set(),
    advisories: new Set(),
    names: new Set(),
    images: 0,
    running: 0,
    severity: finding.severity,
    kev: finding.kev,
  };
  fixes.set(key, made);
  return made;
}

function addFinding(fix: Fix, finding: Finding): void {
  remember(fix.installed, finding.version);
  remember(fix.advisories, displayId(finding));
  if (compareSeverity(finding.severity, fix.severity) < 0) fix.severity = finding.severity;
  if (finding.kev !== null) fix.kev = fix.kev === true || finding.kev;
}

function remember(texts: Set<string>, text: string): void {
  if (texts.size < mostRemembered) texts.add(text);
}

function rowOf(fix: Fix): Cell[] {
  const list = (texts: Set<string>): readonly string[] => {
    const all = [...texts].sort();
    const listed = few(all, mostListed);
    return all.length < mostRemembered ? listed : [...listed.slice(0, mostListed), 'and more'];
  };
  return [
    fix.package,
    fix.type,
    fix.fixedVersion,
    list(fix.installed),
    fix.images,
    fix.running,
    fix.severity,
    fix.kev,
    list(fix.advisories),
    list(fix.names),
  ];
}

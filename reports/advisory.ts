import { PratiqueError } from '../core/errors.ts';
import { displayId, type Finding, type MatchResult } from '../core/finding.ts';
import type { Suppressed, VerdictSummary } from '../core/verdict.ts';
import { vexSources } from '../core/vex.ts';
import type { Ask } from './ask.ts';
import { Gaps } from './gaps.ts';
import type { Cell, Found } from './report.ts';
import { type Running, readRunning } from './running.ts';
import { eachImage, type JudgedImage, matchOf, timeIsOver } from './source.ts';
import { compareStatus, compareText, nameOf, statusTexts, worstOf } from './standing.ts';
import { few, Worst } from './worst.ts';

const columns = [
  { key: 'status', title: 'STATUS' },
  { key: 'image', title: 'IMAGE' },
  { key: 'package', title: 'PACKAGE' },
  { key: 'version', title: 'VERSION' },
  { key: 'fixedVersion', title: 'FIXED IN' },
  { key: 'severity', title: 'SEVERITY' },
  { key: 'finding', title: 'FINDING' },
  { key: 'findingStatus', title: 'STATE' },
  { key: 'runningIn', title: 'RUNNING IN' },
  { key: 'verdicts', title: 'VERDICTS' },
  { key: 'exceptions', title: 'EXCEPTIONS' },
  { key: 'digest', title: 'DIGEST' },
];
const mostExceptions = 5;

type Told = Pick<Finding, 'id' | 'aliases' | 'package' | 'version' | 'severity' | 'fixedVersion' | 'status'>;
interface Hit {
  readonly image: JudgedImage;
  readonly finding: Told;
}

/**
 * Who has an advisory, by any of its names: one row for each image and package.
 * @throws PratiqueError `usage-invalid` where none is named
 */
export async function advisoryReport({ reading, options, now }: Ask): Promise<Found> {
  const asked = options.advisory?.toUpperCase();
  if (asked === undefined)
    throw new PratiqueError('usage-invalid', 'the report needs an advisory: CVE-2026-1234, GHSA-…, DSA-…');
  const running = await readRunning(reading.source, now, options.namespace);
  const hits = new Worst<Hit>(
    options.offset + options.limit,
    (a, b) =>
      Number(running.has(b.image.digest)) - Number(running.has(a.image.digest)) ||
      compareStatus(worstOf(a.image.verdicts), worstOf(b.image.verdicts)) ||
      compareText(nameOf(a.image), nameOf(b.image)) ||
      compareText(a.image.digest, b.image.digest) ||
      compareText(a.finding.package, b.finding.package),
  );
  const gaps = new Gaps();
  let [seen, having] = [0, 0];
  const whole = await eachImage(reading, options.policy, async (image) => {
    if (running.leavesOut(image.digest)) return;
    seen += 1;
    const match = await matchOf(reading.source, image);
    if (match === null) gaps.unrecorded(image);
    gaps.lookAt(image);
    const found = findingsOf(image, match).filter((finding) => isNamed(finding, asked));
    if (found.length > 0) having += 1;
    for (const finding of found) hits.add({ image, finding });
  });
  return {
    columns,
    rows: hits.list(options.offset).map((hit) => rowOf(hit, running, asked)),
    total: hits.total,
    incomplete: [...(whole ? [] : [timeIsOver]), ...gaps.incomplete],
    notes: [`${having} of ${seen} images ${having === 1 ? 'has' : 'have'} ${asked}`, running.note],
  };
}

/** Of what is recorded; else of what the verdicts themselves name. */
function findingsOf(image: JudgedImage, match: MatchResult | null): readonly Told[] {
  if (match !== null) return match.findings;
  const named = new Map<string, VerdictSummary['worst'][number]>();
  for (const { verdict } of image.verdicts) {
    for (const one of verdict.summary.worst) named.set(`${one.id} ${one.package}`, one);
  }
  return [...named.values()];
}

function isNamed({ id, aliases }: Pick<Finding, 'id' | 'aliases'>, asked: string): boolean {
  return id.toUpperCase() === asked || aliases.some((alias) => alias.toUpperCase() === asked);
}

function rowOf({ image, finding }: Hit, running: Running, asked: string): Cell[] {
  const suppressed = image.verdicts.flatMap(({ policy, verdict }) =>
    verdict.suppressed
      .filter((one) => isSuppressed(one, finding, asked))
      .map((one) => exceptionText(policy, one)),
  );
  return [
    worstOf(image.verdicts),
    nameOf(image),
    finding.package,
    finding.version,
    finding.fixedVersion,
    finding.severity,
    displayId(finding),
    finding.status,
    running.places(image.digest),
    statusTexts(image.verdicts),
    few([...new Set(suppressed)], mostExceptions),
    image.digest,
  ];
}

function isSuppressed(one: Suppressed, finding: Told, asked: string): boolean {
  if (one.package !== finding.package) return false;
  return one.id === finding.id || finding.aliases.includes(one.id) || one.id.toUpperCase() === asked;
}

function exceptionText(policy: string, { exception, expires, by, reason, vex }: Suppressed): string {
  if (vex !== undefined) return `vex (${policy}): ${reason} (${vexSources(vex)})`;
  return `${exception ?? policy} until ${expires} by ${by}: ${reason}`;
}

import type { Finding } from '../core/finding.ts';
import { reaches } from '../core/severity.ts';
import { type Answer, compile, type Program } from './expressions/program.ts';
import { FindingView } from './expressions/views.ts';
import type { FindingTable } from './finding-classes.ts';
import type { Ground } from './ground.ts';
import type { Condition, Threshold } from './policy.ts';

/** Since ever. */
export const always = Number.NEGATIVE_INFINITY;

/**
 * That a condition catches a finding, and from when on (milliseconds since 1970); a condition that time makes true
 * stays true. `why`: null where it is certain, else why nobody can tell.
 */
export interface Catch {
  readonly from: number;
  readonly why: string | null;
}

const certain: Catch = { from: always, why: null };
const noCatalogue: Catch = {
  from: always,
  why: 'no known-exploited catalogue was imported; import one with "pratique advisories update"',
};

/** Whether the class of a finding fits. One that is undetermined, or will not be fixed, is caught like any other. */
export function fitsClass(when: Condition, finding: Finding): boolean {
  const { severity, fixAvailable, statuses, ecosystems, kinds } = when;
  if (!kinds.includes(finding.kind)) return false;
  if (severity !== null && !(reaches(finding.severity, severity.atLeast) ?? severity.unknown)) return false;
  if (fixAvailable !== null && fixAvailable !== (finding.fixedVersion !== null)) return false;
  if (when.fixAvailableFor !== null && finding.fixedVersion === null) return false;
  if (statuses !== null && !statuses.includes(finding.status)) return false;
  if (ecosystems !== null && !ecosystems.includes(finding.packageType)) return false;
  return !(when.knownExploited && finding.kev === false);
}

/**
 * Holds what is left of a condition against a finding whose class fits; expressions come last.
 * @returns null: it is not caught
 */
export function catcher(
  when: Condition,
  table: FindingTable,
  ground: Ground,
): (finding: Finding, position: number) => Catch | null {
  const names = when.packages === null ? null : new Set(when.packages);
  const program = when.expression === null ? null : programOf(when.expression);
  const { fixAvailableFor, publishedFor, cvss, epss, knownExploited } = when;
  return (finding, position) => {
    if (names !== null && !names.has(finding.package) && !names.has(finding.source)) return null;
    if (cvss !== null && !reached(cvss, finding.cvss?.score ?? null)) return null;
    if (epss !== null && !reached(epss, finding.epss)) return null;
    let from = always;
    if (fixAvailableFor !== null) from = after(table.fixedSince[position], fixAvailableFor.milliseconds);
    if (publishedFor !== null) {
      from = Math.max(from, after(table.published[position], publishedFor.milliseconds));
    }
    const answer = program === null ? null : ask(program, finding, ground);
    if (answer?.kind === 'no') return null;
    if (answer?.kind === 'undecided') return { from, why: answer.why };
    const sure = knownExploited && finding.kev === null ? noCatalogue : certain;
    return from === always ? sure : { from, why: sure.why };
  };
}

function reached(threshold: Threshold, value: number | null): boolean {
  return value === null ? threshold.unknown : value >= threshold.atLeast;
}

/** Since ever where nobody says when it began. */
function after(start: number | undefined, milliseconds: number): number {
  return start === undefined || Number.isNaN(start) ? always : start + milliseconds;
}

function programOf(expression: string): Program {
  const compiled = compile('finding', expression);
  if ('fault' in compiled) throw new Error('an expression of a policy that was read cannot be compiled');
  return compiled.program;
}

function ask(program: Program, finding: Finding, { values, meter }: Ground): Answer {
  const { image, os, now } = values;
  return program({ finding: new FindingView(finding), image, os, now }, meter);
}

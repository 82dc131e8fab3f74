import type { Finding } from '../core/finding.ts';
import { reaches } from '../core/severity.ts';
import { type Answer, compile, type Program } from './expressions/program.ts';
import { FindingView } from './expressions/views.ts';
import type { Ground } from './ground.ts';
import type { Condition, Threshold } from './policy.ts';

/** Since ever. */
export const always = Number.NEGATIVE_INFINITY;

/**
 * Whether a condition catches a finding, and from when on (milliseconds since 1970); a condition that time makes true
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

/**
 * Holds a condition against findings. A finding that is undetermined, or will not be fixed, is caught like any other.
 * What is quickest to tell comes first, expressions last.
 * @returns null: it is not caught
 */
export function catcher(when: Condition, ground: Ground): (finding: Finding) => Catch | null {
  const kinds = new Set<string>(when.kinds);
  const statuses = when.statuses === null ? null : new Set<string>(when.statuses);
  const ecosystems = when.ecosystems === null ? null : new Set<string>(when.ecosystems);
  const names = when.packages === null ? null : new Set(when.packages);
  const program = when.expression === null ? null : programOf(when.expression);
  const { severity, fixAvailable, fixAvailableFor, publishedFor, cvss, epss } = when;
  return (finding) => {
    if (!kinds.has(finding.kind)) return null;
    if (severity !== null && !(reaches(finding.severity, severity.atLeast) ?? severity.unknown)) return null;
    if (fixAvailable !== null && fixAvailable !== (finding.fixedVersion !== null)) return null;
    if (statuses !== null && !statuses.has(finding.status)) return null;
    if (ecosystems !== null && !ecosystems.has(finding.packageType)) return null;
    if (names !== null && !names.has(finding.package) && !names.has(finding.source)) return null;
    if (when.knownExploited && finding.kev === false) return null;
    if (cvss !== null && !reached(cvss, finding.cvss?.score ?? null)) return null;
    if (epss !== null && !reached(epss, finding.epss)) return null;
    if (fixAvailableFor !== null && finding.fixedVersion === null) return null;
    let from = always;
    if (fixAvailableFor !== null) from = after(finding.fixedSince, fixAvailableFor.milliseconds);
    if (publishedFor !== null) from = Math.max(from, after(finding.published, publishedFor.milliseconds));
    const answer = program === null ? null : ask(program, finding, ground);
    if (answer?.kind === 'no') return null;
    if (answer?.kind === 'undecided') return { from, why: answer.why };
    const sure = when.knownExploited && finding.kev === null ? noCatalogue : certain;
    return from === always ? sure : { from, why: sure.why };
  };
}

function reached(threshold: Threshold, value: number | null): boolean {
  return value === null ? threshold.unknown : value >= threshold.atLeast;
}

/** Since ever where nobody says when it began. */
function after(since: string | null, milliseconds: number): number {
  const start = Date.parse(since ?? '');
  return Number.isNaN(start) ? always : start + milliseconds;
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

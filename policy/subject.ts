import { displayId, type Finding } from '../core/finding.ts';
import { compareSeverity } from '../core/severity.ts';
import { catches } from './condition.ts';
import { governingException, indexExceptions } from './exceptions.ts';
import type { Exception, Policy, Rule } from './policy.ts';

/** A finding with everything about it that time does not change. */
export interface Subject {
  readonly finding: Finding;
  readonly denies: readonly Rule[];
  /** Denying rules that cannot be decided. */
  readonly undecided: readonly Rule[];
  readonly warns: readonly Rule[];
  /** It is let through before `exception.endsAt`. */
  readonly exception: Exception | null;
}

/** Every finding with the rules that catch it, those that decide first, then the worst first. */
export function subjectsOf(
  policy: Policy,
  findings: readonly Finding[],
  images: readonly string[],
): readonly Subject[] {
  const exceptions = indexExceptions(policy.exceptions, images);
  return findings
    .map((finding): Subject => {
      const names = [finding.package, finding.source];
      const denies: Rule[] = [];
      const undecided: Rule[] = [];
      const warns: Rule[] = [];
      for (const rule of policy.rules) {
        const caught = catches(rule.when, finding, names);
        if (caught === 'no') continue;
        // A warning that cannot be decided is given: it costs nothing to be told.
        if (rule.action === 'warn') warns.push(rule);
        else (caught === 'yes' ? denies : undecided).push(rule);
      }
      return { finding, denies, undecided, warns, exception: governingException(exceptions, finding, names) };
    })
    .sort(compareSubjects);
}

function compareSubjects(a: Subject, b: Subject): number {
  return (
    decisiveness(b) - decisiveness(a) ||
    Number(b.finding.kind === 'malware') - Number(a.finding.kind === 'malware') ||
    Number(b.finding.kev === true) - Number(a.finding.kev === true) ||
    compareSeverity(a.finding.severity, b.finding.severity) ||
    Number(b.finding.fixedVersion !== null) - Number(a.finding.fixedVersion !== null) ||
    compareText(displayId(a.finding), displayId(b.finding)) ||
    compareText(a.finding.package, b.finding.package) ||
    compareText(a.finding.version, b.finding.version) ||
    compareText(a.finding.id, b.finding.id)
  );
}

function decisiveness(subject: Subject): number {
  if (subject.denies.length > 0) return 3;
  if (subject.undecided.length > 0) return 2;
  return subject.warns.length > 0 ? 1 : 0;
}

/** By code unit, so that the order is the same on every machine. */
function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

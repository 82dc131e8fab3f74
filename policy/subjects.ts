import { isContextFree } from '../core/exception.ts';
import type { Finding } from '../core/finding.ts';
import { governingException, indexExceptions } from './exceptions.ts';
import type { Plan } from './plan.ts';
import type { Exception, Policy } from './policy.ts';
import type { Profile } from './profile.ts';
import { profilesOf } from './profiles.ts';
import type { Timeline } from './timeline.ts';
import type { VexStatement } from './vex/statement.ts';
import type { VexWords } from './vex/words.ts';

/** Findings with what exceptions and VEX make of them at an instant. Positions are those of `findings`. */
export interface Subjects {
  readonly findings: readonly Finding[];
  readonly profiles: readonly Profile[];
  /** Until when each is let through, milliseconds since 1970; in the past where it is not, without end by VEX. */
  readonly letThroughUntil: Float64Array;
  readonly suppressed: readonly (readonly [position: number, exception: Exception])[];
  /** Those that VEX says to do no harm, with what it says; no exception is looked for. */
  readonly acquitted: readonly (readonly [position: number, statements: readonly VexStatement[]])[];
  /** Those that would let something through, and are over. */
  readonly ended: ReadonlySet<Exception>;
}

/** @param images canonical names of every repository the image is known from */
export function subjectsOf(
  policy: Policy,
  plan: Plan,
  findings: readonly Finding[],
  images: readonly string[],
  timeline: Timeline,
  words: VexWords | null,
): Subjects {
  const profiles = profilesOf(plan, findings);
  const letThroughUntil = new Float64Array(findings.length).fill(Number.NEGATIVE_INFINITY);
  const suppressed: (readonly [number, Exception])[] = [];
  const acquitted = acquittedBy(words, findings);
  for (const [position] of acquitted) letThroughUntil[position] = Number.POSITIVE_INFINITY;
  const ended = new Set<Exception>();
  const subjects = { findings, profiles, letThroughUntil, suppressed, acquitted, ended };
  if (policy.exceptions.length === 0) return subjects;
  const index = indexExceptions(
    policy.exceptions.filter((one) => holdsFor(one, policy)),
    images,
  );
  if (index.size === 0) return subjects;
  for (const [position, finding] of findings.entries()) {
    if (letThroughUntil[position] === Number.POSITIVE_INFINITY) continue;
    const exception = governingException(index, finding, [finding.package, finding.source]);
    if (exception === null) continue;
    letThroughUntil[position] = exception.endsAt;
    if (timeline.at < exception.endsAt) {
      suppressed.push([position, exception]);
      timeline.changes(exception.endsAt);
    } else {
      ended.add(exception);
    }
  }
  return subjects;
}

function acquittedBy(words: VexWords | null, findings: readonly Finding[]): Subjects['acquitted'] {
  if (words === null) return [];
  return [...findings.entries()].flatMap(([position, finding]): Subjects['acquitted'] => {
    const statements = words.acquit(finding);
    return statements === null ? [] : [[position, statements]];
  });
}

/** One that names a context is for the gate that knows who asks. */
function holdsFor({ scope }: Exception, policy: Policy): boolean {
  return isContextFree(scope) && (scope.policies.length === 0 || scope.policies.includes(policy.name));
}

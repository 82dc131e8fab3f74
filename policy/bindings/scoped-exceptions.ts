import type { AskContext } from '../../core/context.ts';
import {
  type Exception,
  type ExceptionScope,
  type GrantedException,
  isContextFree,
} from '../../core/exception.ts';
import type { Blocker, Verdict } from '../../core/verdict.ts';
import { governingException } from '../exceptions.ts';
import { matchesImage } from '../image-pattern.ts';
import type { Policy } from '../policy.ts';
import { isMeant } from './effective.ts';
import { matchesName } from './glob.ts';

/** Exceptions of a policy by the advisory they name; null where none of them looks at who asks. */
export type ScopedExceptions = ReadonlyMap<string, readonly Exception[]> | null;

/** @param policy with granted exceptions already in it (`effectivePolicy`) */
export function scopedExceptions(policy: Policy, granted: readonly GrantedException[]): ScopedExceptions {
  const scoped = granted.filter(
    ({ scope, revoked }) => revoked === null && !isContextFree(scope) && isMeant(scope.policies, policy.name),
  );
  if (scoped.length === 0 && policy.exceptions.every(({ scope }) => isContextFree(scope))) return null;
  const index = new Map<string, Exception[]>();
  for (const exception of [...policy.exceptions, ...scoped]) {
    if (!isMeant(exception.scope.policies, policy.name)) continue;
    const known = index.get(exception.advisory);
    if (known === undefined) index.set(exception.advisory, [exception]);
    else known.push(exception);
  }
  return index;
}

/** A finding that is let through for who asks. */
export interface Lifted {
  readonly finding: NonNullable<Blocker['finding']>;
  readonly exception: Exception;
}

/**
 * The findings that exceptions let through for who asks, where they let through all that denies; null where anything
 * is left: what the image as a whole is, a rule that could not be decided, or what the verdict does not list.
 * @param at milliseconds since 1970; the verdict's words still hold then
 */
export function lift(
  exceptions: ScopedExceptions,
  verdict: Verdict,
  context: AskContext,
  images: readonly string[] | null,
  at: number,
): readonly Lifted[] | null {
  const { complete, list } = verdict.blockers;
  if (exceptions === null || verdict.status !== 'fail' || !complete || list.length === 0) return null;
  if (!isAllListed(verdict)) return null;
  const lifted: Lifted[] = [];
  for (const { finding } of list) {
    if (finding === null) return null;
    const index = new Map(
      [finding.id, ...finding.aliases].map((id) => [
        id,
        (exceptions.get(id) ?? []).filter((one) => at < one.endsAt && holdsFor(one, context, images)),
      ]),
    );
    const exception = governingException(index, finding, [finding.package, finding.source]);
    if (exception === null) return null;
    lifted.push({ finding, exception });
  }
  return lifted;
}

/** Whether every rule that refuses is a denial which the list of what denies names. */
function isAllListed({ rules, blockers }: Verdict): boolean {
  const named = new Set(blockers.list.map(({ rule }) => rule));
  return rules.every(({ action, id }) => action !== 'error' && (action !== 'deny' || named.has(id)));
}

/** An image pattern has to fit every repository that holds the image. */
function holdsFor(
  { scope, image }: Exception,
  context: AskContext,
  images: readonly string[] | null,
): boolean {
  if (!isWithin(scope, context)) return false;
  if (image === null) return true;
  return images !== null && images.length > 0 && images.every((name) => matchesImage(image, name));
}

function isWithin(scope: ExceptionScope, { gate, cluster, namespace }: AskContext): boolean {
  const { gates, clusters, namespaces } = scope;
  return (
    (gates.length === 0 || gates.includes(gate)) &&
    fitsAny(clusters, cluster) &&
    fitsAny(namespaces, namespace)
  );
}

/** @param name null: there is none, which no pattern fits, not even `*` */
function fitsAny(patterns: readonly string[], name: string | null): boolean {
  return patterns.length === 0 || (name !== null && patterns.some((pattern) => matchesName(pattern, name)));
}

import { isPratiqueError } from '../../core/errors.ts';
import type { GrantedException } from '../../core/exception.ts';
import type { ExceptionStore } from '../../core/ports/exceptions.ts';
import type { VerdictStore } from '../../core/ports/verdicts.ts';
import type { PolicySet } from '../../policy/bindings/binding.ts';
import { boundPolicies } from '../../policy/bindings/parse.ts';
import { type PolicySources, parsePolicySources } from '../../policy/bindings/sources.ts';
import type { Policy } from '../../policy/policy.ts';
import { cameTo, changeOf, listedIn, logListed, namedGrant } from './exception-log.ts';
import { formatGood, type GoodPolicy } from './good.ts';

interface RecordParts {
  readonly verdicts: Pick<VerdictStore, 'putChange' | 'putGoodPolicy'>;
  readonly exceptions: Pick<ExceptionStore, 'listExceptions' | 'addAudit'>;
  readonly now: () => number;
}

/** What comes into force. */
interface Sources {
  readonly sources: PolicySources;
  /** Without granted exceptions. */
  readonly set: PolicySet;
  readonly granted: readonly GrantedException[];
}

/**
 * Writes down how what comes into force differs from what was in force, and then itself. After a crash between the
 * two a change is told twice, and never not at all.
 */
export async function record(parts: RecordParts, good: GoodPolicy | null, next: Sources): Promise<void> {
  const { verdicts } = parts;
  const at = parts.now();
  const text = formatGood(goodOf(next));
  if (good !== null && formatGood(good) === text) return;
  if (good?.revision !== next.set.revision) {
    const before = good === null ? [] : listedIn(policiesOf(good));
    const after = listedIn(boundPolicies(next.set));
    await logListed(parts, 'gone-from-policy', cameTo(after, before), at);
    await logListed(parts, 'listed-in-policy', cameTo(before, after), at);
    await verdicts.putChange({
      kind: 'policy',
      at: new Date(at).toISOString(),
      subject: next.set.revision,
      note: `the policy ${next.set.name} of revision ${next.set.revision} is in force`,
    });
  }
  await recordGrants(parts, good?.granted ?? [], next.granted, at);
  await verdicts.putGoodPolicy(text);
}

async function recordGrants(
  { verdicts, exceptions }: RecordParts,
  known: readonly string[],
  granted: readonly GrantedException[],
  at: number,
): Promise<void> {
  for (const exception of granted.filter(({ id }) => !known.includes(id))) {
    await verdicts.putChange(changeOf(namedGrant(exception), 'was granted', at));
  }
  const gone = known.filter((id) => !granted.some((exception) => exception.id === id));
  if (gone.length === 0) return;
  const all = await exceptions.listExceptions(null);
  for (const exception of all.filter(({ id, revoked }) => gone.includes(id) && revoked !== null)) {
    await verdicts.putChange(changeOf(namedGrant(exception), 'was revoked', at));
  }
}

export function goodOf({ sources, set, granted }: Sources): GoodPolicy {
  return { sources, revision: set.revision, granted: granted.map(({ id }) => id) };
}

/** What a record holds; nothing where this program reads it no more. */
function policiesOf({ sources }: GoodPolicy): readonly Policy[] {
  try {
    return boundPolicies(parsePolicySources(sources));
  } catch (error) {
    if (isPratiqueError(error)) return [];
    throw error;
  }
}

import { errorText, isPratiqueError } from '../../core/errors.ts';
import type { Addressing } from '../../core/ports/gate.ts';
import type { ReplicaGround } from '../../core/replica.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import type { Rulebook } from '../../policy/bindings/rulebook.ts';
import { parsePolicySources } from '../../policy/bindings/sources.ts';
import { misbehaved } from './client.ts';
import { groundSchema } from './wire.ts';

/** What verdicts are acted on by, ready for use. */
export interface Ground {
  /** As the proxy names it. */
  readonly revision: string;
  readonly rulebook: Rulebook;
  readonly addressing: Addressing;
  /** JSON of what it was made from. */
  readonly text: string;
}

/** Reads names of images as the proxy does; throws where they contradict each other. */
export type MakeAddressing = (names: ReplicaGround['names']) => Addressing;

/**
 * The ground that a proxy has told, or the one that was kept. Its policy set is made from its sources, here, and has to be what
 * the proxy says it is: a set that this version reads otherwise would let in other images.
 * @param value JSON, as it came
 * @throws PratiqueError `proxy-misbehaved`
 */
export function readGround(value: unknown, makeAddressing: MakeAddressing): Ground {
  const result = groundSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw misbehaved(`its ground cannot be read: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const ground = result.data;
  const { policy, exceptions, names } = ground;
  try {
    const rulebook = makeRulebook(parsePolicySources(policy), exceptions);
    const { revision } = rulebook.set;
    if (revision !== policy.revision) {
      throw misbehaved(
        `its policy set is of revision ${revision} and not ${policy.revision}, as it says: give proxy and webhook one version of Pratique`,
      );
    }
    return {
      revision: ground.revision,
      rulebook,
      addressing: makeAddressing(names),
      text: JSON.stringify(ground),
    };
  } catch (error) {
    if (isPratiqueError(error) && error.code !== 'proxy-misbehaved')
      throw misbehaved(`its ground cannot be used: ${errorText(error)}`);
    throw error;
  }
}

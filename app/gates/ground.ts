import { createHash } from 'node:crypto';
import { type ReplicaGround, replicaSchemaVersion } from '../../core/replica.ts';
import type { PolicyInForce } from '../policy/in-force.ts';

type Made = PolicyInForce['made'];

/**
 * What verdicts are acted on by, as other gates are told it.
 * @param names by which references are read into addresses
 */
export function groundOf(made: () => Made, names: ReplicaGround['names']): () => ReplicaGround {
  let last: { readonly made: Made; readonly ground: ReplicaGround } | null = null;
  return () => {
    const now = made();
    if (last !== null && isSame(last.made, now)) return last.ground;
    const { sources, granted, revision } = now;
    const said: Omit<ReplicaGround, 'revision'> = {
      schemaVersion: replicaSchemaVersion,
      policy: { source: sources.source, texts: sources.texts, revision },
      exceptions: granted,
      names,
    };
    const hash = createHash('sha256').update(JSON.stringify(said)).digest('hex');
    const ground: ReplicaGround = { ...said, revision: hash.slice(0, 32) };
    last = { made: now, ground };
    return ground;
  };
}

function isSame(one: Made, other: Made): boolean {
  return one.sources === other.sources && one.granted === other.granted && one.revision === other.revision;
}

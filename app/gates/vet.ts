import type { Digest } from '../../core/digest.ts';
import { parseDigest } from '../../core/digest.ts';
import { isPratiqueError, type PlainError, toPlainError } from '../../core/errors.ts';
import { forGates, imagesForGates } from '../../core/for-gates.ts';
import type { FactFinder, ManifestFacts } from '../../core/ports/gate.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { VerdictStore } from '../../core/ports/verdicts.ts';
import {
  type ReplicaImage,
  type ReplicaVerdict,
  replicaSchemaVersion,
  type VetAnswer,
  type VetAsked,
} from '../../core/replica.ts';
import type { ManifestPointer, RepositoryAddress } from '../../core/repository.ts';
import { within } from '../../core/within.ts';
import type { UpstreamAddressing } from '../../registry/addressing.ts';
import { isOciError } from '../../registry/oci-error.ts';

export interface VetParts {
  readonly gate: FactFinder;
  readonly addressing: Pick<UpstreamAddressing, 'addressOf'>;
  readonly records: Pick<VerdictStore, 'verdictsOf'>;
  readonly logger: Logger;
}

/** Resolves what is asked for with the proxy's own gate, and answers what is known of it; never a decision. */
export function createVet({
  gate,
  addressing,
  records,
  logger,
}: VetParts): (asked: VetAsked) => Promise<VetAnswer> {
  return async ({ upstream, path, pointer: text, milliseconds }) => {
    const asked = { upstream, path, pointer: text };
    const deadline = performance.now() + milliseconds;
    const empty = {
      schemaVersion: replicaSchemaVersion,
      asked,
      image: null,
      verdicts: [],
      failures: [],
    } as const;
    const address = addressOf(addressing, upstream, path);
    if ('code' in address) return { ...empty, failure: address };
    const pointer = pointerOf(text);
    try {
      const stored = await within(gate.resolve(address, pointer), milliseconds, () => null);
      if (stored === null) return { ...empty, failure: null };
      const left = Math.max(0, deadline - performance.now());
      const facts = await gate.facts(address, stored, left);
      const image: ReplicaImage = {
        repository: address,
        digest: stored.digest,
        platforms: facts.platforms,
        unfit: facts.unfit,
        tags: pointer.kind === 'tag' ? [pointer.tag] : [],
      };
      const verdicts = await told(facts, records);
      return { ...empty, image, verdicts, failures: facts.failures, failure: null };
    } catch (error) {
      if (!isPratiqueError(error)) throw error;
      logger.debug({ ...error.fields, err: error }, 'a gate has asked for an image that cannot be had');
      return { ...empty, failure: toPlainError(error, 'vetting-failed') };
    }
  };
}

/** With since when each says so, which the records know. */
async function told(facts: ManifestFacts, records: VetParts['records']): Promise<readonly ReplicaVerdict[]> {
  const digests = [...new Set(facts.verdicts.map(({ digest }) => digest))];
  const since = new Map<string, string>();
  for (const found of await Promise.all(digests.map((digest) => records.verdictsOf(digest)))) {
    for (const standing of found) since.set(keyOf(standing.digest, standing.policy), standing.since);
  }
  return facts.verdicts.map(({ digest, verdict, images }) => ({
    digest,
    policy: verdict.policy,
    verdict: forGates(verdict),
    since: since.get(keyOf(digest, verdict.policy)) ?? verdict.evaluatedAt,
    images: imagesForGates(images),
  }));
}

function keyOf(digest: Digest, policy: string): string {
  return `${digest} ${policy}`;
}

function addressOf(
  addressing: VetParts['addressing'],
  upstream: string,
  path: string,
): RepositoryAddress | PlainError {
  const found = addressing.addressOf(`${upstream}/${path}`, null);
  if (isOciError(found)) {
    const code = found.code === 'DENIED' ? 'repository-denied' : 'registry-unknown';
    return { code, message: found.message, fields: { upstream } };
  }
  if (found.upstream === upstream) return found;
  return {
    code: 'registry-unknown',
    message: `no upstream of the proxy is named "${upstream}"`,
    fields: { upstream },
  };
}

function pointerOf(text: string): ManifestPointer {
  const digest = parseDigest(text);
  return digest === null ? { kind: 'tag', tag: text } : { kind: 'digest', digest };
}

import type { Digest } from '../core/digest.ts';
import type { Logger } from '../core/ports/logger.ts';
import { isHosted } from '../core/repository.ts';
import type { StateRecords } from '../db/state-client.ts';
import type { Policy } from '../policy/policy.ts';
import { AttachedLooks } from '../vetting/attached-looks.ts';
import { hostedAttachments, upstreamAttachments } from '../vetting/attached-source.ts';
import type { Judge } from '../vetting/judge.ts';
import type { Vetting } from '../vetting/vetting.ts';
import type { Inspection } from './inspection.ts';

/** Looks for VEX that is attached to images, in upstreams and in what lives here; what changes by it is judged again. */
export function createAttachedLooks(parts: {
  readonly records: StateRecords;
  readonly inspection: Pick<Inspection, 'upstreams' | 'blobs'>;
  /** Those in force that any binding names. */
  readonly policies: () => readonly Policy[];
  readonly judge: Pick<Judge, 'rejudge'>;
  readonly gate: Pick<Vetting, 'holdersChanged' | 'verdictsChanged'>;
  readonly now: () => number;
  readonly logger: Logger;
}): AttachedLooks {
  const { records, inspection, judge, gate, logger } = parts;
  /** So that followers are told before somebody pulls; gates judge anew when they are asked. */
  const rejudge = (digest: Digest): void => {
    judge
      .rejudge(digest)
      .then(() => gate.verdictsChanged([digest]))
      .catch((error: unknown) =>
        logger.warn({ digest, err: error }, 'an image could not be judged again after new VEX'),
      );
  };
  return new AttachedLooks({
    ...parts,
    source: (address) =>
      isHosted(address)
        ? hostedAttachments(records, inspection.blobs, address)
        : upstreamAttachments(inspection.upstreams.client(address), address.path),
    onChange: (digest) => {
      // Whatever is being judged at the moment is judged once more.
      gate.holdersChanged(digest);
      rejudge(digest);
    },
  });
}

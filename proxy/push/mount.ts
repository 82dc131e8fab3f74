import type { Digest } from '../../core/digest.ts';
import { isPratiqueError } from '../../core/errors.ts';
import type { Gate } from '../../core/ports/gate.ts';
import type { HostedRepositories } from '../../core/ports/hosted.ts';
import { isHosted, type RepositoryAddress, repositoryKey } from '../../core/repository.ts';
import { allows } from '../../core/verdict.ts';
import type { UpstreamAddressing } from '../../registry/addressing.ts';
import { isOciError } from '../../registry/oci-error.ts';
import type { Push } from './context.ts';

/**
 * Takes a blob over from another repository (distribution spec, "Mounting a blob from another repository"): from any
 * that the client may pull from, if the blob could be served to him there, or if he has pushed it there himself.
 * @returns false where he has to upload it
 */
export async function mountBlob(
  context: {
    readonly addressing: UpstreamAddressing;
    readonly gate: Pick<Gate, 'blob'>;
    readonly hosted: Pick<HostedRepositories, 'keepBlob' | 'keepPushed' | 'isPushedBy' | 'hasBlob'>;
  },
  push: Push,
  blob: Digest,
  from: string,
): Promise<boolean> {
  const { addressing, hosted } = context;
  const source = addressing.addressOf(from, null);
  if (isOciError(source) || !push.granted.may('pull', repositoryKey(source))) return false;
  const { user } = push.granted;
  if (user !== null && isHosted(source) && (await hosted.isPushedBy(source, blob, user))) {
    await hosted.keepPushed(push.address, blob, user);
    return true;
  }
  if (!(await bring(context.gate, source, blob))) return false;
  // He has not shown that he has the bytes: what he may read of it is for the gate to say, here as there.
  await hosted.keepBlob(push.address, blob);
  return true;
}

async function bring(gate: Pick<Gate, 'blob'>, source: RepositoryAddress, blob: Digest): Promise<boolean> {
  try {
    const clearance = await gate.blob(source, blob, 0);
    if (!allows(clearance.status)) return false;
    await clearance.fetch();
    return true;
  } catch (error) {
    // Whatever keeps it from being mounted: the answer asks for an upload instead.
    if (isPratiqueError(error)) return false;
    throw error;
  }
}

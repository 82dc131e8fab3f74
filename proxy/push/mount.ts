import type { AskContext } from '../../core/context.ts';
import type { Digest } from '../../core/digest.ts';
import { isPratiqueError } from '../../core/errors.ts';
import type { BlobClearance, Gate } from '../../core/ports/gate.ts';
import type { HostedRepositories } from '../../core/ports/hosted.ts';
import { isHosted, type RepositoryAddress, repositoryKey } from '../../core/repository.ts';
import { isOciError } from '../../registry/oci-error.ts';
import { askerOf } from '../asker.ts';
import type { Push } from './context.ts';

/**
 * Takes a blob over from another repository (distribution spec, "Mounting a blob from another repository"): from any
 * that the client may pull from, if the blob could be served to him there, or if he has pushed it there himself.
 * @param from null: the client names none, so what he has pushed himself is looked for, wherever he may pull it
 * @returns false where he has to upload it
 * @throws PratiqueError `quota-exceeded`
 */
export async function mountBlob(
  context: {
    readonly gate: Pick<Gate, 'blob'>;
    readonly hosted: Pick<HostedRepositories, 'keepBlob' | 'keepPushed' | 'isPushedBy' | 'pushedTo'>;
    /** Records that the repository has the blob, where its quotas leave room. @throws PratiqueError `quota-exceeded` */
    readonly withRoom: (push: Push, blob: Digest, record: () => Promise<void>) => Promise<void>;
  },
  push: Push,
  blob: Digest,
  from: string | null,
): Promise<boolean> {
  const { hosted, withRoom } = context;
  const { user, may } = push.granted;
  if (from === null) {
    const sources = user === null ? [] : await hosted.pushedTo(blob, user);
    if (user === null || !sources.some((source) => may('pull', repositoryKey(source)))) return false;
    await withRoom(push, blob, () => hosted.keepPushed(push.address, blob, user));
    return true;
  }
  const source = push.named(from);
  if (isOciError(source) || !may('pull', repositoryKey(source))) return false;
  if (user !== null && isHosted(source) && (await hosted.isPushedBy(source, blob, user))) {
    await withRoom(push, blob, () => hosted.keepPushed(push.address, blob, user));
    return true;
  }
  if (!(await bring(context.gate, source, blob, askerOf(push.granted)))) return false;
  // He has not shown that he has the bytes: what he may read of it is for the gate to say, here as there.
  await withRoom(push, blob, () => hosted.keepBlob(push.address, blob, user));
  return true;
}

/**
 * Where at its upstream a blob of a push that goes through may be mounted from: another repository of the same upstream,
 * on the same terms. The upstream mounts it with the proxy's rights, so it asks nothing of the client itself.
 * @returns the source's path at the upstream; null where he has to upload it
 */
export async function mountPath(
  context: {
    readonly gate: Pick<Gate, 'blob'>;
    readonly hosted: Pick<HostedRepositories, 'isPushedBy'>;
  },
  push: Push,
  blob: Digest,
  from: string,
): Promise<string | null> {
  const source = push.named(from);
  if (isOciError(source) || source.upstream !== push.address.upstream) return null;
  const { user } = push.granted;
  if (!push.granted.may('pull', repositoryKey(source))) return null;
  if (user !== null && (await context.hosted.isPushedBy(source, blob, user))) return source.path;
  const clearance = await cleared(context.gate, source, blob, askerOf(push.granted));
  return clearance === null ? null : source.path;
}

async function bring(
  gate: Pick<Gate, 'blob'>,
  source: RepositoryAddress,
  blob: Digest,
  asker: AskContext,
): Promise<boolean> {
  const clearance = await cleared(gate, source, blob, asker);
  if (clearance === null) return false;
  try {
    await clearance.fetch();
    return true;
  } catch (error) {
    // Whatever keeps it from being mounted: the answer asks for an upload instead.
    if (isPratiqueError(error)) return false;
    throw error;
  }
}

/** null where it could not be served there at once, whatever keeps it from that. */
async function cleared(
  gate: Pick<Gate, 'blob'>,
  source: RepositoryAddress,
  blob: Digest,
  asker: AskContext,
): Promise<BlobClearance | null> {
  try {
    const clearance = await gate.blob(source, blob, asker, 0);
    return clearance.allowed ? clearance : null;
  } catch (error) {
    if (isPratiqueError(error)) return null;
    throw error;
  }
}

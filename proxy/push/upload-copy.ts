import type { Digest } from '../../core/digest.ts';
import { errorText } from '../../core/errors.ts';
import type { HostedRepositories } from '../../core/ports/hosted.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { BlobsInUse } from '../../registry/blob-leases.ts';
import type { UploadOwner, Uploads } from '../../registry/uploads/port.ts';
import type { Push } from './context.ts';
import type { PassingUpload } from './passing-uploads.ts';
import type { Tee } from './tee.ts';

export interface CopyContext {
  readonly uploads: Uploads;
  readonly hosted: Pick<HostedRepositories, 'keepPushed'>;
  readonly inUse: BlobsInUse;
  readonly logger: Logger;
}

/**
 * Copies of what passes through to an upstream, so that the inspection needs no second transfer. None of these throws: a
 * copy that fails is given up, and the bytes are fetched from the upstream then.
 * @returns the copy's id
 */
export async function beginCopy(
  { uploads, logger }: CopyContext,
  owner: UploadOwner,
): Promise<string | null> {
  try {
    return (await uploads.begin(owner)).id;
  } catch (error) {
    logger.info({ why: errorText(error) }, 'an upload passes through without a copy');
    return null;
  }
}

/** Adds what goes by to the copy. @returns its id, or null where it is given up */
export async function addToCopy(
  context: Pick<CopyContext, 'uploads' | 'logger'>,
  { copy, owner }: Pick<PassingUpload, 'copy' | 'owner'>,
  source: Tee,
): Promise<string | null> {
  if (copy === null) return null;
  const { uploads, logger } = context;
  try {
    await uploads.append(copy, owner, source, { start: null, length: null });
    return copy;
  } catch (error) {
    logger.info({ why: errorText(error) }, 'the copy of an upload is given up');
    // Nobody reads it any more, however long the bytes still go by; and what was written counts against the owner.
    source.fail(new Error('the copy is given up'));
    await dropCopy(context, { copy, owner });
    return null;
  }
}

/** The upstream has the blob; so does the store here, if the copy is what its digest says. */
export async function keepCopy(
  { uploads, hosted, inUse, logger }: CopyContext,
  push: Push,
  { copy, owner }: PassingUpload,
  digest: Digest,
): Promise<void> {
  if (copy === null) return;
  try {
    await inUse.during([digest], async () => {
      await uploads.finish(copy, owner, digest, () => hosted.keepPushed(push.address, digest, owner.user));
    });
  } catch (error) {
    logger.info({ digest, why: errorText(error) }, 'the copy of an upload is given up');
  }
}

export async function dropCopy(
  { uploads, logger }: Pick<CopyContext, 'uploads' | 'logger'>,
  { copy, owner }: Pick<PassingUpload, 'copy' | 'owner'>,
): Promise<void> {
  if (copy === null) return;
  try {
    await uploads.cancel(copy, owner);
  } catch (error) {
    logger.info({ why: errorText(error) }, 'a copy of an upload is gone already');
  }
}

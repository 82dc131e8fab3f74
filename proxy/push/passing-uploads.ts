import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { PratiqueError } from '../../core/errors.ts';
import type { UploadOwner } from '../../registry/uploads/port.ts';

/** An upload that passes through: where it is at the upstream, and where its bytes are kept here. */
export interface PassingUpload {
  readonly owner: UploadOwner;
  /** At the upstream, as it said last. */
  url: URL;
  /** The local copy's id; null where it was given up, and the bytes have to be fetched for the inspection. */
  copy: string | null;
}

/** Uploads that pass through to one upstream; the client never learns the upstream's own addresses. */
export interface PassingUploads {
  /** @throws PratiqueError `queue-full` where this user has too many already */
  begin(upload: PassingUpload): string;
  /** @throws PratiqueError `upload-unknown` */
  find(id: string, owner: UploadOwner): PassingUpload;
  end(id: string): void;
}

const most = 10_000;
/** So that one user's do not push another's out. */
const mostOfOne = 1000;
/** Milliseconds without a request. */
const idle = 60 * 60 * 1000;

export function createPassingUploads(onDropped: (upload: PassingUpload) => void): PassingUploads {
  const uploads = new LRUCache<string, PassingUpload>({
    max: most,
    ttl: idle,
    updateAgeOnGet: true,
    dispose: (upload, _id, reason) => {
      if (reason !== 'delete') onDropped(upload);
    },
  });
  return {
    begin(upload) {
      const { user } = upload.owner;
      const own = [...uploads.values()].filter(({ owner }) => owner.user === user).length;
      if (own >= mostOfOne) {
        const why = `${own} uploads by this user pass through: finish or cancel some`;
        throw new PratiqueError('queue-full', why, { own });
      }
      const id = randomBytes(16).toString('hex');
      uploads.set(id, upload);
      return id;
    },
    find(id, owner) {
      const upload = uploads.get(id);
      if (upload?.owner.repository !== owner.repository || upload.owner.user !== owner.user) {
        throw new PratiqueError(
          'upload-unknown',
          'there is no such upload here: it is finished, was given up, or lay untouched for too long. Begin again',
        );
      }
      return upload;
    },
    end(id) {
      uploads.delete(id);
    },
  };
}

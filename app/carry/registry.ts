import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { type Digest, digestAlgorithm, digestHex } from '../../core/digest.ts';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { Descriptor } from '../../core/image.ts';
import { pointerOf } from '../../core/reference.ts';
import { createUpstreamClient, type UpstreamClient } from '../../registry/upstream/client.ts';
import { emptyConfig, readArtifact, sha256Of, writeArtifact } from './artifact.ts';
import { largestContent } from './header.ts';
import type { OciPlace } from './oci-place.ts';
import type { BytesDone, Packed } from './pack.ts';

/**
 * Pushes an export: its bytes, the empty config, then the manifest under its tag.
 * @returns the manifest's digest, by which others can pin it
 * @throws PratiqueError `upstream-…`, `upload-invalid`, `manifest-invalid`
 */
export async function pushExport(
  place: OciPlace,
  file: string,
  packed: Packed,
  onProgress: BytesDone,
): Promise<Digest> {
  const { path } = place.reference;
  const manifest = writeArtifact(packed);
  return withClient(place, 'pull,push', async (client) => {
    await client.putBlob(path, { digest: packed.digest, size: packed.bytes }, () =>
      Readable.from(counted(createReadStream(file), packed.bytes, onProgress)),
    );
    const config = { digest: sha256Of(emptyConfig), size: emptyConfig.length };
    await client.putBlob(path, config, () => Readable.from([emptyConfig]));
    await client.putManifest(path, pointerOf(place.reference), manifest.mediaType, manifest.bytes);
    return manifest.digest;
  });
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  total: number,
  onProgress: BytesDone,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const piece of pieces) {
    done += piece.length;
    onProgress(done, total);
    yield piece;
  }
}

export interface FoundExport {
  /** Of the manifest. */
  readonly digest: Digest;
  /** The export's bytes; they throw at their end where they are not those that the manifest names. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Finds an export and lends it to `work`, which may leave its bytes alone.
 * @throws PratiqueError `advisories-unreadable`, `limit-exceeded`, `digest-mismatch`, `upstream-…`, `manifest-…`; what
 *   `work` throws
 */
export async function withExport<Value>(
  place: OciPlace,
  onProgress: BytesDone,
  work: (found: FoundExport) => Promise<Value>,
): Promise<Value> {
  const { path } = place.reference;
  return withClient(place, 'pull', async (client) => {
    const { bytes, mediaType, digest } = await client.getManifest(path, pointerOf(place.reference));
    const layer = readArtifact(place.text, bytes, mediaType);
    if (layer.size > largestContent) {
      throw new PratiqueError(
        'limit-exceeded',
        `${place.text} has ${layer.size} bytes, where ${largestContent} are allowed`,
        { where: place.text, bytes: layer.size },
      );
    }
    return work({ digest, bytes: verified(client, path, layer, onProgress) });
  });
}

/** A blob's bytes, of which not one more is read than the manifest says. */
async function* verified(
  client: UpstreamClient,
  path: string,
  { digest, size }: Descriptor,
  onProgress: BytesDone,
): AsyncGenerator<Uint8Array> {
  const blob = await client.openBlob(path, digest);
  const hash = createHash(digestAlgorithm(digest));
  let done = 0;
  try {
    for await (const piece of blob.body) {
      done += piece.length;
      if (done > size) break;
      hash.update(piece);
      onProgress(done, size);
      yield piece;
    }
  } finally {
    blob.cancel();
  }
  if (done === size && hash.digest('hex') === digestHex(digest)) return;
  throw new PratiqueError(
    'digest-mismatch',
    `the registry gave other bytes for the blob ${digest} than its digest and size (${size}) say`,
    { digest, size },
  );
}

async function withClient<Value>(
  place: OciPlace,
  actions: 'pull' | 'pull,push',
  work: (client: UpstreamClient) => Promise<Value>,
): Promise<Value> {
  const client = createUpstreamClient(place.upstream, { now: Date.now, actions });
  try {
    return await work(client);
  } catch (error) {
    throw explained(error, place.note);
  } finally {
    await client.close();
  }
}

/** Why there were no credentials belongs to the refusal. */
function explained(error: unknown, note: string | null): unknown {
  if (note === null || !isPratiqueError(error) || error.code !== 'upstream-refused') return error;
  return new PratiqueError(error.code, `${error.message}. ${note}`, error.fields, error);
}

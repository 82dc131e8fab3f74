import { isPratiqueError, type PratiqueError } from '../../core/errors.ts';
import type { ManifestPointer } from '../../core/repository.ts';
import { type BlobPlace, resumableBlob } from './blob-body.ts';
import type { Breaker } from './breaker.ts';
import type { UpstreamConfig } from './config.ts';
import { ownLimit } from './limiter.ts';
import type { UpstreamObserver } from './observer.ts';
import type { PlaceClient } from './place-client.ts';
import type { UpstreamClient } from './port.ts';

export interface Mirror {
  readonly url: string;
  readonly client: PlaceClient;
  /** Whether it is asked what tags mean. */
  readonly tags: boolean;
  readonly breaker: Breaker;
}

/** Failures of a place; all others say only that it does not have what was asked for, or not for us. */
const faults: ReadonlySet<string> = new Set([
  'upstream-unreachable',
  'upstream-throttled',
  'upstream-misbehaved',
  'blob-truncated',
  'digest-mismatch',
  'manifest-too-large',
]);

/**
 * Asks the mirrors in their order, and then the upstream itself, whose word is the last (ADR 0024). Content is asked for by
 * digest, so it does not matter who gives it; tags, referrers and pushes are the upstream's own, but for mirrors that
 * are to speak for tags.
 */
export function withMirrors(
  primary: PlaceClient,
  mirrors: readonly Mirror[],
  { name }: Pick<UpstreamConfig, 'name'>,
  observe: UpstreamObserver,
): UpstreamClient {
  const failed = ({ breaker, url }: Mirror, error: unknown): void => {
    if (!isPratiqueError(error)) return;
    if (!faults.has(error.code)) {
      breaker.succeeded();
      return;
    }
    const { retryAfter } = error.fields;
    const seconds = breaker.failed(typeof retryAfter === 'number' ? retryAfter : null);
    const place = new URL(url).host;
    observe({ upstream: name, kind: 'cooling', place, seconds, why: error.message });
  };

  /** The first answer that is none of "not here". */
  const first = async <Value>(
    asked: readonly Mirror[],
    work: (client: PlaceClient, mirror: Mirror | null) => Promise<Value | null>,
    signal?: AbortSignal,
  ): Promise<Value | null> => {
    for (const mirror of asked) {
      if (!mirror.breaker.mayTry()) continue;
      try {
        const found = await work(mirror.client, mirror);
        mirror.breaker.succeeded();
        if (found !== null) return found;
      } catch (error) {
        signal?.throwIfAborted();
        if (!isPratiqueError(error) || isOwn(error)) throw error;
        failed(mirror, error);
      }
    }
    return work(primary, null);
  };
  const speaking = mirrors.filter(({ tags }) => tags);
  const askedFor = (pointer: ManifestPointer): readonly Mirror[] =>
    pointer.kind === 'tag' ? speaking : mirrors;

  return {
    headManifest: (path, pointer, etag = null) => {
      const asked = askedFor(pointer);
      // An ETag is good for the place that has given it.
      const known = asked.length === 0 ? etag : null;
      return certain(first(asked, (client) => client.headManifest(path, pointer, known)));
    },
    getManifest: (path, pointer) =>
      certain(first(askedFor(pointer), (client) => client.getManifest(path, pointer))),
    getReferrers: (path, digest, page) => primary.getReferrers(path, digest, page),
    headBlob: (path, digest) => first(mirrors, (client) => client.headBlob(path, digest)),
    async openBlob(path, digest, signal) {
      const placeOf = (client: PlaceClient, mirror: Mirror | null): BlobPlace => {
        const place = client.blobPlace(path, digest, signal);
        return mirror === null ? place : { ...place, failed: (error) => failed(mirror, error) };
      };
      const places = [...mirrors.map((mirror) => placeOf(mirror.client, mirror)), placeOf(primary, null)];
      const opened = await certain(
        first(
          mirrors,
          async (client, mirror) => {
            const position = mirror === null ? mirrors.length : mirrors.indexOf(mirror);
            const place = places[position] ?? placeOf(client, mirror);
            return { part: await place.open(null), place };
          },
          signal,
        ),
      );
      return resumableBlob({ digest, first: opened, places, signal, ...primary.pace });
    },
    putBlob: (path, blob, open) => primary.putBlob(path, blob, open),
    putManifest: (path, pointer, mediaType, bytes) => primary.putManifest(path, pointer, mediaType, bytes),
    deleteManifest: (path, pointer) => primary.deleteManifest(path, pointer),
    enter: (path) => primary.enter(path),
    authorization: (path) => primary.authorization(path),
    close: async () => {
      await Promise.all([primary, ...mirrors.map(({ client }) => client)].map((client) => client.close()));
    },
  };
}

/** Another place would be asked no sooner. */
function isOwn(error: PratiqueError): boolean {
  return error.code === 'repository-denied' || error.fields.by === ownLimit;
}

async function certain<Value>(answer: Promise<Value | null>): Promise<Value> {
  const value = await answer;
  if (value === null) throw new Error('the upstream itself gave no answer and no failure');
  return value;
}

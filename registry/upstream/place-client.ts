import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm, parseDigest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import type { ManifestPointer } from '../../core/repository.ts';
import { manifestAccept, ociIndexType } from '../media-types.ts';
import { announcedDigest, errorExcerpt, etagOf, lengthOf, mediaTypeOf, readManifest } from './answer.ts';
import { createAuthorizer } from './authorizer.ts';
import { type BlobOffset, type BlobPlace, rangeFrom, resumableBlob, strongTag } from './blob-body.ts';
import { defaultTimeouts, leastPace, type UpstreamConfig } from './config.ts';
import { type Asked, misbehaved, parseRetryAfter, shownUrl, statusFailure, unreachable } from './failures.ts';
import type { Limiter } from './limiter.ts';
import type { UpstreamObserver } from './observer.ts';
import type { ClientDependencies, UpstreamClient } from './port.ts';
import { createRealmClient } from './realm.ts';
import { repositoryRule } from './repository-rule.ts';
import { createSender } from './sender.ts';
import { createTransport, discard, type TransportAnswer, type TransportRequest } from './transport.ts';
import { uploadBlob } from './upload.ts';

/** One registry, without its mirrors. */
export interface PlaceClient extends UpstreamClient {
  /** The same as `openBlob`, in parts. */
  blobPlace(path: string, digest: Digest, signal?: AbortSignal): BlobPlace;
  /** Milliseconds and bytes per second within which a blob has to come. */
  readonly pace: { readonly patience: number; readonly leastPace: number };
}

export function createPlaceClient(
  config: Omit<UpstreamConfig, 'mirrors'>,
  dependencies: ClientDependencies & { readonly limiter: Limiter; readonly observe: UpstreamObserver },
): PlaceClient {
  const { now, limiter, observe } = dependencies;
  const upstream = config.name;
  const timeouts = { ...defaultTimeouts, ...config.timeouts };
  const transport = createTransport(config, timeouts, dependencies.addresses);
  const authorizer = createAuthorizer(
    config,
    createRealmClient(config.name, transport, timeouts, now),
    now,
    dependencies.actions,
  );
  const base = new URL(config.url);
  const place = base.host;
  const admits = repositoryRule(config);
  const pace = { patience: timeouts.blob, leastPace: config.leastPace ?? leastPace };
  const send = createSender({ upstream, base, transport, limiter, observe });
  const received = (bytes: number): void => observe({ upstream, kind: 'received', place, bytes });

  const urlOf = (path: string, rest: string): URL => new URL(`/v2/${path}/${rest}`, base);

  /** Sends, and once more with what a 401 asks for. A 401 from where the upstream redirects is not its own. */
  const ask = async (
    path: string,
    request: Omit<TransportRequest, 'authorization'>,
  ): Promise<TransportAnswer> => {
    admits(path);
    const authorization = await authorizer.current(path);
    const answer = await send({ ...request, authorization });
    if (answer.status !== 401 || answer.url.origin !== base.origin) {
      if (answer.status < 400 && authorization === null) authorizer.noteOpen(path);
      return answer;
    }
    await discard(answer);
    const renewed = await authorizer.renew(path, answer.header('www-authenticate'), authorization);
    return send({ ...request, authorization: renewed });
  };

  const manifestUrl = (path: string, pointer: ManifestPointer): URL =>
    urlOf(path, `manifests/${pointer.kind === 'tag' ? pointer.tag : pointer.digest}`);
  const retryAfterOf = (answer: TransportAnswer): number | null =>
    parseRetryAfter(answer.header('retry-after'), now());
  const askedFor = (answer: TransportAnswer): Asked => ({ upstream: config.name, url: answer.url });

  const failureOf = async (
    answer: TransportAnswer,
    absent: 'manifest-unknown' | 'blob-unknown',
  ): Promise<PratiqueError> =>
    statusFailure(askedFor(answer), answer.status, absent, await errorExcerpt(answer), retryAfterOf(answer));

  const refuseStatus = async (
    answer: TransportAnswer,
    absent: 'manifest-unknown' | 'blob-unknown',
  ): Promise<void> => {
    if (answer.status === 200) {
      if (mediaTypeOf(answer) !== 'text/html') return;
      await discard(answer);
      throw misbehaved(askedFor(answer), 'answered 200 with a web page instead of content');
    }
    throw await failureOf(answer, absent);
  };

  const askManifest = async (
    method: 'GET' | 'HEAD',
    path: string,
    pointer: ManifestPointer,
    signal: AbortSignal,
    etag: string | null = null,
  ) => {
    const url = manifestUrl(path, pointer);
    const headers = { accept: manifestAccept, ...(etag === null ? {} : { 'if-none-match': etag }) };
    const answer = await ask(path, { method, url, headers, signal });
    if (etag === null || answer.status !== 304) await refuseStatus(answer, 'manifest-unknown');
    return { answer, announced: await announcedDigest(answer, askedFor(answer)) };
  };

  /** A deadline for a whole manifest; its passing is the upstream's failure. */
  const withDeadline = async <Value>(
    path: string,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> => {
    const signal = AbortSignal.timeout(timeouts.manifest);
    try {
      return await work(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      const late = new Error(`no whole answer within ${timeouts.manifest} ms`);
      throw unreachable({ upstream: config.name, url: urlOf(path, 'manifests') }, late);
    }
  };

  const headBlob: UpstreamClient['headBlob'] = async (path, digest) => {
    const answer = await ask(path, { method: 'HEAD', url: urlOf(path, `blobs/${digest}`), headers: {} });
    if (answer.status === 404) {
      await discard(answer);
      return null;
    }
    await refuseStatus(answer, 'blob-unknown');
    await discard(answer);
    return { size: lengthOf(answer) };
  };

  const blobPlace: PlaceClient['blobPlace'] = (path, digest, signal) => ({
    async open(from) {
      const url = urlOf(path, `blobs/${digest}`);
      const answer = await ask(path, { method: 'GET', url, headers: rangeHeaders(from), signal });
      const validator = strongTag(answer.header('etag'));
      if (from === null) {
        await refuseStatus(answer, 'blob-unknown');
        return { answer, asked: askedFor(answer), size: lengthOf(answer), validator };
      }
      const range = rangeFrom(answer.header('content-range'), from.offset);
      if (answer.status === 206 && range !== null) {
        return { answer, asked: askedFor(answer), size: range.size, validator };
      }
      if (answer.status >= 400) await refuseStatus(answer, 'blob-unknown');
      answer.body.on('error', () => undefined).destroy();
      throw misbehaved(askedFor(answer), 'does not go on with a blob in the middle');
    },
    received,
    resumed: () => observe({ upstream, kind: 'resumed', place }),
    failed: () => undefined,
  });

  return {
    headManifest: (path, pointer, etag = null) =>
      withDeadline(path, async (signal) => {
        const { answer, announced } = await askManifest('HEAD', path, pointer, signal, etag);
        await discard(answer);
        if (pointer.kind === 'digest' && announced !== null)
          refuseOther(pointer.digest, announced, askedFor(answer));
        const isUnchanged = answer.status === 304;
        return {
          digest: announced,
          mediaType: mediaTypeOf(answer),
          size: isUnchanged ? null : lengthOf(answer),
          etag: isUnchanged ? etag : etagOf(answer),
          isUnchanged,
        };
      }),
    getManifest: (path, pointer) =>
      withDeadline(path, async (signal) => {
        const { answer, announced } = await askManifest('GET', path, pointer, signal);
        const bytes = await readManifest(answer, askedFor(answer));
        received(bytes.length);
        const wanted = pointer.kind === 'digest' ? pointer.digest : announced;
        const digest = digestOf(bytes, wanted);
        if (wanted !== null && digest !== wanted) throw otherContent(wanted, digest, askedFor(answer));
        return { bytes, mediaType: mediaTypeOf(answer), digest, etag: etagOf(answer) };
      }),
    getReferrers: (path, digest, page) =>
      withDeadline(path, async (signal) => {
        const url = page === null ? urlOf(path, `referrers/${digest}`) : new URL(page, base);
        const answer = await ask(path, { method: 'GET', url, headers: { accept: ociIndexType }, signal });
        if (noSuchList.has(answer.status)) {
          await discard(answer);
          return null;
        }
        await refuseStatus(answer, 'manifest-unknown');
        const next = nextPage(answer.header('link'), url);
        if (next === 'elsewhere') {
          await discard(answer);
          throw misbehaved(askedFor(answer), 'names a next page of its list that is not in the list');
        }
        const bytes = await readManifest(answer, askedFor(answer));
        received(bytes.length);
        return { bytes, next };
      }),
    async putBlob(path, blob, open) {
      const known = await headBlob(path, blob.digest);
      if (known === null) await uploadBlob({ upstream: config.name, base, path, now, ask }, blob, open);
    },
    headBlob,
    async openBlob(path, digest, signal) {
      const from = blobPlace(path, digest, signal);
      const part = await from.open(null);
      return resumableBlob({ digest, first: { part, place: from }, places: [from], signal, ...pace });
    },
    blobPlace,
    pace,
    putManifest: (path, pointer, mediaType, body) =>
      withDeadline(path, async (signal) => {
        const url = manifestUrl(path, pointer);
        const headers = { 'content-type': mediaType };
        const answer = await ask(path, { method: 'PUT', url, headers, body, signal });
        if (answer.status === 201) return discard(answer);
        if (answer.status === 400 || answer.status === 404 || answer.status === 413) {
          const excerpt = await errorExcerpt(answer);
          const why = `the upstream ${config.name} did not take the manifest (${answer.status}): ${excerpt}`;
          throw new PratiqueError('manifest-invalid', why, { upstream: config.name, status: answer.status });
        }
        throw await failureOf(answer, 'manifest-unknown');
      }),
    deleteManifest: (path, pointer) =>
      withDeadline(path, async (signal) => {
        const url = manifestUrl(path, pointer);
        const answer = await ask(path, { method: 'DELETE', url, headers: {}, signal });
        if (answer.status === 202 || answer.status === 200 || answer.status === 204) return discard(answer);
        throw await failureOf(answer, 'manifest-unknown');
      }),
    async enter(path) {
      admits(path);
      return limiter.enter();
    },
    async authorization(path) {
      admits(path);
      if (!authorizer.knows(path)) {
        // Whatever it answers: what counts is the challenge that comes before.
        await discard(await ask(path, { method: 'GET', url: urlOf(path, 'tags/list?n=1'), headers: {} }));
      }
      return authorizer.current(path);
    },
    close: () => transport.close(),
  };
}

function rangeHeaders(from: BlobOffset | null): Record<string, string> {
  if (from === null) return {};
  return {
    range: `bytes=${from.offset}-`,
    ...(from.validator === null ? {} : { 'if-range': from.validator }),
  };
}

/** What registries answer that do not know the list. */
const noSuchList: ReadonlySet<number> = new Set([404, 405, 501]);

/** The path of the next page (RFC 8288), which is on the same host and in the same list, or `elsewhere`; null: there is none. */
function nextPage(link: string | null, from: URL): string | null {
  const target = /<([^<>]{1,2000})>\s*;[^,<]*\brel="?next"?/i.exec(link ?? '')?.[1];
  if (target === undefined) return /\brel="?next"?/i.test(link ?? '') ? 'elsewhere' : null;
  if (!URL.canParse(target, from.href)) return 'elsewhere';
  const next = new URL(target, from);
  return next.origin === from.origin && next.pathname === from.pathname
    ? `${next.pathname}${next.search}`
    : 'elsewhere';
}

/** An upstream may announce a digest of another algorithm than was asked for; then there is nothing to compare. */
function refuseOther(wanted: Digest, announced: Digest, asked: Asked): void {
  if (digestAlgorithm(wanted) !== digestAlgorithm(announced) || wanted === announced) return;
  throw otherContent(wanted, announced, asked);
}

function otherContent(wanted: Digest, found: Digest, asked: Asked): PratiqueError {
  return new PratiqueError(
    'digest-mismatch',
    `the upstream ${asked.upstream} at ${shownUrl(asked.url)} gave content with the digest ${found} for ${wanted}`,
    { upstream: asked.upstream, wanted, found },
  );
}

function digestOf(bytes: Uint8Array, like: Digest | null): Digest {
  const algorithm = like === null ? 'sha256' : digestAlgorithm(like);
  const digest = parseDigest(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`);
  if (digest === null) throw new Error(`node's ${algorithm} is not a digest`);
  return digest;
}

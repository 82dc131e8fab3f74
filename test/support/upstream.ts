import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Digest } from '../../core/digest.ts';
import type { Built } from './images.ts';
import { createDoorkeeper, type UpstreamAuth } from './upstream-auth.ts';
import {
  blobReply,
  emptyRepository,
  manifestReply,
  pushReply,
  putBuilt,
  type Repository,
  referrersReply,
  removeManifest,
  tagsReply,
} from './upstream-content.ts';
import { applyFault, type Fault, ociError, type Reply, send } from './upstream-reply.ts';

export type { Credentials, UpstreamAuth } from './upstream-auth.ts';
export type { Fault } from './upstream-reply.ts';

export interface UpstreamOptions {
  /** Repository → tag → image or index. */
  readonly repositories?: Readonly<Record<string, Readonly<Record<string, Built>>>>;
  readonly auth?: UpstreamAuth;
  /** The name in `url`; the server listens on 127.0.0.1 either way. */
  readonly hostname?: '127.0.0.1' | 'localhost';
  /** PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** 0 (any free one) if left out. */
  readonly port?: number;
}

export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

export interface Upstream {
  readonly url: string;
  /** Host and port. */
  readonly host: string;
  readonly requests: readonly SeenRequest[];
  /** How often a path was asked for; a text must be equal, a pattern must match. */
  count(path: string | RegExp, method?: string): number;
  /** Bytes of bodies sent for paths that match. */
  bytesSent(path: string | RegExp): number;
  put(repository: string, tag: string | null, built: Built): void;
  /** A manifest is gone, with its tags. */
  remove(repository: string, digest: Digest): void;
  /** From now on answers for matching paths have this fault, until the returned function is called. */
  fault(path: string | RegExp, fault: Fault, options?: { times?: number; method?: string }): () => void;
  /** Requests that were being answered at the same time, at most, since `forgetRequests`. */
  mostAtOnce(): number;
  revokeTokens(): void;
  forgetRequests(): void;
  close(): Promise<void>;
}

interface ActiveFault {
  readonly path: string | RegExp;
  readonly fault: Fault;
  readonly method: string | undefined;
  left: number;
}

function matches(pattern: string | RegExp, path: string): boolean {
  return typeof pattern === 'string' ? pattern === path : pattern.test(path);
}

/** A throw-away OCI registry in memory on a free loopback port. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const repositories = new Map<string, Repository>();
  const requests: SeenRequest[] = [];
  const sent: { path: string; bytes: number }[] = [];
  const faults = new Set<ActiveFault>();
  let [atOnce, mostAtOnce] = [0, 0];
  const doorkeeper = createDoorkeeper(options.auth);
  let origin = '';

  const repositoryOf = (name: string): Repository => {
    const known = repositories.get(name) ?? emptyRepository();
    repositories.set(name, known);
    return known;
  };
  const put = (name: string, tag: string | null, built: Built): void =>
    putBuilt(repositoryOf(name), tag, built);
  for (const [name, tags] of Object.entries(options.repositories ?? {})) {
    for (const [tag, built] of Object.entries(tags)) put(name, tag, built);
  }

  const answer = (seen: SeenRequest, body: Buffer): Reply => {
    const { method, path, query, headers } = seen;
    if (path === '/token') return doorkeeper.token(query, headers.authorization);
    const asked = /^\/v2\/(.+?)\/((?:manifests|blobs|tags|referrers)\/.*)$/.exec(path);
    const refusal = doorkeeper.refuse(headers.authorization, asked?.[1] ?? null, origin);
    if (refusal !== null) return refusal;
    if (path === '/v2/') return { status: 200, headers: {}, body: Buffer.from('{}') };
    const [, name, rest] = asked ?? [];
    if (name === undefined || rest === undefined) return ociError(404, 'NAME_UNKNOWN');
    if (method !== 'GET' && method !== 'HEAD') {
      const contentType = headers['content-type'] ?? '';
      return pushReply(repositoryOf(name), name, { method, rest, query, body, contentType });
    }
    const repository = repositories.get(name);
    if (repository === undefined) return ociError(404, 'NAME_UNKNOWN');
    const [kind, reference = ''] = rest.split(/\/(.*)/);
    if (kind === 'manifests') return manifestReply(repository, reference, headers['if-none-match']);
    if (kind === 'blobs') return blobReply(repository, reference, headers.range);
    if (kind === 'tags') return tagsReply(repository, name, query);
    return referrersReply(repository, reference);
  };

  const faultFor = (method: string, path: string): Fault => {
    for (const active of faults) {
      if (active.left <= 0 || !matches(active.path, path)) continue;
      if (active.method !== undefined && active.method !== method) continue;
      active.left -= 1;
      return active.fault;
    }
    return {};
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://upstream');
    const method = request.method ?? 'GET';
    const path = decodeURIComponent(url.pathname);
    const seen = { method, path, query: url.searchParams, headers: request.headers };
    requests.push(seen);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const fault = faultFor(method, path);
    const reply = applyFault(answer(seen, Buffer.concat(parts)), fault);
    sent.push({ path, bytes: await send(response, reply, fault, method === 'HEAD') });
  };

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    // Whoever has gone waits for nothing any more.
    response.once('close', () => {
      atOnce -= 1;
    });
    handle(request, response).catch(() => response.destroy());
  };
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = `${options.hostname ?? '127.0.0.1'}:${port}`;
  origin = `${options.tls === undefined ? 'http' : 'https'}://${host}`;

  return {
    url: origin,
    host,
    requests,
    put,
    remove: (name, digest) => removeManifest(repositoryOf(name), digest),
    count: (path, method) =>
      requests.filter((seen) => matches(path, seen.path) && (method === undefined || seen.method === method))
        .length,
    bytesSent: (path) => sent.reduce((total, one) => total + (matches(path, one.path) ? one.bytes : 0), 0),
    fault(path, fault, when = {}) {
      const active = { path, fault, method: when.method, left: when.times ?? Number.POSITIVE_INFINITY };
      faults.add(active);
      return () => faults.delete(active);
    },
    mostAtOnce: () => mostAtOnce,
    revokeTokens: () => doorkeeper.revoke(),
    forgetRequests: () => {
      requests.length = 0;
      mostAtOnce = atOnce;
      sent.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

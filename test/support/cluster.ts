import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An object as an API server keeps it. */
export interface ClusterObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

export interface ClusterRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly type: string;
  readonly body: unknown;
}

interface Watcher {
  readonly response: ServerResponse;
  readonly collection: string;
}

/** What it answers to a request instead of what it would; null: as it would. */
export type Script = (
  request: ClusterRequest,
) => { readonly status: number; readonly body?: unknown } | 'hang up' | null;

/**
 * As much of an API server as those who follow a cluster use: lists in pages, watches, creates, replaces with
 * `resourceVersion`, server-side apply as a replacement, and deletions. By path, whatever the kind.
 */
export class FakeCluster {
  /** Objects by collection (`/api/v1/pods`) and `namespace/name`. */
  readonly #objects = new Map<string, Map<string, ClusterObject>>();
  readonly #watchers = new Set<Watcher>();
  readonly #log: { readonly collection: string; readonly version: number; readonly line: string }[] = [];
  readonly #server: Server;
  #version = 100;
  /** Versions up to this one are forgotten. */
  #forgotten = 0;
  readonly requests: ClusterRequest[] = [];
  script: Script = () => null;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeCluster> {
    const server = createServer();
    const cluster = new FakeCluster(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      cluster.#answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return cluster;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get watches(): number {
    return this.#watchers.size;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** @param collection of all namespaces: `/api/v1/pods` */
  put(collection: string, object: ClusterObject): ClusterObject {
    const kept = this.#of(collection);
    const key = keyOf(object);
    const type = kept.has(key) ? 'MODIFIED' : 'ADDED';
    const stored = this.#versioned(object);
    kept.set(key, stored);
    this.#tell(collection, type, stored);
    return stored;
  }

  remove(collection: string, namespace: string, name: string): void {
    const kept = this.#of(collection);
    const object = kept.get(`${namespace}/${name}`);
    if (object === undefined) return;
    kept.delete(`${namespace}/${name}`);
    this.#tell(collection, 'DELETED', this.#versioned(object));
  }

  list(collection: string): ClusterObject[] {
    return [...this.#of(collection).values()];
  }

  /** What is said to all who watch, as it is. */
  say(line: string): void {
    for (const { response } of this.#watchers) response.write(`${line}\n`);
  }

  bookmark(): void {
    this.#version += 1;
    const metadata = { resourceVersion: String(this.#version) };
    this.say(JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', metadata } }));
  }

  /** Ends all watches: politely, or by cutting the connection. */
  dropWatches(how: 'end' | 'cut'): void {
    for (const { response } of this.#watchers) {
      if (how === 'end') response.end();
      else response.destroy();
    }
    this.#watchers.clear();
  }

  /** As etcd does it after a while: nobody can watch from before. */
  forget(): void {
    this.#version += 1;
    this.#forgotten = this.#version;
  }

  #of(collection: string): Map<string, ClusterObject> {
    const kept = this.#objects.get(collection) ?? new Map<string, ClusterObject>();
    this.#objects.set(collection, kept);
    return kept;
  }

  #versioned(object: ClusterObject): ClusterObject {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #tell(collection: string, type: string, object: ClusterObject): void {
    const line = JSON.stringify({ type, object });
    this.#log.push({ collection, version: this.#version, line });
    for (const watcher of this.#watchers)
      if (watcher.collection === collection) watcher.response.write(`${line}\n`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://cluster');
    const asked: ClusterRequest = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      type: request.headers['content-type'] ?? '',
      body: await bodyOf(request),
    };
    this.requests.push(asked);
    const scripted = this.script(asked);
    if (scripted === 'hang up') {
      response.destroy();
      return;
    }
    if (scripted !== null) {
      send(response, scripted.status, scripted.body ?? statusOf(scripted.status));
      return;
    }
    const { collection, namespace, name } = placeOf(url.pathname);
    if (asked.query.get('watch') === 'true') this.#watch(asked, collection, response);
    else if (asked.method === 'GET' && name === null) this.#list(asked, collection, response);
    else this.#object(asked, { collection, namespace, name }, response);
  }

  #list({ query }: ClusterRequest, collection: string, response: ServerResponse): void {
    const label = query.get('labelSelector')?.split('=') ?? [];
    const all = this.list(collection).filter(
      ({ metadata }) => label[0] === undefined || metadata.labels?.[label[0]] === label[1],
    );
    const start = Number(query.get('continue') ?? 0);
    const end = start + Number(query.get('limit') ?? all.length);
    const more = end < all.length ? { continue: String(end), remainingItemCount: all.length - end } : {};
    const metadata = { resourceVersion: String(this.#version), ...more };
    send(response, 200, { kind: 'List', apiVersion: 'v1', metadata, items: all.slice(start, end) });
  }

  #watch({ query }: ClusterRequest, collection: string, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion'));
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    if (from < this.#forgotten) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: statusOf(410) })}\n`);
      return;
    }
    for (const entry of this.#log) {
      if (entry.collection === collection && entry.version > from) response.write(`${entry.line}\n`);
    }
    const watcher = { response, collection };
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
  }

  #object(
    { method, body }: ClusterRequest,
    place: { readonly collection: string; readonly namespace: string | null; readonly name: string | null },
    response: ServerResponse,
  ): void {
    const { collection, namespace, name } = place;
    const kept = this.#of(collection);
    const given = body as ClusterObject;
    const key = `${namespace ?? ''}/${name ?? given.metadata.name}`;
    const found = kept.get(key);
    if (method === 'POST') {
      if (found === undefined) send(response, 201, this.put(collection, given));
      else send(response, 409, statusOf(409));
    } else if (method === 'PATCH') {
      send(response, found === undefined ? 201 : 200, this.put(collection, given));
    } else if (found === undefined) send(response, 404, statusOf(404));
    else if (method === 'GET') send(response, 200, found);
    else if (method === 'DELETE') {
      this.remove(collection, namespace ?? '', name ?? '');
      send(response, 200, { kind: 'Status', status: 'Success' });
    } else if (given.metadata.resourceVersion !== found.metadata.resourceVersion)
      send(response, 409, statusOf(409));
    else send(response, 200, this.put(collection, given));
  }
}

/** `/apis/apps/v1/namespaces/shop/deployments/web` is in `/apis/apps/v1/deployments`. */
function placeOf(path: string): {
  readonly collection: string;
  readonly namespace: string | null;
  readonly name: string | null;
} {
  const within = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  if (within !== null) {
    const [, api = '', namespace = '', plural = '', name] = within;
    return { collection: `${api}/${plural}`, namespace, name: name ?? null };
  }
  const whole = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  const [, api = '', plural = '', name] = whole ?? [];
  return { collection: `${api}/${plural}`, namespace: null, name: name ?? null };
}

function keyOf({ metadata }: ClusterObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function statusOf(code: number): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    message: `because of ${code}`,
    metadata: {},
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text === '' ? null : JSON.parse(text);
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** JSON of a Kubernetes object, as far as this server looks into it. */
export interface FakeObject {
  readonly [key: string]: unknown;
  readonly metadata: { readonly [key: string]: unknown; readonly name: string };
}

export interface FakeRequest {
  /** `GET /api/v1/pods?limit=1` */
  readonly line: string;
  readonly token: string;
  readonly type: string;
  readonly body: unknown;
}

export interface FakeReply {
  readonly status: number;
  readonly body: string;
  readonly warnings?: readonly string[];
}

/** One answer of a script: an own one, as the server does it, none at all, or an end of the connection. */
export type FakeStep = FakeReply | 'as it is' | 'silence' | 'hang up';

/** An API server on loopback that holds objects by their paths, as far as the tests of this project need one. */
export interface FakeCluster {
  readonly server: string;
  readonly requests: FakeRequest[];
  /** Answers by this first, one step for each request. */
  script: FakeStep[];
  /** Asked of what is made or changed before it is; a reply is the answer. */
  admit: ((request: FakeRequest) => FakeReply | null | Promise<FakeReply | null>) | null;
  /** For the `Date` of answers; null: the machine's clock. */
  clock: (() => number) | null;
  /** @param path of the object: `/api/v1/namespaces/web` */
  put(path: string, object: FakeObject): void;
  get(path: string): FakeObject | null;
  remove(path: string): void;
  /** As it was at the start. */
  clear(): void;
  close(): Promise<void>;
}

export async function startFakeCluster(): Promise<FakeCluster> {
  const objects = new Map<string, FakeObject>();
  let version = 0;
  const store = (path: string, object: FakeObject): FakeObject => {
    version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    objects.set(path, stored);
    return stored;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const seen: FakeRequest = {
      line: `${request.method} ${request.url}`,
      token: request.headers.authorization ?? '',
      type: request.headers['content-type'] ?? '',
      body,
    };
    cluster.requests.push(seen);
    const step = cluster.script.shift() ?? 'as it is';
    if (step === 'silence') return;
    if (step === 'hang up') {
      response.destroy();
      return;
    }
    const changes = request.method !== 'GET' && request.method !== 'DELETE';
    const admitted = step === 'as it is' && changes ? ((await cluster.admit?.(seen)) ?? null) : null;
    const reply = step !== 'as it is' ? step : (admitted ?? act(request, body));
    response.setHeader('Content-Type', 'application/json');
    if (cluster.clock !== null) response.setHeader('Date', new Date(cluster.clock()).toUTCString());
    if (reply.warnings !== undefined && reply.warnings.length > 0) {
      response.setHeader(
        'Warning',
        reply.warnings.map((text) => `299 - "${text.replace(/["\\]/g, '\\$&')}"`),
      );
    }
    response.writeHead(reply.status).end(reply.body);
  };
  const act = (request: IncomingMessage, body: unknown): FakeReply => {
    const url = new URL(request.url ?? '/', 'http://x');
    const path = url.pathname;
    const there = objects.get(path);
    const dry = url.searchParams.get('dryRun') === 'All';
    const method = request.method ?? '';
    switch (method) {
      case 'GET':
        return there === undefined ? listed(path) : json(there);
      case 'POST': {
        const made = body as FakeObject;
        const at = `${path}/${made.metadata.name}`;
        if (objects.has(at)) return status(409, `${made.metadata.name} already exists`);
        return { ...json(dry ? made : store(at, made)), status: 201 };
      }
      case 'PUT': {
        if (there === undefined) return status(404);
        const next = body as FakeObject;
        const wanted = next.metadata.resourceVersion;
        if (wanted !== undefined && wanted !== there.metadata.resourceVersion) return status(409, 'conflict');
        return json(dry ? next : store(path, next));
      }
      case 'PATCH':
        return patch(path, there, body, request.headers['content-type'] ?? '', dry);
      case 'DELETE':
        if (there === undefined) return status(404);
        objects.delete(path);
        return status(200, 'deleted');
      default:
        return status(405);
    }
  };
  /** What lies below a collection's path; a path without a version in it is nothing. */
  const listed = (path: string): FakeReply => {
    const found = [...objects].filter(([at]) => isIn(at, path)).map(([, object]) => object);
    if (found.length === 0 && !collections.test(path)) return status(404);
    return json({ kind: 'List', metadata: {}, items: found });
  };
  const patch = (
    path: string,
    there: FakeObject | undefined,
    body: unknown,
    type: string,
    dry: boolean,
  ): FakeReply => {
    if (type.startsWith('application/apply-patch')) {
      const merged = there === undefined ? body : merge(there, body);
      return json(dry ? merged : store(path, merged as FakeObject));
    }
    if (there === undefined) return status(404);
    const patched = structuredClone(there);
    for (const operation of body as Operation[]) if (!apply(patched, operation)) return status(422);
    return json(dry ? patched : store(path, patched));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cluster: FakeCluster = {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    script: [],
    admit: null,
    clock: null,
    put: store,
    get: (path) => objects.get(path) ?? null,
    remove: (path) => {
      objects.delete(path);
    },
    clear: () => {
      objects.clear();
      cluster.requests.length = 0;
      [cluster.script, cluster.admit, cluster.clock] = [[], null, null];
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return cluster;
}

/** A Kubernetes `Status`. */
export function status(code: number, message = 'because'): FakeReply {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: code < 400 ? 'Success' : 'Failure',
    code,
    message,
  };
  return { status: code, body: JSON.stringify(body) };
}

export function json(value: unknown): FakeReply {
  return { status: 200, body: JSON.stringify(value) };
}

/** Paths that end with a resource and not with a name. */
const collections = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/[^/]+)?\/[a-z]+$/;

/** `/api/v1/pods` holds the Pods of all namespaces. */
function isIn(at: string, collection: string): boolean {
  if (at.startsWith(`${collection}/`) && !at.slice(collection.length + 1).includes('/')) return true;
  const cut = collection.lastIndexOf('/');
  const [group, resource] = [collection.slice(0, cut), collection.slice(cut + 1)];
  const rest = at.startsWith(`${group}/namespaces/`) ? at.slice(group.length + 12).split('/') : [];
  return rest.length === 3 && rest[1] === resource;
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value: unknown;
}

/** RFC 6902, as far as it is used here. */
function apply(object: FakeObject, { op, path, value }: Operation): boolean {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replace(/~1/g, '/').replace(/~0/g, '~'));
  const last = keys.pop() ?? '';
  let at: unknown = object;
  for (const key of keys) at = at === null || typeof at !== 'object' ? null : (at as Plain)[key];
  if (at === null || typeof at !== 'object') return false;
  if (op === 'test') return JSON.stringify((at as Plain)[last]) === JSON.stringify(value);
  if (op === 'remove') delete (at as Plain)[last];
  else (at as Plain)[last] = value;
  return true;
}

type Plain = Record<string, unknown>;

/** Server-side apply by one who owns what he names; lists go by their items' names. */
function merge(there: unknown, applied: unknown): unknown {
  if (Array.isArray(applied) && Array.isArray(there)) {
    return applied.map((item: unknown) => {
      const name = nameOf(item);
      const before = name === null ? undefined : (there as unknown[]).find((other) => nameOf(other) === name);
      return before === undefined ? item : merge(before, item);
    });
  }
  if (!isPlain(applied) || !isPlain(there)) return applied;
  const merged: Plain = { ...there };
  for (const [key, value] of Object.entries(applied)) merged[key] = merge(there[key], value);
  return merged;
}

function nameOf(item: unknown): string | null {
  return isPlain(item) && typeof item.name === 'string' ? item.name : null;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text === '' ? null : JSON.parse(text);
}

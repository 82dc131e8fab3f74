import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type {
  FakeAdapter,
  FakeAllowlist,
  FakeHarborState,
  FakeProject,
  FakeScanner,
} from './fake-harbor-state.ts';

export interface FakeHarbor {
  readonly url: string;
  readonly state: FakeHarborState;
  /** `METHOD /path`, with query, of every request that changes something or pings. */
  readonly writes: string[];
  /** Lets half a minute pass: what adapters answered is asked again. */
  forget(): void;
  close(): Promise<void>;
}

const native = 'application/vnd.security.vulnerability.report; version=1.1';
const sbom = 'application/vnd.security.sbom.report+json; version=1.0';
const image = 'application/vnd.docker.distribution.manifest.v2+json';

/** Pratique's adapter as it describes itself. */
export function fakeAdapter(
  options: { readonly sbom?: boolean; readonly updatedAt?: string; readonly name?: string } = {},
): FakeAdapter {
  const { name = 'Pratique', updatedAt = new Date().toISOString() } = options;
  const vulnerability = {
    type: 'vulnerability',
    consumes_mime_types: [image],
    produces_mime_types: [native],
  };
  return {
    metadata: {
      scanner: { name, vendor: name, version: '0.1.0' },
      capabilities:
        options.sbom === true
          ? [vulnerability, { type: 'sbom', consumes_mime_types: [image], produces_mime_types: [sbom] }]
          : [vulnerability],
      properties: { 'harbor.scanner-adapter/vulnerability-database-updated-at': updatedAt },
    },
  };
}

/**
 * The part of Harbor's API (api/v2.0/swagger.yaml) that Pratique uses, on loopback. Like Harbor it hides the reason of
 * a 5xx, remembers what registered adapters answered, and takes requests without credentials for anonymous.
 */
export async function startFakeHarbor(
  options: { readonly tls?: { readonly key: string; readonly cert: string } } = {},
): Promise<FakeHarbor> {
  const state: FakeHarborState = {
    version: 'v2.11.2-00000000',
    registryUrl: 'harbor.corp.example',
    password: 'Harbor12345',
    administrator: true,
    readOnly: false,
    components: ['core', 'database', 'jobservice', 'portal', 'redis', 'registry', 'registryctl'].map(
      (name) => ({
        name,
        status: 'healthy',
      }),
    ),
    skew: 0,
    schedule: { type: 'Daily', cron: '0 0 0 * * *' },
    scanners: [],
    projects: [],
    registries: new Map(),
    allowlist: { items: [] },
    adapters: new Map(),
    instead: new Map(),
  };
  const writes: string[] = [];
  const remembered = new Map<string, FakeAdapter | null>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => answer(request, response, Buffer.concat(parts).toString()));
  };

  function answer(request: IncomingMessage, response: ServerResponse, text: string): void {
    const url = new URL(request.url ?? '/', 'http://harbor');
    const path = url.pathname.replace(/^\/api\/v2\.0/, '');
    const method = request.method ?? '';
    const route = `${method} ${path}`;
    response.setHeader('Date', new Date(Date.now() + state.skew).toUTCString());
    const other = state.instead.get(route);
    if (other === 'silence') return;
    if (other !== undefined) {
      response.writeHead(other.status, {
        'Content-Type': other.type ?? 'application/json',
        ...other.headers,
      });
      response.end(other.body ?? '');
      return;
    }
    if (method !== 'GET') writes.push(route);
    const reply = respond(request, route, url, text === '' ? null : (JSON.parse(text) as unknown));
    response.writeHead(reply.status, { 'Content-Type': 'application/json', ...reply.headers });
    response.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
  }

  interface Reply {
    readonly status: number;
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
  }

  function respond(request: IncomingMessage, route: string, url: URL, body: unknown): Reply {
    const wanted = `Basic ${Buffer.from(`admin:${state.password}`).toString('base64')}`;
    const known = request.headers.authorization === wanted;
    if (route === 'GET /health') {
      const ill = state.components.some(({ status }) => status !== 'healthy');
      return { status: 200, body: { status: ill ? 'unhealthy' : 'healthy', components: state.components } };
    }
    if (route === 'GET /systeminfo') {
      const { version, registryUrl, readOnly } = state;
      const more = { harbor_version: version, registry_url: registryUrl, read_only: readOnly };
      return { status: 200, body: { auth_mode: 'db_auth', ...(known ? more : {}) } };
    }
    if (!known) return failure(401, 'UNAUTHORIZED', 'unauthorized');
    const forEverybody = /^GET \/(?:projects|system\/CVEAllowlist)/.test(route);
    if (!state.administrator && !forEverybody) return failure(403, 'FORBIDDEN', 'forbidden');
    const [, collection, key, below] = /^\w+ \/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?/.exec(route) ?? [];
    if (collection === 'scanners')
      return scanners(route.split(' ')[0] ?? '', key, below, url, body as FakeScanner);
    if (collection === 'projects')
      return projects(route.split(' ')[0] ?? '', key, below, url, body as Partial<FakeProject>);
    if (collection === 'registries') {
      const found = state.registries.get(Number(key));
      return found === undefined
        ? notFound('registry')
        : { status: 200, body: { id: Number(key), ...found } };
    }
    if (route === 'GET /system/scanAll/schedule') {
      if (!state.scanners.some(({ is_default }) => is_default))
        return failure(412, 'PRECONDITION', 'no scanner is configured');
      return { status: 200, body: state.schedule === null ? {} : { id: 1, schedule: state.schedule } };
    }
    if (route === 'GET /system/CVEAllowlist')
      return { status: 200, body: { id: 1, project_id: 0, ...state.allowlist } };
    if (route === 'PUT /system/CVEAllowlist') {
      state.allowlist = body as FakeAllowlist;
      return { status: 200 };
    }
    return notFound('page');
  }

  function scanners(
    method: string,
    uuid: string | undefined,
    below: string | undefined,
    url: URL,
    body: FakeScanner,
  ): Reply {
    if (uuid === undefined && method === 'GET') return page(state.scanners.map(shown), url);
    if (uuid === 'ping') return reach(body) === null ? hidden() : { status: 200 };
    if (uuid === undefined) {
      if (body.name === 'Trivy')
        return failure(400, 'BAD_REQUEST', 'name "Trivy" is reserved, please try a different name');
      if (reach(body) === null) return hidden();
      if (state.scanners.some(({ name, url: at }) => name === body.name || at === body.url))
        return failure(409, 'CONFLICT', 'registration name or url already exists');
      const made = { ...body, uuid: randomUUID(), is_default: state.scanners.length === 0 };
      state.scanners.push(made);
      return { status: 201, headers: { Location: `/api/v2.0/scanners/${made.uuid}` } };
    }
    const found = state.scanners.find((one) => one.uuid === uuid);
    if (found === undefined) return notFound('scanner');
    if (below === 'metadata') {
      const kept = remembered.get(uuid);
      const adapter = kept === undefined ? reach(found) : kept;
      remembered.set(uuid, adapter);
      return adapter === null ? hidden() : { status: 200, body: adapter.metadata };
    }
    if (method === 'GET') return { status: 200, body: shown(found) };
    if (method === 'PATCH') {
      if (found.disabled) return notFound('registration');
      for (const one of state.scanners) one.is_default = one.uuid === uuid;
      return { status: 200 };
    }
    if (found.is_default && body.disabled) return hidden();
    if (state.scanners.some((one) => one !== found && (one.name === body.name || one.url === body.url)))
      return hidden();
    Object.assign(found, body);
    return { status: 200 };
  }

  function projects(
    method: string,
    name: string | undefined,
    below: string | undefined,
    url: URL,
    body: Partial<FakeProject>,
  ): Reply {
    if (name === undefined) return page(state.projects, url);
    const found = state.projects.find((one) => one.name === decodeURIComponent(name));
    if (found === undefined) return failure(404, 'NOT_FOUND', `project ${name} not found`);
    if (below === 'scanner') {
      const own = state.scanners.find(({ uuid }) => uuid === found.scanner);
      const inForce = own ?? state.scanners.find(({ is_default }) => is_default);
      return { status: 200, body: inForce === undefined ? {} : shown(inForce) };
    }
    if (method === 'PUT') {
      if (body.cve_allowlist !== undefined) found.cve_allowlist = body.cve_allowlist;
      return { status: 200 };
    }
    return { status: 200, body: found };
  }

  /** What the adapter answers to Harbor; null: nothing that Harbor can use. */
  function reach({ url, auth, access_credential: credential }: FakeScanner): FakeAdapter | null {
    const adapter = state.adapters.get(url);
    if (adapter === undefined) return null;
    if (adapter.auth !== undefined && (adapter.auth !== auth || adapter.credential !== credential))
      return null;
    const minor = Number(/^v2\.(\d+)/.exec(state.version)?.[1] ?? 99);
    const usable = adapter.metadata.capabilities.every(({ produces_mime_types: types }) =>
      types.some((type) => type === native || (minor > 10 && type === sbom)),
    );
    return usable ? adapter : null;
  }

  const server = options.tls === undefined ? createServer(handle) : createTlsServer(options.tls, handle);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: options.tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    state,
    writes,
    forget: () => remembered.clear(),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Newer Harbors keep the credential to themselves. */
function shown({ access_credential: _secret, ...rest }: FakeScanner): unknown {
  return rest;
}

function page(
  items: readonly unknown[],
  url: URL,
): { status: number; body: unknown; headers: Record<string, string> } {
  const number = Number(url.searchParams.get('page') ?? 1);
  const size = Number(url.searchParams.get('page_size') ?? 10);
  const next = new URL(url);
  next.searchParams.set('page', String(number + 1));
  const link = number * size < items.length ? { Link: `<${next.pathname}${next.search}>; rel="next"` } : {};
  return {
    status: 200,
    body: items.slice((number - 1) * size, number * size),
    headers: { 'X-Total-Count': String(items.length), ...link },
  };
}

function failure(status: number, code: string, message: string): { status: number; body: unknown } {
  return { status, body: { errors: [{ code, message }] } };
}

function hidden(): { status: number; body: unknown } {
  return failure(500, 'UNKNOWN', 'internal server error');
}

function notFound(what: string): { status: number; body: unknown } {
  return failure(404, 'NOT_FOUND', `${what} not found`);
}

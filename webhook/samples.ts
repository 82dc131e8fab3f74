import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AskContext } from '../core/context.ts';
import { type Digest, parseDigest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { PratiqueEvent } from '../core/event.ts';
import type { StoredManifest } from '../core/image.ts';
import type { Addressing, Clearance, Gate } from '../core/ports/gate.ts';
import { canonicalName, formatPointer } from '../core/repository.ts';
import { allows, type Verdict, type VerdictStatus } from '../core/verdict.ts';
import { parsePolicySet } from '../policy/bindings/parse.ts';
import { makeRulebook } from '../policy/bindings/rule.ts';
import { ensureCertificate, type ServerCertificate } from './certificate.ts';
import { imageGateOf } from './image-gate.ts';
import { clusterKinds } from './kinds.ts';
import { createWebhookServer, type WebhookOptions } from './server.ts';
import type { Admitted } from './telling.ts';
import type { ReviewOutcome } from './validate.ts';

/** What the tests of this room share: a gate that answers by name, reviews, and a server with a client. */
function digestOf(hex: string): Digest {
  const digest = parseDigest(`sha256:${hex.repeat(64)}`);
  if (digest === null) throw new Error('no digest');
  return digest;
}
export const digest = digestOf('a');
const manifest: StoredManifest = {
  digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  bytes: new Uint8Array(),
  manifest: { kind: 'index', mediaType: '', subject: null, hazards: [], manifests: [] },
};
export const verdict: Verdict = {
  status: 'fail',
  policy: 'baseline',
  policyRevision: '0',
  advisoriesRevision: '0',
  scanner: 's',
  rules: [
    {
      ...{ id: 'critical-with-fix', action: 'deny', title: 'Critical', why: null, findings: 1 },
      ...{ remedy: 'Take the fixed version.', controls: [], graceUntil: null },
    },
  ],
  reasons: ['CVE-2024-1 critical in openssl 3.0.1 (fixed in 3.0.2)'],
  summary: {
    counts: { critical: 1, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
    fixable: 1,
    worst: [
      {
        id: 'CVE-2024-1',
        aliases: [],
        package: 'openssl',
        version: '3.0.1',
        severity: 'critical',
        fixedVersion: '3.0.2',
        kev: false,
        status: 'fixed',
      },
    ],
  },
  coverage: [],
  suppressed: [],
  blockers: {
    complete: true,
    list: [
      {
        rule: 'critical-with-fix',
        finding: { id: 'DEBIAN-CVE-2024-1', aliases: ['CVE-2024-1'], package: 'openssl', source: 'openssl' },
      },
    ],
  },
  evaluatedAt: '2026-06-01T00:00:00.000Z',
  validUntil: null,
  next: null,
};

function clearance(status: VerdictStatus, fields: Partial<Clearance> = {}): Clearance {
  return {
    ...{ digest, status, allowed: allows(status), ruled: null, reasons: [], platforms: [], transient: false },
    ...fields,
  };
}
const finding = 'CVE-2024-1 critical in openssl 3.0.1 (fixed in 3.0.2)';
const ofPlatforms = (...statuses: VerdictStatus[]): Partial<Clearance> => ({
  reasons: [statuses.length === 1 ? finding : `linux/arm64: ${finding}`],
  platforms: statuses.map((status, index) => ({
    platform: `linux/${index === 0 ? 'amd64' : 'arm64'}`,
    digest,
    status,
    verdict: { ...verdict, status: status === 'pending' ? 'error' : status },
    failure: null,
  })),
});

const never = new Promise<never>(() => undefined);
type Answer = () => Clearance | Promise<Clearance>;
/** What the gate says of a repository's path. */
const answers = new Map<string, Answer>([
  ['good', () => clearance('pass')],
  ['warned', () => clearance('warn', { reasons: ['CVE-2024-2 high in zlib \u2014 (fixed in 2)'] })],
  ['bad', () => clearance('fail', ofPlatforms('fail'))],
  ['half', () => clearance('fail', ofPlatforms('pass', 'fail'))],
  ['unread', () => clearance('error', { reasons: ['no advisories cover Alpine:v3.19 (15 packages)'] })],
  ['away', () => clearance('error', { reasons: ['the upstream does not answer'], transient: true })],
  ['slow', () => clearance('pending', { transient: true, reasons: ['it is being inspected'] })],
  ['hung', () => never],
  ['endless', () => clearance('fail', { reasons: [`${'é\r\n'.repeat(9000)}`] })],
  ['thrown', () => Promise.reject(new PratiqueError('queue-full', 'the queue is full'))],
  ['broken', () => Promise.reject(new TypeError('x is undefined'))],
]);
/** Which namespace is ruled how, and what is decided without a look. */
const rulebook = makeRulebook(
  parsePolicySet(
    `version: 1
name: test
bindings:
  - { id: warns, namespaces: [warned], policy: baseline, mode: warn }
  - { id: audits, namespaces: [audited], policy: baseline, mode: audit }
  - { id: lenient, namespaces: [lenient], policy: baseline, unknownImage: allow, unknownRegistry: allow }
  - { id: production, clusters: [prod], namespaceLabels: { tier: web }, policy: baseline, mode: warn }
  - { id: default, policy: baseline }
beforeScan:
  - { id: never, images: [reg.corp/banned/*], action: refuse, reason: nobody keeps them }
  - { id: ours, images: [trusted.example/*], action: pass, reason: they are signed elsewhere }
`,
    'test.yaml',
    () => '',
  ),
  [],
);
/** Who asked the gate, since the last reset. */
export const askers: AskContext[] = [];
/** What the gate was asked to resolve, since the last reset. */
export const asked: string[] = [];
const proxyGate: Pick<Gate, 'held' | 'clearance' | 'resolve' | 'settled'> = {
  // All of it has to be waited for; test/admission has a gate that knows digests.
  held: () => null,
  clearance: () => clearance('pending'),
  resolve: (address, pointer) => {
    asked.push(formatPointer(address, pointer));
    if (address.path === 'app/gone') {
      return Promise.reject(new PratiqueError('manifest-unknown', 'reg.corp/app/gone:latest is not there'));
    }
    return address.path === 'app/silent' ? never : Promise.resolve(manifest);
  },
  settled: async (address, _manifest, scope, asker) => {
    if (scope !== 'admit') throw new Error('asked for serving');
    askers.push(asker);
    const answer = answers.get(address.path.split('/').at(-1) ?? '');
    const said = answer === undefined ? clearance('error') : await answer();
    const image = { upstream: address.upstream, repository: canonicalName(address) };
    const selection = rulebook.select(asker, image);
    const [bound] = selection.kind === 'bound' ? selection.bounds : [];
    if (bound === undefined) throw new Error('the gate was asked though nothing is to be looked at');
    const { id: binding, mode, unknownImage } = bound.binding;
    const lenient = mode !== 'enforce' || (said.status === 'pending' && unknownImage === 'allow');
    return { ...said, allowed: said.allowed || lenient, ruled: { binding, policy: bound.policy.name, mode } };
  },
};
export const gate = imageGateOf(proxyGate);
export const addressing: Addressing = {
  locate: (registry, path) =>
    registry === 'reg.corp' || registry === 'docker.io'
      ? { upstream: registry, namespace: registry, path }
      : null,
  isOwn: (registry) => registry === 'pratique.corp',
};

export interface Answered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: { readonly code: number; readonly message: string };
    readonly warnings?: readonly string[];
    readonly auditAnnotations?: Readonly<Record<string, string>>;
  };
}

export const podOf = (...images: (string | null)[]) => ({
  spec: { containers: images.map((image, i) => ({ name: `c${i}`, ...(image === null ? {} : { image }) })) },
});
export const review = (fields: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u-1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    name: 'p',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'ada' },
    object: podOf('reg.corp/app/good:1'),
    oldObject: null,
    dryRun: false,
    options: null,
    ...fields,
  },
});

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function sendTo(
  agent: Agent,
  port: number,
  path: string,
  body: string | Buffer | null,
  headers: Record<string, string> = {},
  method?: string,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      {
        agent,
        host: '127.0.0.1',
        port,
        path,
        method: method ?? (body === null ? 'GET' : 'POST'),
        headers: body === null ? headers : { 'Content-Type': 'application/json', ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body ?? undefined);
  });
}

export interface TestServer {
  readonly server: ReturnType<typeof createWebhookServer>;
  readonly port: number;
  readonly tls: ServerCertificate;
  readonly outcomes: ReviewOutcome[];
  readonly admitted: Admitted[];
  readonly refused: PratiqueEvent[];
  readonly decisions: Pick<Clearance, 'allowed' | 'status' | 'ruled'>[];
  /** Messages that were logged as errors. */
  readonly errors: string[];
  /** Fill it, and the server is not ready. */
  readonly notReady: string[];
  readonly troubles: string[];
  send(
    path: string,
    body: string | Buffer | null,
    headers?: Record<string, string>,
    method?: string,
  ): Promise<Reply>;
  /** Sends a Pod's creation with some fields of its own, and reads the answer. */
  reviewed(fields: object, query?: string): Promise<Answered>;
  close(): Promise<void>;
}

/** On a free port of the loopback interface, with a certificate of its own that its client trusts. */
export async function startTestServer(
  options: Partial<
    Pick<WebhookOptions, 'cluster' | 'namespaces' | 'imagePolicy' | 'gatekeeper' | 'clients' | 'breakGlass'>
  > = {},
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-webhook-'));
  const [outcomes, errors, notReady]: [ReviewOutcome[], string[], string[]] = [[], [], []];
  const troubles: string[] = [];
  const [admitted, refused]: [Admitted[], PratiqueEvent[]] = [[], []];
  const decisions: TestServer['decisions'] = [];
  const quiet = () => undefined;
  const names = ['localhost', 'pratique-webhook.pratique.svc'];
  const tls = await ensureCertificate({ folder, names, now: Date.now });
  const server = createWebhookServer({
    gate,
    addressing,
    kinds: clusterKinds,
    mutate: { pin: true, templates: false, rewriteTo: null },
    rulebook: () => rulebook,
    cluster: options.cluster ?? null,
    namespaces: options.namespaces ?? null,
    imagePolicy: options.imagePolicy ?? false,
    gatekeeper: options.gatekeeper ?? null,
    clients: options.clients ?? null,
    ...(options.breakGlass === undefined ? {} : { breakGlass: options.breakGlass }),
    teamLabel: 'team',
    logger: { debug: quiet, info: quiet, warn: quiet, error: (_fields, message) => errors.push(message) },
    tls,
    now: Date.now,
    ticks: () => performance.now(),
    onReview: (outcome) => outcomes.push(outcome),
    onDecision: (decision) => decisions.push(decision),
    onAdmitted: (images) => admitted.push(...images),
    onRefused: (event) => refused.push(event),
    notReady: () => notReady,
    troubles: () => troubles,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const { port } = address;
  const agent = new Agent({ ca: tls.ca, keepAlive: true, servername: 'pratique-webhook.pratique.svc' });
  const send: TestServer['send'] = (path, body, headers, method) =>
    sendTo(agent, port, path, body, headers, method);
  return {
    server,
    port,
    tls,
    outcomes,
    admitted,
    refused,
    decisions,
    errors,
    notReady,
    troubles,
    send,
    reviewed: async (fields, query = '?timeout=10s') => {
      const { status, text } = await send(`/validate${query}`, JSON.stringify(review(fields)));
      if (status !== 200) throw new Error(`the review was answered ${status}: ${text}`);
      return JSON.parse(text) as Answered;
    },
    close: async () => {
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

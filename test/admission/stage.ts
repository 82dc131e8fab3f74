import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AskContext } from '../../core/context.ts';
import { type Digest, parseDigest } from '../../core/digest.ts';
import { PratiqueError } from '../../core/errors.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import {
  formatPointer,
  type ManifestPointer,
  type RepositoryAddress,
  repositoryKey,
} from '../../core/repository.ts';
import type { FinalStatus, Verdict } from '../../core/verdict.ts';
import { parsePolicySet } from '../../policy/bindings/parse.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import { combine } from '../../policy/clearance/combine.ts';
import { Ruler, rulerFor } from '../../policy/clearance/ruler.ts';
import { createAddressing } from '../../registry/addressing.ts';
import { ensureCertificate } from '../../webhook/certificate.ts';
import type { ImageGate } from '../../webhook/image-gate.ts';
import { type CustomKind, kindsWith, type PodPath, parseSteps } from '../../webhook/kinds.ts';
import type { MutateSettings } from '../../webhook/pinning.ts';
import { createWebhookServer } from '../../webhook/server.ts';

/** The webhook as it runs, over HTTPS, in front of images that are what their names say. */

/** `1` is sha256:111… */
export function digestOf(hex: string): Digest {
  const digest = parseDigest(`sha256:${hex.repeat(64)}`);
  if (digest === null) throw new Error(`${hex} is no digit`);
  return digest;
}

type Known = FinalStatus | 'away' | 'slow' | 'broken' | 'half';
interface Held {
  readonly digest: Digest;
  readonly tags: RegExp;
  readonly known: Known;
}

const held = (hex: string, tags: RegExp, known: Known): Held => ({ digest: digestOf(hex), tags, known });

/** By repository; a digest is there where the repository holds it. */
const repositories: ReadonlyMap<string, readonly Held[]> = new Map([
  ['corp/app/good', [held('1', /^(?!2$)/, 'pass'), held('2', /^2$/, 'pass')]],
  ['corp/app/mixed', [held('1', /^good$/, 'pass'), held('b', /^bad$/, 'fail')]],
  ['corp/app/bad', [held('b', /./, 'fail')]],
  ['corp/app/warned', [held('c', /./, 'warn')]],
  ['corp/app/half', [held('d', /./, 'half')]],
  ['corp/app/unread', [held('e', /./, 'error')]],
  ['corp/app/away', [held('f', /./, 'away')]],
  ['corp/app/slow', [held('5', /./, 'slow')]],
  ['corp/app/broken', [held('6', /./, 'broken')]],
  ['corp/data/set', [held('3', /./, 'pass')]],
  ['docker.io/library/nginx', [held('7', /./, 'pass')]],
  ['docker.io/team/app', [held('8', /./, 'pass')]],
  ['docker.io/signed/app', [held('9', /./, 'pass')]],
  ['hosted/team/app', [held('4', /./, 'pass')]],
]);

const rulebook = makeRulebook(
  parsePolicySet(
    `version: 1
name: reviews
bindings:
  - { id: payment, workloadLabels: { tier: payment }, policy: strict }
  - { id: warns, namespaces: [warned], policy: baseline, mode: warn }
  - { id: audits, namespaces: [audited], policy: baseline, mode: audit }
  - { id: off, namespaces: [unwatched], policy: baseline, mode: "off" }
  - { id: lenient, namespaces: [lenient], policy: baseline, unknownImage: allow, unknownRegistry: allow }
  - { id: web, namespaceLabels: { tier: web }, policy: baseline, mode: warn }
  - { id: operators, groups: [ops], policy: baseline, mode: warn }
  - { id: testers, serviceAccounts: [shop/tester], policy: baseline, mode: warn }
  - { id: default, policy: baseline }
beforeScan:
  - { id: ours, images: [docker.io/signed/*], action: pass, reason: they are signed elsewhere }
  - { id: never, images: [docker.io/banned/*], action: refuse, reason: nobody keeps them }
`,
    'reviews.yaml',
    () => '',
  ),
  [],
);

const addressing = createAddressing({
  upstreams: [
    { name: 'docker.io', namespace: 'docker.io' },
    { name: 'corp', namespace: 'reg.corp' },
  ],
  publicNames: ['proxy.corp:5000'],
});

const never = new Promise<never>(() => undefined);
/** What is said of a digest is at hand, but of some; a tag has to be asked for. */
const gate: ImageGate = {
  known: (address, pointer, asker) => {
    const found = pointer.kind === 'digest' ? heldAt(address, pointer) : undefined;
    if (found === undefined || found.known === 'slow' || found.known === 'broken') return null;
    return { digest: found.digest, clearance: clearanceOf(address, found, asker) };
  },
  find: (address, pointer) => {
    if (address.path === 'app/silent') return never;
    const found = heldAt(address, pointer);
    if (found === undefined) {
      const what = `${formatPointer(address, pointer)}: its registry has nothing there`;
      return Promise.reject(new PratiqueError('manifest-unknown', what));
    }
    return Promise.resolve({
      digest: found.digest,
      settled: async (asker) => Promise.resolve(clearanceOf(address, found, asker)),
    });
  },
};

function heldAt(address: RepositoryAddress, pointer: ManifestPointer): Held | undefined {
  return repositories
    .get(repositoryKey(address))
    ?.find(({ digest, tags }) =>
      pointer.kind === 'tag' ? tags.test(pointer.tag) : digest === pointer.digest,
    );
}

function clearanceOf(
  { upstream, namespace, path }: RepositoryAddress,
  { digest, known }: Held,
  asker: AskContext,
): Clearance {
  const repository = `${namespace}/${path}`;
  if (known === 'broken') throw new TypeError('x is undefined');
  const ruler = rulerFor(rulebook, asker, { upstream, repository }, digest, Date.now());
  if (!(ruler instanceof Ruler)) return ruler;
  if (known === 'slow') return ruler.pending(digest, null, 'it is being inspected');
  if (known === 'away') {
    return ruler.failed(digest, null, {
      code: 'upstream-unreachable',
      message: 'reg.corp could not be reached',
      fields: {},
    });
  }
  const judged = (status: FinalStatus, platform: string | null) =>
    ruler.judged(digest, platform, (bound) => verdictOf(status, bound.policy.name), [repository]);
  if (known !== 'half') return judged(known, null);
  return combine(digest, [judged('pass', 'linux/amd64'), judged('fail', 'linux/arm64')], 'admit');
}

const reasons: Readonly<Record<FinalStatus, string>> = {
  pass: 'nothing is wrong with it',
  warn: 'CVE-2024-2 high in zlib 1.2 (fixed in 1.3)',
  fail: 'CVE-2024-1 critical in openssl 3.0.1 (fixed in 3.0.2)',
  error: 'no advisories cover Alpine:v3.19 (15 packages)',
};

/** The strict policy refuses what the other one warns of. */
function verdictOf(known: FinalStatus, policy: string): Verdict {
  const status = known === 'warn' && policy === 'strict' ? 'fail' : known;
  return {
    ...{
      status,
      policy,
      policyRevision: '0',
      advisoriesRevision: '0',
      scanner: 's',
      reasons: [reasons[known]],
    },
    rules:
      status === 'fail'
        ? [
            {
              ...{ id: 'critical', action: 'deny', title: 'Critical', why: null, findings: 1, controls: [] },
              ...{ remedy: 'Take the fixed version.', graceUntil: null },
            },
          ]
        : [],
    summary: {
      counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
      fixable: 0,
      worst: [],
    },
    ...{ coverage: [], suppressed: [], blockers: { complete: true, list: [] } },
    ...{ evaluatedAt: '2026-11-30T00:00:00.000Z', validUntil: null, next: null },
  };
}

const custom = (
  group: string,
  version: string,
  kind: string,
  path: string,
  holds: PodPath['holds'],
): CustomKind => ({
  ...{ group, versions: [version], kind },
  paths: [{ holds, steps: parseSteps(path) ?? [] }],
});
const kinds = kindsWith([
  custom('argoproj.io', 'v1alpha1', 'Rollout', 'spec.template', 'template'),
  custom('serving.knative.dev', 'v1', 'Service', 'spec.template', 'template'),
  custom('serving.knative.dev', 'v1', 'Configuration', 'spec.template', 'template'),
  custom('serving.knative.dev', 'v1', 'Revision', 'spec', 'spec'),
  custom('jobset.x-k8s.io', 'v1alpha2', 'JobSet', 'spec.replicatedJobs[].template.spec.template', 'template'),
]);

export interface Stage {
  /** A POST; `path` with its query. */
  send(path: string, body: string | Buffer): Promise<{ readonly status: number; readonly text: string }>;
  close(): Promise<void>;
}

export async function openStage(mutate: MutateSettings): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-reviews-'));
  const tls = await ensureCertificate({ folder, names: ['pratique-webhook.pratique.svc'], now: Date.now });
  const quiet = () => undefined;
  const server = createWebhookServer({
    ...{ gate, addressing, kinds, mutate, tls, cluster: 'prod', teamLabel: 'team' },
    ...{ imagePolicy: false, gatekeeper: null, clients: null },
    rulebook: () => rulebook,
    namespaces: {
      labelsOf: (name) => Promise.resolve(name === 'labelled' ? { tier: 'web' } : {}),
      close: quiet,
    },
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    now: Date.now,
    ticks: () => performance.now(),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const agent = new Agent({ ca: tls.ca, keepAlive: true, servername: 'pratique-webhook.pratique.svc' });
  const target = { agent, host: '127.0.0.1', port: address.port, method: 'POST' };
  return {
    send: (path, body) =>
      new Promise((resolve, reject) => {
        const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
        const outgoing = request({ ...target, path, headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
        });
        outgoing.on('error', reject);
        outgoing.end(body);
      }),
    close: async () => {
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

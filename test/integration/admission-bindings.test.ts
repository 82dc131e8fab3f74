import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeKubeconfig } from '../support/kubeconfig.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { bad, clean, openStage, reviewOf, type Stage } from './stage.ts';

/** One image, and what becomes of it by who asks where. */
const policySet = `version: 1
name: by-place
bindings:
  - { id: extra-careful, workloadLabels: { careful: "yes" }, policy: strict }
  - { id: web, clusters: [prod], namespaceLabels: { tier: web }, policy: baseline, mode: warn }
  - { id: robots, users: ["system:serviceaccount:ci:*"], policy: baseline, mode: audit }
  - { id: default, policy: baseline }
`;
const tiers: Readonly<Record<string, string>> = { shop: 'web', stock: 'db' };
let apiServer: Server;
let stage: Stage;
beforeAll(async () => {
  apiServer = createServer((request, response) => {
    const name = /^\/api\/v1\/namespaces\/([a-z]+)$/.exec(request.url ?? '')?.[1] ?? '';
    const tier = tiers[name];
    const body = { kind: 'Namespace', apiVersion: 'v1', metadata: { name, labels: { tier } } };
    response
      .writeHead(tier === undefined ? 403 : 200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => apiServer.listen(0, '127.0.0.1', resolve));
  const kubeconfig = join(temporaryDirectory(), 'kubeconfig');
  const { port } = apiServer.address() as AddressInfo;
  writeKubeconfig(kubeconfig, `http://127.0.0.1:${port}`, 't');
  stage = await openStage({
    repositories: { 'team/app': { clean, bad } },
    policy: policySet,
    config: { cluster: 'prod', webhook: { kubeconfig } },
  });
});
afterAll(async () => {
  apiServer.closeAllConnections();
  apiServer.close();
  await stage.close();
});

interface Answer {
  readonly allowed: boolean;
  readonly status?: { readonly message: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

async function asked(image: string, request: object): Promise<Answer> {
  const review = reviewOf(`registry.corp/team/app:${image}`) as { request: object };
  const { body } = await stage.pratique.review({ ...review, request: { ...review.request, ...request } });
  return (body as { response: Answer }).response;
}

describe('an image with a critical finding', () => {
  it('is let in with a warning where the labels of its namespace are bound to warn', async () => {
    const { allowed, warnings, auditAnnotations } = await asked('bad', { namespace: 'shop' });
    expect([allowed, warnings]).toEqual([true, [expect.stringMatching(/would be refused: .*CVE-2026-1001/)]]);
    expect(auditAnnotations?.['image-0']).toMatch(/ fail binding=web policy=baseline mode=warn$/);
  });

  it('is denied elsewhere, by the binding that the message names', async () => {
    const { allowed, status } = await asked('bad', { namespace: 'stock' });
    expect([allowed, status?.message]).toEqual([
      false,
      expect.stringMatching(/CVE-2026-1001.*openssl.*3\.0\.2-1.*\(policy baseline, binding default\)/),
    ]);
  });

  it('is let in without a word for a user that is only recorded', async () => {
    const userInfo = { username: 'system:serviceaccount:ci:builder', groups: ['system:authenticated'] };
    const { allowed, warnings, auditAnnotations } = await asked('bad', { namespace: 'stock', userInfo });
    expect([allowed, warnings]).toEqual([true, undefined]);
    expect(auditAnnotations?.['image-0']).toMatch(/mode=audit$/);
  });

  it('is denied where the labels cannot be read, though the user is only recorded', async () => {
    const userInfo = { username: 'system:serviceaccount:ci:builder' };
    for (const image of ['bad', 'clean']) {
      const { allowed, status } = await asked(image, { namespace: 'hidden', userInfo });
      expect([image, allowed, status?.message]).toEqual([
        image,
        false,
        expect.stringContaining('whether the binding web holds cannot be told'),
      ]);
    }
  });

  it('is counted by gate, binding and mode', async () => {
    const metrics = await (await fetch(`${stage.pratique.management}/metrics`)).text();
    expect(metrics).toMatch(/gate="admission".*binding="web".*mode="warn"/);
  });
});

describe('a clean image', () => {
  it('is admitted', async () => {
    expect(await asked('clean', { namespace: 'stock' })).toMatchObject({ allowed: true });
  });
});

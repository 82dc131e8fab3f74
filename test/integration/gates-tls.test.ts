import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeAuthority, makeServerCertificate } from '../../webhook/authority.ts';
import { FakeCluster } from '../support/cluster.ts';
import { podObject, pods } from '../support/cluster-pods.ts';
import { writeKubeconfig } from '../support/kubeconfig.ts';
import { type LoneWebhook, lonePorts, startLoneWebhook } from '../support/lone-webhook.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { clientAuthority } from '../support/tls.ts';
import { bad, clean, debian, openStage, type Reviewed, reviewOf, type Stage } from './stage.ts';

/**
 * A proxy that asks gates for a token and a certificate, with a certificate of its operator; a webhook on its own feet that follows
 * it, and looks after what runs. All of them are changed while both are running. In this order.
 */
const patience = 60_000;
const perTest = 120_000;
const token = 'the-token-of-the-cluster-east-which-is-long-enough';
const dir = temporaryDirectory();
const clientsBefore = clientAuthority(temporaryDirectory());
const clientsAfter = clientAuthority(temporaryDirectory());
const at = (name: string): string => join(dir, name);
const put = (name: string, text: string): void => writeFileSync(at(name), text);

let authority: Awaited<ReturnType<typeof makeAuthority>>;
let cluster: FakeCluster;
let stage: Stage;
let webhook: LoneWebhook;
let ports: Awaited<ReturnType<typeof lonePorts>>;

async function putServerCertificate(): Promise<string> {
  const signing = { certificate: authority.certificate, key: createPrivateKey(authority.key) };
  const made = await makeServerCertificate(signing, ['localhost', '127.0.0.1'], Date.now());
  put('proxy.crt', made.certificate);
  put('proxy.key', made.key);
  return new X509Certificate(made.certificate).fingerprint256;
}
function putClientCertificate({ cert, key }: { readonly cert: string; readonly key: string }): void {
  put('client.crt', cert);
  put('client.key', key);
}

beforeAll(async () => {
  authority = await makeAuthority(Date.now());
  await putServerCertificate();
  putClientCertificate(clientsBefore.issue('east'));
  put('clients.crt', clientsBefore.ca);
  put('token', token);
  cluster = await FakeCluster.start();
  cluster.put('/api/v1/namespaces', { metadata: { name: 'shop', labels: {} } });
  const id = `registry.corp/team/app@${bad.manifest.digest}`;
  cluster.put(pods, podObject({ name: 'web-1', image: 'registry.corp/team/app:bad', id }));
  writeKubeconfig(at('kubeconfig'), cluster.url, 'secret');
  stage = await openStage({
    repositories: {
      'team/app': { clean, bad },
      'team/new': { one: debian('curl', '1', 'one'), two: debian('curl', '1', 'two') },
    },
    config: {
      gates: {
        tokens: [{ cluster: 'east', tokenFile: at('token') }],
        ...{ clientCa: at('clients.crt'), require: 'both' },
        tls: { certificate: at('proxy.crt'), key: at('proxy.key') },
      },
    },
  });
  for (const tag of ['clean', 'bad']) await stage.get(`team/app/manifests/${tag}`);
  ports = await lonePorts();
  webhook = await startLoneWebhook({
    ...{ dir, url: `https://127.0.0.1:${stage.pratique.ports.gates}`, ca: authority.certificate, token },
    ports,
    proxy: { certificate: at('client.crt'), key: at('client.key') },
    webhook: { running: { kubeconfig: at('kubeconfig') } },
  });
}, 180_000);
afterAll(async () => {
  await webhook?.stop();
  await stage?.close();
  await cluster?.close();
});

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + patience; !(await holds()); await sleep(100)) {
    if (Date.now() > end) throw new Error(`it has not come to be that ${what}: ${webhook.log()}`);
  }
}
async function hears(): Promise<boolean> {
  const { status, body } = await webhook.readyz();
  return status === 200 && body.replica.problems.length === 0;
}
async function admit(name: string): Promise<boolean> {
  const { body } = await webhook.review(reviewOf(`registry.corp/${name}`), '/validate?timeout=20s');
  return (body as { response: Reviewed }).response.allowed;
}
/** Of the certificate that the port shows now. */
function shown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', servername: 'localhost', ca: authority.certificate };
    const socket = connect({ ...options, port: stage.pratique.ports.gates }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('a webhook that shows the proxy a token and a certificate', () => {
  it(
    'follows it, and judges as it does',
    async () => {
      await until('it follows', hears);
      expect([await admit('team/app:clean'), await admit('team/app:bad')]).toEqual([true, false]);
      expect(await admit('team/new:one')).toBe(true);
    },
    perTest,
  );

  it(
    'goes on when the proxy shows another certificate',
    async () => {
      const next = await putServerCertificate();
      await until('the proxy shows it', async () => (await shown()) === next);
      expect(await hears()).toBe(true);
      expect(await admit('team/new:two')).toBe(true);
      // What the proxy learns is heard of, too.
      await stage.get('team/new/manifests/two');
      await until('it has heard', async () => (await webhook.readyz()).body.replica.held.verdicts >= 4);
    },
    perTest,
  );

  it(
    'is refused when the authority of clients is another, and let in with a certificate of that one',
    async () => {
      put('clients.crt', clientsAfter.ca);
      await until('it is refused', async () => !(await hears()));
      expect((await webhook.readyz()).body.replica.problems.join()).toMatch(
        /client certificate of gates.clientCa/,
      );
      // What it knows it answers still.
      expect([await admit('team/app:clean'), await admit('team/app:bad')]).toEqual([true, false]);
      putClientCertificate(clientsAfter.issue('east'));
      await until('it follows again', hears);
    },
    perTest,
  );
});

describe('a webhook that looks after what runs in its cluster', () => {
  it(
    'tells what is bad there on its own management port and in metrics',
    async () => {
      const address = `http://127.0.0.1:${ports.management}`;
      await until('it is seen', async () =>
        /web/.test(await (await fetch(`${address}/api/v1/running`)).text()),
      );
      expect(await (await fetch(`${address}/api/v1/running`)).json()).toMatchObject({
        leader: true,
        rows: [{ namespace: 'shop', digest: bad.manifest.digest, status: 'fail' }],
      });
      expect(await webhook.metrics()).toMatch(/pratique_running_/);
    },
    perTest,
  );

  it(
    'tells the proxy, whose reports have it',
    async () => {
      const report = `${stage.pratique.management}/api/v1/reports/namespaces`;
      await until('the proxy knows', async () => (await (await fetch(report)).text()).includes('shop'));
    },
    perTest,
  );
});

import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { expect, it } from '@jest/globals';
import { makeAuthority, namesIn } from '../../webhook/authority.ts';
import { advance, bundleOf, certificatesIn, type Material } from '../../webhook/material.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { isReady, startBalancer } from './support/balancer.ts';
import type { Cluster } from './support/kubernetes.ts';
import { openProxy, type RunningProxy, type WebhookAlone, webhookAlone } from './support/kubernetes-alone.ts';
import { badSentence, images, isAsked, prepare, registration, until } from './support/kubernetes-gate.ts';
import { startLoad } from './support/kubernetes-load.ts';
import { pod } from './support/kubernetes-objects.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

const secret = { name: 'pratique-webhook-tls', namespace: 'pratique' };

interface SecretObject {
  readonly data: Readonly<Record<string, string>>;
}

/** In this order: at the end all of Pratique is stopped, and comes back part by part. */
describeCluster('two webhooks on their own feet behind one address', (beforeTests) => {
  let cluster: Cluster;
  let proxy: RunningProxy;
  const webhooks: WebhookAlone[] = [];
  beforeTests(async (opening) => {
    const dir = temporaryDirectory();
    cluster = await opening.cluster();
    const kubeconfig = await prepare(cluster);
    proxy = await openProxy(join(dir, 'proxy'));
    opening.closing(proxy.stage);
    const options = {
      // One certificate for both, which the first makes.
      webhook: { secret: { ...secret, kubeconfig } },
      config: { shutdown: { delay: '3s' } },
    };
    for (const name of ['a', 'b']) {
      const webhook = opening.closing(await webhookAlone(join(dir, name), proxy, kubeconfig, options));
      await webhook.start();
      webhooks.push(webhook);
    }
    const balancer = await startBalancer(
      webhooks.map(({ port }) => ({ port, isReady: () => isReady(port) })),
    );
    opening.closing(balancer);
    const url = `https://127.0.0.1:${balancer.port}`;
    await cluster.must(['apply', '-f', '-'], registration(url, { mutate: true }));
    await until('the webhook is asked', () => isAsked(cluster));
  });

  const create = (name: string, image: string, namespace = 'default') =>
    cluster.create(pod(image, { name, namespace }));

  it('answer every one of hundreds of requests while one after the other is restarted', async () => {
    const load = startLoad(cluster);
    for (const webhook of webhooks) {
      await webhook.stop();
      await webhook.start();
      await until('it is ready again', () => isReady(webhook.port));
    }
    const { made, lost } = await load.end();
    expect(lost).toEqual([]);
    expect(made).toBeGreaterThan(200);
  });

  it('follow one authority after the other without a request that is lost', async () => {
    const next = await makeAuthority(Date.now());
    const before = await materialOf(cluster);
    const load = startLoad(cluster);
    // As another replica does in the last 120 days of an authority.
    const announced = {
      ...before,
      authorities: [...before.authorities, next.certificate],
      nextKey: next.key,
    };
    await write(cluster, announced);
    await until(
      'the API server is told of both',
      async () => isHeld(await bundles(cluster), announced),
      150_000,
    );
    await sleep(2000);
    // As the one does that has seen for ten minutes that all are told.
    const { material, made } = await advance(announced, {
      ...{ names: namesIn(before.server?.certificate ?? ''), furtherNames: true },
      ...{ now: Date.now(), publishedFor: 600_000 },
    });
    expect(made).toBe('authority');
    await write(cluster, material);
    await until('both serve with the new one', async () => {
      const issued = await Promise.all(webhooks.map(({ port }) => isSignedBy(port, next.certificate)));
      return issued.every(Boolean);
    });
    await sleep(3000);
    // As when the old one has ended.
    const alone = { ...material, authorities: [next.certificate] };
    await write(cluster, alone);
    await until('the old one is trusted no more', async () => isHeld(await bundles(cluster), alone), 150_000);
    await sleep(3000);
    const { made: all, lost } = await load.end();
    expect(lost).toEqual([]);
    expect(all).toBeGreaterThan(200);
    expect((await create('authority-bad', images.bad)).err).toContain(badSentence);
  });

  it('after a full outage its own namespace and kube-system go on, and nothing else', async () => {
    for (const webhook of webhooks) await webhook.stop();
    await proxy.stage.pratique.stop();
    for (const namespace of ['kube-system', 'pratique'])
      expect((await create('outage', images.clean, namespace)).code).toBe(0);
    const { code, err } = await create('outage', images.clean);
    expect([code, err]).toEqual([1, expect.stringContaining('failed calling webhook')]);
  });

  it('a webhook that comes back answers without the proxy, for what it knows', async () => {
    await webhooks[0]?.start();
    await until('the API server asks it', () => isAsked(cluster));
    expect(await create('back', images.clean)).toEqual({ code: 0, out: 'pod/back created\n', err: '' });
    expect((await create('back-bad', images.bad)).err).toContain(badSentence);
    const unknown = await create('back-unknown', images.slow);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('Blocked by Pratique')]);
  });

  it('and for what it does not know when the proxy is back', async () => {
    await proxy.stage.restart();
    await until(
      'an image that nobody knew is let in',
      async () => (await create('all', images.slow)).code === 0,
    );
    await webhooks[1]?.start();
    expect((await create('all-bad', images.bad)).err).toContain(badSentence);
  });
});

const decoded = (text = ''): string => Buffer.from(text, 'base64').toString('utf8');

async function materialOf(cluster: Cluster): Promise<Material> {
  const { data } = await cluster.get<SecretObject>('-n', secret.namespace, 'secret', secret.name);
  return {
    authorities: certificatesIn(decoded(data['ca.crt'])),
    authorityKey: decoded(data['ca.key']),
    nextKey: null,
    server: { certificate: decoded(data['tls.crt']), key: decoded(data['tls.key']) },
  };
}

async function write(cluster: Cluster, material: Material): Promise<void> {
  const data: Record<string, string | null | undefined> = {
    'ca.crt': bundleOf(material),
    'ca.key': material.authorityKey,
    'next-ca.key': material.nextKey,
    'tls.crt': material.server?.certificate,
    'tls.key': material.server?.key,
  };
  const encoded = Object.entries(data).map(([key, text]) => [
    key,
    text == null ? null : Buffer.from(text, 'utf8').toString('base64'),
  ]);
  const patch = JSON.stringify({ data: Object.fromEntries(encoded) as object });
  await cluster.must(['-n', secret.namespace, 'patch', 'secret', secret.name, '--type=merge', '-p', patch]);
}

/** Of both configurations. */
async function bundles(cluster: Cluster): Promise<readonly string[]> {
  const kinds = ['validatingwebhookconfiguration', 'mutatingwebhookconfiguration'];
  const found = await Promise.all(
    kinds.map((kind) =>
      cluster.get<{ webhooks: { clientConfig: { caBundle: string } }[] }>(kind, 'pratique'),
    ),
  );
  return found.flatMap(({ webhooks }) => webhooks.map(({ clientConfig }) => decoded(clientConfig.caBundle)));
}

function isHeld(held: readonly string[], material: Material): boolean {
  return held.every((one) => one.trim() === bundleOf(material).trim());
}

/** Whether a new connection meets a certificate of this authority. */
function isSignedBy(port: number, authority: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      const peer = socket.getPeerX509Certificate();
      resolve(peer?.verify(new X509Certificate(authority).publicKey) === true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}

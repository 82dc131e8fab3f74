import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { runCli } from '../support/pratique.ts';
import { relay } from '../support/relay.ts';
import { temporaryDirectory } from '../support/temp.ts';
import type { Cluster } from './support/kubernetes.ts';
import { badSentence, digests, images, openGate, registration, until } from './support/kubernetes-gate.ts';
import { pod } from './support/kubernetes-objects.ts';
import { type ClusterPki, makePki } from './support/kubernetes-pki.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

/** Whom an API server shows itself as. */
const clients = ['right', 'other name', 'other authority', 'nothing'] as const;
type Client = (typeof clients)[number];
type Ports = Readonly<Record<Client, number>>;

/** What an API server is told that has not shown it. */
const unanswered =
  'a review comes from a client whose certificate one of the configured authorities has signed, for one of the configured names';

/** By what an API server chooses a certificate: the address that a webhook is asked at. */
function admissionConfiguration(dir: string, pki: ClusterPki, ports: Ports): string {
  const elsewhere = makePki(join(dir, 'other-pki'));
  const certificates = {
    right: pki.issue('admission', '/CN=kube-apiserver', 'DNS:kube-apiserver'),
    'other name': pki.issue('somebody', '/CN=somebody', 'DNS:somebody'),
    'other authority': elsewhere.issue('admission', '/CN=kube-apiserver', 'DNS:kube-apiserver'),
    nothing: null,
  };
  const users = clients.map((client) => ({
    name: `127.0.0.1:${ports[client]}`,
    user:
      certificates[client] === null
        ? {}
        : { 'client-certificate': certificates[client].cert, 'client-key': certificates[client].key },
  }));
  const kubeConfigFile = join(dir, 'admission.kubeconfig');
  writeFileSync(kubeConfigFile, JSON.stringify({ apiVersion: 'v1', kind: 'Config', users }));
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'WebhookAdmissionConfiguration',
    kubeConfigFile,
  };
  const file = join(dir, 'admission.yaml');
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AdmissionConfiguration',
      plugins: ['ValidatingAdmissionWebhook', 'MutatingAdmissionWebhook'].map((name) => ({
        name,
        configuration,
      })),
    }),
  );
  return file;
}

/** In this order: each part leaves the API server asking as whom it was about. */
describeCluster('an API server that has to show a certificate', (beforeTests) => {
  let cluster: Cluster;
  const ports = { right: 0, 'other name': 0, 'other authority': 0, nothing: 0 };
  beforeTests(async (opening) => {
    const dir = temporaryDirectory();
    mkdirSync(dir, { recursive: true });
    for (const client of clients) ports[client] = await freePort();
    cluster = await opening.cluster({
      flags: (pki) => [`--admission-control-config-file=${admissionConfiguration(dir, pki, ports)}`],
    });
    const gate = await openGate(cluster, {
      registration: null,
      config: { webhook: { clientCa: cluster.pki.ca, clientNames: ['kube-apiserver'] } },
    });
    opening.closing(gate);
    const { webhook } = gate.stage.pratique.ports;
    for (const client of clients) {
      const from = { host: '127.0.0.1', port: ports[client] };
      const server = await relay(from, { host: '127.0.0.1', port: webhook });
      opening.closing({
        close: () => {
          // Nobody waits for the API server's idle connections.
          server.close();
          return Promise.resolve();
        },
      });
    }
    await askAs('right', true);
  });

  const create = (name: string, image = images.clean) => cluster.create(pod(image, { name }));
  const pratique = (...args: readonly string[]) =>
    runCli(['webhook', ...args, '--kubeconfig', cluster.kubeconfig]);
  /** @param mutate whether the mutating webhook is there, too, which is asked first */
  const askAs = async (client: Client, mutate: boolean): Promise<void> => {
    const url = `https://127.0.0.1:${ports[client]}`;
    await cluster.must(['apply', '-f', '-'], registration(url, { mutate }));
    if (!mutate)
      await cluster.must(['delete', '--ignore-not-found', 'mutatingwebhookconfiguration', 'pratique']);
    // It speaks of a certificate that it does not know until the program has entered its authority.
    await until(`it is asked as ${client}`, async () => {
      const { code, err } = await cluster.kubectl([
        ...['run', 'x', `--image=${images.clean}`, '--dry-run=server'],
      ]);
      return client === 'right' ? code === 0 : err.includes(unanswered);
    });
  };

  it('is answered with the right one: what is cleared is made and pinned, what is not is refused', async () => {
    expect(await create('right')).toEqual({ code: 0, out: 'pod/right created\n', err: '' });
    const { spec } = await cluster.get<{ spec: { containers: { image: string }[] } }>('pod', 'right');
    expect(spec.containers[0]?.image).toContain(digests.clean);
    expect((await create('right-bad', images.bad)).err).toContain(badSentence);
  });

  // The mutating ones first: a configuration that is made anew waits up to a minute for its authority.
  it.each([
    ['another name', 'other name', true],
    ['one of another authority', 'other authority', true],
    ['none', 'nothing', true],
    ['another name, by the validating webhook', 'other name', false],
    ['one of another authority, by the validating webhook', 'other authority', false],
    ['none, by the validating webhook', 'nothing', false],
  ] as const)('is not answered with %s, and then nothing is made', async (_what, client, mutate) => {
    await askAs(client, mutate);
    for (const image of [images.clean, images.bad]) {
      const { code, out, err } = await create('refused', image);
      const webhook = mutate ? 'mutate.pratique.dev' : 'images.pratique.dev';
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(`failed calling webhook "${webhook}": failed to call webhook: ${unanswered}`);
    }
    expect((await cluster.kubectl(['get', 'pod', 'refused'])).err).toContain('NotFound');
  });

  it('is answered again as soon as it shows the right one', async () => {
    await askAs('right', false);
    expect((await create('again')).code).toBe(0);
    expect((await create('again-bad', images.bad)).err).toContain(badSentence);
  });

  it('is seen by install, and enforce does not switch with it', async () => {
    await cluster.must(['delete', 'validatingwebhookconfiguration', 'pratique']);
    const url = `https://127.0.0.1:${ports.nothing}`;
    const installed = await pratique('install', '--url', url, '--timeout', '10s');
    expect([installed.code, installed.out]).toEqual([3, expect.stringContaining('is not reached yet')]);
    expect((await create('audit', images.bad)).code).toBe(0);
    const enforced = await pratique('enforce', '--yes');
    expect([enforced.code, enforced.err]).toEqual([2, expect.stringContaining('does not reach it')]);
  });
});

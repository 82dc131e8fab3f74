import { copyFileSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { expect, it } from '@jest/globals';
import { temporaryDirectory } from '../support/temp.ts';
import type { Cluster } from './support/kubernetes.ts';
import {
  badSentence,
  images,
  isAsked,
  type KubernetesGate,
  openGate,
  registration,
  until,
} from './support/kubernetes-gate.ts';
import { startLoad } from './support/kubernetes-load.ts';
import { pod } from './support/kubernetes-objects.ts';
import { type ClusterPki, makePki } from './support/kubernetes-pki.ts';
import { describeCluster } from './support/kubernetes-suite.ts';

/** As a kubelet shows a Secret that somebody else, such as cert-manager, writes: all of it changes in one rename. */
function mount(folder: string, version: string, cert: string, key: string): void {
  mkdirSync(join(folder, version), { recursive: true });
  copyFileSync(cert, join(folder, version, 'tls.crt'));
  copyFileSync(key, join(folder, version, 'tls.key'));
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

describeCluster('a certificate that somebody else makes, and enters its authority', (beforeTests) => {
  let cluster: Cluster;
  let gate: KubernetesGate;
  let issuer: ClusterPki;
  const folder = join(temporaryDirectory(), 'tls');
  const issue = (name: string) => issuer.issue(name, '/CN=webhook', 'IP:127.0.0.1,DNS:webhook.pratique.svc');
  beforeTests(async (opening) => {
    cluster = await opening.cluster();
    issuer = makePki(join(cluster.dir, 'issuer'));
    const first = issue('first');
    mkdirSync(folder, { recursive: true });
    mount(folder, '..1', first.cert, first.key);
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(folder, name));
    gate = opening.closing(
      await openGate(cluster, {
        registration: null,
        webhook: () => ({
          register: undefined,
          certificate: join(folder, 'tls.crt'),
          key: join(folder, 'tls.key'),
        }),
      }),
    );
    const ca = readFileSync(issuer.ca, 'utf8');
    await cluster.must(['apply', '-f', '-'], registration(gate.url, { ca, mutate: true }));
    await until('the webhook is asked', () => isAsked(cluster));
  });

  it('is renewed without a request that is lost', async () => {
    const before = await served(gate);
    const load = startLoad(cluster);
    await sleep(1000);
    const next = issue('next');
    mount(folder, '..2', next.cert, next.key);
    await until('the new one is served', async () => (await served(gate)) !== before);
    await sleep(5000);
    const { made, lost } = await load.end();
    expect(lost).toEqual([]);
    expect(made).toBeGreaterThan(50);
  });

  it('goes on with the last good one where a key of another is put there', async () => {
    const before = await served(gate);
    const [one, other] = [issue('one'), issue('other')];
    mount(folder, '..3', one.cert, other.key);
    await until('it is told', () => Promise.resolve(gate.stage.pratique.log().includes('"level":50')));
    expect(await served(gate)).toBe(before);
    expect((await cluster.create(pod(images.clean, { name: 'still' }))).code).toBe(0);
    expect((await cluster.create(pod(images.bad, { name: 'still-bad' }))).err).toContain(badSentence);
  });
});

/** Which certificate a new connection meets, by its serial number. */
function served({ stage }: KubernetesGate): Promise<string> {
  return new Promise((resolve, reject) => {
    const { webhook: port } = stage.pratique.ports;
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

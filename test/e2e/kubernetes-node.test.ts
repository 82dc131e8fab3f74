import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { debian } from '../integration/stage.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { waitingProgram } from '../support/waiting-program.ts';
import type { Cluster } from './support/kubernetes.ts';
import { badSentence, denied, images, openGate, startsWith, until } from './support/kubernetes-gate.ts';
import { startNode } from './support/kubernetes-node.ts';
import { pod } from './support/kubernetes-objects.ts';
import { describeCluster } from './support/kubernetes-suite.ts';
import { haveAptPrograms } from './support/programs.ts';

const program = join(process.env.KUBEBUILDER_ASSETS ?? '', 'kubelet');

/** null: it can be run here. */
function missingNode(): string | null {
  if (!haveAptPrograms('containerd', 'ctr', 'runc', 'unshare')) return 'containerd';
  try {
    accessSync(program, constants.X_OK);
    return null;
  } catch {
    process.stdout.write('not run: kubelet (it is not in KUBEBUILDER_ASSETS)\n');
    return 'kubelet';
  }
}

const runs = {
  layers: [{ files: [{ path: 'wait', content: waitingProgram(), mode: 0o755 }] }],
  config: { Entrypoint: ['/wait'] },
};
const clean = debian('curl', '7.88-1', 'clean', runs);
const bad = debian('openssl', '3.0.1-1', 'bad', runs);
const repositories = {
  'team/app': { clean, bad },
  'team/pause': { 1: debian('curl', '7.88-1', 'pause', runs) },
};

interface PodStatus {
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly {
      readonly imageID: string;
      readonly state: { readonly waiting?: { readonly reason: string; readonly message?: string } };
    }[];
  };
}

describeCluster(
  'a node whose containerd pulls through the proxy',
  (beforeTests) => {
    let cluster: Cluster;
    let node = '';
    beforeTests(async (opening) => {
      cluster = await opening.cluster();
      const gate = opening.closing(await openGate(cluster, { registration: { mutate: true }, repositories }));
      const place = {
        namespace: 'registry.corp',
        proxy: gate.stage.pratique.registry,
        pause: 'registry.corp/team/pause:1',
      };
      node = opening.closing(await startNode(program, temporaryDirectory(), cluster, place)).name;
    });

    const create = (name: string, image: string, namespace = 'default') => {
      const containers = [{ name: 'web', image }];
      const spec = { nodeName: node, hostNetwork: true, terminationGracePeriodSeconds: 0, containers };
      return cluster.create(pod(image, { name, namespace, spec }));
    };
    const statusOf = async (name: string, namespace = 'default') =>
      (await cluster.get<PodStatus>('-n', namespace, 'pod', name)).status;

    it('runs what is cleared, by the digest that was judged', async () => {
      expect(await create('clean', images.clean)).toEqual({ code: 0, out: 'pod/clean created\n', err: '' });
      await until('it runs', async () => (await statusOf('clean')).phase === 'Running', 120_000);
      expect((await statusOf('clean')).containerStatuses?.[0]?.imageID).toContain(clean.manifest.digest);
    });

    it('never sees what the webhook refuses', async () => {
      expect((await create('bad', images.bad)).err).toMatch(
        startsWith(denied('error when creating "STDIN": ')),
      );
    });

    it('is refused by the proxy what no webhook is asked about', async () => {
      expect((await create('bad', images.bad, 'kube-system')).code).toBe(0);
      const waits = async () => (await statusOf('bad', 'kube-system')).containerStatuses?.[0]?.state.waiting;
      await until(
        'the pull has failed',
        async () => /ErrImagePull/.test((await waits())?.reason ?? ''),
        120_000,
      );
      expect((await waits())?.message).toContain('403 Blocked by Pratique: CVE-2026-1001');
      expect(badSentence).toContain('CVE-2026-1001');
    });
  },
  missingNode(),
);

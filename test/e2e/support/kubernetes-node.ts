import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { startProgram } from './background.ts';
import { writeHosts } from './containerd.ts';
import type { Cluster } from './kubernetes.ts';
import { run } from './run.ts';

export interface Node {
  readonly name: string;
  stop(): Promise<void>;
}

/** What a kubelet sets for all of a machine. It finds files in their place that say so already. */
const kernelSettings = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

/**
 * A kubelet with a containerd that reaches `namespace` through the proxy alone. All state is below `dir`, and the
 * machine's kernel settings stay as they are. Pods have to use the machine's network: there is no other.
 * @param pause the image that holds a Pod's namespaces
 */
export async function startNode(
  kubelet: string,
  dir: string,
  cluster: Cluster,
  { namespace, proxy, pause }: { readonly namespace: string; readonly proxy: string; readonly pause: string },
): Promise<Node> {
  const name = 'node-1';
  const hosts = writeHosts(dir, namespace, proxy);
  const socket = join(dir, 'c.sock');
  const cri = 'io.containerd.grpc.v1.cri';
  const containerdConfig = join(dir, 'containerd.toml');
  writeFileSync(
    containerdConfig,
    [
      'version = 2',
      `root = "${join(dir, 'root')}"`,
      `state = "${join(dir, 'state')}"`,
      `[grpc]\naddress = "${socket}"`,
      `[ttrpc]\naddress = "${join(dir, 't.sock')}"`,
      `[plugins."${cri}"]\nsandbox_image = "${pause}"\ndisable_apparmor = true\nrestrict_oom_score_adj = true`,
      `[plugins."${cri}".containerd]\nsnapshotter = "native"`,
      `[plugins."${cri}".registry]\nconfig_path = "${hosts}"`,
    ].join('\n'),
  );
  const isUp = async () => (await run('ctr', ['-a', socket, 'version'])).code === 0;
  // What they mount is gone with their namespace.
  const apart = ['--mount', '--propagation', 'slave'];
  const containerd = await startProgram(
    'unshare',
    [...apart, 'containerd', '--config', containerdConfig],
    isUp,
  );
  const stop = async (): Promise<void> => {
    const ctr = (...args: readonly string[]) => run('ctr', ['-a', socket, '-n', 'k8s.io', ...args]);
    // Containers outlive containerd, which could start them no more.
    const { out } = await ctr('tasks', 'ls', '-q');
    for (const task of out.split('\n').filter((line) => line !== '')) await ctr('tasks', 'rm', '-f', task);
    await containerd.stop();
  };
  try {
    const config = join(dir, 'kubelet.yaml');
    writeFileSync(
      config,
      JSON.stringify({
        apiVersion: 'kubelet.config.k8s.io/v1beta1',
        kind: 'KubeletConfiguration',
        authentication: {
          anonymous: { enabled: false },
          webhook: { enabled: false },
          x509: { clientCAFile: cluster.pki.ca },
        },
        authorization: { mode: 'AlwaysAllow' },
        ...{ address: '127.0.0.1', port: await freePort(), healthzPort: 0 },
        containerRuntimeEndpoint: `unix://${socket}`,
        ...{
          cgroupDriver: 'cgroupfs',
          failCgroupV1: false,
          cgroupsPerQOS: false,
          enforceNodeAllocatable: [],
        },
        ...{ failSwapOn: false, localStorageCapacityIsolation: false, makeIPTablesUtilChains: false },
        // What a machine that it may not set up cannot give is left out.
        ...{ oomScoreAdj: 0, featureGates: { KubeletInUserNamespace: true } },
        ...{ podLogsDir: join(dir, 'pods'), volumePluginDir: join(dir, 'plugins') },
        evictionHard: { 'memory.available': '1Mi' },
      }),
    );
    const args = [
      ...[`--config=${config}`, `--kubeconfig=${cluster.kubeconfig}`, `--hostname-override=${name}`],
      ...[`--root-dir=${join(dir, 'kubelet')}`, `--cert-dir=${join(dir, 'kubelet-certs')}`],
    ];
    const steps = [
      // Links to logs go to a folder that no setting names.
      'mount -t tmpfs tmpfs /var/log',
      ...Object.entries(kernelSettings).map(([setting, value]) => {
        const file = join(dir, setting.replaceAll('/', '-'));
        writeFileSync(file, value);
        return `mount --bind ${file} /proc/sys/${setting}`;
      }),
      `exec ${[kubelet, ...args].join(' ')}`,
    ];
    const registered = async () => (await cluster.kubectl(['get', 'node', name])).code === 0;
    const running = await startProgram('unshare', [...apart, 'sh', '-c', steps.join(' && ')], registered, {
      patience: 60_000,
      killAfter: 10_000,
    });
    return {
      name,
      stop: async () => {
        await running.stop();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

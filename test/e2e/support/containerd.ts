import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from './background.ts';
import { type CriImages, connectCri } from './cri.ts';
import { type Ended, run } from './run.ts';

export interface Containerd {
  /** `ctr images pull` with every host of `namespace` being the proxy; `login` is `USER:PASSWORD`. */
  pull(reference: string, platform?: string, login?: string): Promise<Ended>;
  /** Loads images of an archive (OCI or Docker). */
  load(archive: string): Promise<Ended>;
  /** `ctr images push` of a loaded image, over HTTP without TLS. */
  push(local: string, target: string, login?: string): Promise<Ended>;
  content(digest: string): Promise<Ended>;
  /** What it has under a name; `ctr` and the kubelet have names of their own. */
  holds(reference: string, whose?: 'ctr' | 'kubelet'): Promise<boolean>;
  /** Pulls as the kubelet has them done; only where it was asked for. */
  readonly cri: CriImages;
  stop(): Promise<void>;
}

export interface ContainerdOptions {
  /** Folder of `containerd` and `ctr`; null: those on the path. */
  readonly programs?: string | null;
  readonly cri?: boolean;
}

/** Folder by which a containerd reaches `namespace` through the proxy alone. */
export function writeHosts(dir: string, namespace: string, proxy: string): string {
  const hosts = join(dir, 'hosts');
  mkdirSync(join(hosts, namespace), { recursive: true });
  writeFileSync(
    join(hosts, namespace, 'hosts.toml'),
    `server = "${proxy}"\n[host."${proxy}"]\n  capabilities = ["pull", "resolve"]\n`,
  );
  return hosts;
}

/** A containerd with state of its own, which reaches `namespace` through the proxy alone (no way round). */
export async function startContainerd(
  dir: string,
  namespace: string,
  proxy: string,
  { programs = null, cri = false }: ContainerdOptions = {},
): Promise<Containerd> {
  const hosts = writeHosts(dir, namespace, proxy);
  const socket = join(dir, 'c.sock');
  const config = join(dir, 'config.toml');
  const criPlugin = 'io.containerd.grpc.v1.cri';
  writeFileSync(
    config,
    [
      'version = 2',
      `root = "${join(dir, 'root')}"`,
      `state = "${join(dir, 'state')}"`,
      `disabled_plugins = [${cri ? '' : `"${criPlugin}"`}]`,
      `[grpc]\naddress = "${socket}"`,
      `[ttrpc]\naddress = "${join(dir, 't.sock')}"`,
      // Of containerd 2 alone: it would be a socket outside of `dir`.
      `[plugins."io.containerd.nri.v1.nri"]\ndisable = true`,
      ...(cri
        ? [
            `[plugins."${criPlugin}".containerd]\nsnapshotter = "native"`,
            `[plugins."${criPlugin}".registry]\nconfig_path = "${hosts}"`,
          ]
        : [
            // What `ctr` of containerd 2 unpacks with; the kubelet's way knows by itself.
            `[[plugins."io.containerd.transfer.v1.local".unpack_config]]\nplatform = "linux/amd64"\nsnapshotter = "native"`,
          ]),
    ].join('\n'),
  );
  const program = (name: string): string => (programs === null ? name : join(programs, name));
  const ctr = (...args: readonly string[]): Promise<Ended> => run(program('ctr'), ['-a', socket, ...args]);
  const daemon = await startProgram(
    program('containerd'),
    ['--config', config],
    async () => (await ctr('version')).code === 0,
  );
  const images = connectCri(socket);
  const user = (login?: string): readonly string[] => (login === undefined ? [] : ['--user', login]);
  return {
    pull: (reference, platform = 'linux/amd64', login) =>
      ctr(
        'images',
        'pull',
        '--snapshotter',
        'native',
        '--platform',
        platform,
        '--hosts-dir',
        hosts,
        ...user(login),
        reference,
      ),
    load: (archive) => ctr('images', 'import', '--no-unpack', archive),
    push: (local, target, login) => ctr('images', 'push', '--plain-http', ...user(login), target, local),
    content: (digest) => ctr('content', 'get', digest),
    holds: async (reference, whose = 'ctr') => {
      const { out } = await ctr('-n', whose === 'ctr' ? 'default' : 'k8s.io', 'images', 'ls', '-q');
      return out.split('\n').includes(reference);
    },
    cri: images,
    stop: async () => {
      images.close();
      await daemon.stop();
    },
  };
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from './background.ts';
import { type Ended, run } from './run.ts';

export interface Containerd {
  /** `ctr images pull` with every host of `namespace` being the proxy; `login` is `USER:PASSWORD`. */
  pull(reference: string, platform?: string, login?: string): Promise<Ended>;
  /** Loads images of an archive (OCI or Docker). */
  load(archive: string): Promise<Ended>;
  /** `ctr images push` of a loaded image, over HTTP without TLS. */
  push(local: string, target: string, login: string): Promise<Ended>;
  content(digest: string): Promise<Ended>;
  stop(): Promise<void>;
}

/** A containerd with state of its own, which reaches `namespace` through the proxy alone (no way round). */
export async function startContainerd(dir: string, namespace: string, proxy: string): Promise<Containerd> {
  const hosts = join(dir, 'hosts');
  mkdirSync(join(hosts, namespace), { recursive: true });
  writeFileSync(
    join(hosts, namespace, 'hosts.toml'),
    `server = "${proxy}"\n[host."${proxy}"]\n  capabilities = ["pull", "resolve"]\n`,
  );
  const socket = join(dir, 'c.sock');
  const config = join(dir, 'config.toml');
  writeFileSync(
    config,
    [
      'version = 2',
      `root = "${join(dir, 'root')}"`,
      `state = "${join(dir, 'state')}"`,
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      `[grpc]\naddress = "${socket}"`,
      `[ttrpc]\naddress = "${join(dir, 't.sock')}"`,
    ].join('\n'),
  );
  const ctr = (...args: readonly string[]): Promise<Ended> => run('ctr', ['-a', socket, ...args]);
  const program = await startProgram(
    'containerd',
    ['--config', config],
    async () => (await ctr('version')).code === 0,
  );
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
        ...(login === undefined ? [] : ['--user', login]),
        reference,
      ),
    load: (archive) => ctr('images', 'import', '--no-unpack', archive),
    push: (local, target, login) => ctr('images', 'push', '--plain-http', '--user', login, target, local),
    content: (digest) => ctr('content', 'get', digest),
    stop: () => program.stop(),
  };
}

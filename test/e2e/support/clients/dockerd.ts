import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from '../background.ts';
import { openNamespace } from '../namespace.ts';
import { must, run } from '../run.ts';
import { localName, type Place, type RegistryClient } from './client.ts';

/**
 * The Docker daemon, with its command line, in a network namespace of its own: it looks for the public registry by
 * itself. It makes no containers, so it needs neither a bridge nor rules of a packet filter.
 * @param mirror port of loopback that it shall take for a mirror of the public registry
 */
export async function startDockerd(place: Place, mirror: number | null = null): Promise<RegistryClient> {
  const { dir, port, images } = place;
  const ports = mirror === null ? [port] : [port, mirror];
  const namespace = await openNamespace(join(dir, 'net'), ports, ['/etc/docker', '/run/docker']);
  const socket = `unix://${join(dir, 'd.sock')}`;
  const settings = join(dir, 'daemon.json');
  writeFileSync(settings, '{}');
  // Every daemon is asked over its own socket; what a login leaves stands in a folder of the test's.
  const docker = (folder: string, ...args: readonly string[]) =>
    run('docker', ['--config', folder, '--host', socket, ...args]);
  const nobody = join(dir, 'nobody');
  mkdirSync(nobody, { recursive: true });
  const [enter, args] = namespace.enter(
    ...['dockerd', '--config-file', settings, '--host', socket, '--pidfile', join(dir, 'pid')],
    ...['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec'), '--storage-driver', 'vfs'],
    ...['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--ip-masq=false'],
    ...(mirror === null ? [] : ['--registry-mirror', `http://127.0.0.1:${mirror}`]),
  );
  const up = async (): Promise<boolean> => (await docker(nobody, 'version')).code === 0;
  const daemon = await startProgram(enter, args, up).catch(async (error: unknown) => {
    await namespace.close();
    throw error;
  });
  const at = (image: string): string => `127.0.0.1:${port}/${image}`;
  /** A folder in which somebody is logged in; a refused login throws. */
  const wallet = async (login?: string): Promise<string> => {
    if (login === undefined) return nobody;
    const [user = '', password = ''] = login.split(':');
    const folder = join(dir, `wallet-${user}`);
    const done = await docker(folder, 'login', '-u', user, '-p', password, `127.0.0.1:${port}`);
    if (done.code !== 0) throw new Error(`docker login ended with ${done.code}: ${done.err}`);
    return folder;
  };
  return {
    // Without a dot in its first part, a name is one of the public registry's.
    pull: (image) => docker(nobody, 'pull', image.includes('/') ? at(image) : image),
    push: async (local, image, login) => {
      await must('docker', ['--host', socket, 'load', '-i', await images.archive(local)]);
      await must('docker', ['--host', socket, 'tag', localName(local), at(image)]);
      const pushed = await docker(await wallet(login), 'push', at(image));
      await must('docker', ['--host', socket, 'rmi', localName(local), at(image)]);
      return pushed;
    },
    holds: async (image) => (await docker(nobody, 'image', 'inspect', at(image))).code === 0,
    stop: async () => {
      await daemon.stop();
      await namespace.close();
    },
  };
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, run } from '../run.ts';
import { localName, type Place, type RegistryClient } from './client.ts';

/** podman or buildah, with storage and settings of its own: nothing of the machine's is read or changed. */
export function startOnContainersStorage(program: 'podman' | 'buildah', place: Place): RegistryClient {
  const { dir, port, images } = place;
  const file = (name: string, text: string): string => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const nobody = file('nobody.json', '{}');
  const signatures = file('policy.json', '{"default":[{"type":"insecureAcceptAnything"}]}');
  const env = {
    ...process.env,
    CONTAINERS_CONF: file('containers.conf', ''),
    CONTAINERS_REGISTRIES_CONF: file('registries.conf', ''),
    CONTAINERS_STORAGE_CONF: file(
      'storage.conf',
      `[storage]\ndriver = "vfs"\nrunroot = "${join(dir, 'run')}"\ngraphroot = "${join(dir, 'root')}"\n`,
    ),
  };
  const storage = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run'), '--storage-driver', 'vfs'];
  const base =
    program === 'podman'
      ? [...storage, '--tmpdir', join(dir, 'tmp'), '--events-backend', 'none', '--cgroup-manager', 'cgroupfs']
      : storage;
  const network = (login?: string): readonly string[] => [
    '--tls-verify=false',
    '--authfile',
    nobody,
    '--signature-policy',
    signatures,
    ...(login === undefined ? [] : ['--creds', login]),
  ];
  const at = (image: string): string => `127.0.0.1:${port}/${image}`;
  const call = (args: readonly string[], until?: RegExp) =>
    run(program, [...base, ...args], { env, ...(until === undefined ? {} : { until }) });
  const always = program === 'podman' ? ['pull'] : ['pull', '--policy', 'always'];
  return {
    pull: (image, until) => call([...always, ...network(), at(image)], until),
    push: async (local, image, login) => {
      const archive = `docker-archive:${await images.archive(local)}`;
      await must(program, [...base, 'pull', '--signature-policy', signatures, archive], { env });
      return call(['push', ...network(login), localName(local), `docker://${at(image)}`]);
    },
    holds: async (image) => (await call(['inspect', '--type', 'image', at(image)])).code === 0,
    stop: () => Promise.resolve(),
  };
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sayings } from '../client-suite.ts';
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

/** What users of both see. */
export const saysOnContainersStorage: Sayings = {
  refused:
    /^Error: initializing source \S+: reading manifest 1 in \S+\/team\/bad: denied: Blocked by Pratique: \S+\/team\/bad:1: CVE-2026-1001 critical in openssl 3\.0\.1-1 \(fixed in 3\.0\.2-1\): Critical, and a fix exists\. What to do: Update the package to the fixed version/m,
  turned:
    /^Error: initializing source \S+: reading manifest 1 in \S+\/corp\/team\/clean: denied: Blocked by Pratique: registry\.corp\/team\/clean:1: CVE-2026-1003 critical in curl 7\.88-1 \(fixed in 9\)/m,
  // Behind the five requests of one try there are three more tries.
  notYet:
    /Failed, retrying in \S+ \.\.\. \(1\/3\)\. Error: .*toomanyrequests: registry\.corp\/team\/late:1 is not cleared yet: it is being inspected/,
  pushRefused:
    /^Error: .*uploading manifest 1 to \S+\/corp\/pushed\/bad: denied: Blocked by Pratique: registry\.corp\/pushed\/bad:1: CVE-2026-1001 critical in openssl 3\.0\.1-1 \(fixed in 3\.0\.2-1\)/m,
  notAllowed:
    /^Error: .*initiating layer upload to \S+ in \S+: denied: bob may not push hosted\/team\/secret/m,
  loggedOut: /^unauthorized: the token does not allow to push hosted\/team\/secret: log in first/m,
};

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BuiltImage, buildImage, buildIndex, debianRoot, linuxArm64 } from '../support/images.ts';
import { writeLayout } from '../support/layout.ts';
import { osvRecord } from '../support/osv.ts';
import { importFeeds, type RunningPratique, startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { writeUsers } from '../support/users.ts';
import { startContainerd } from './support/containerd.ts';
import { type DockerRegistry, startDockerRegistry } from './support/docker-registry.ts';
import { haveAptPrograms } from './support/programs.ts';
import { type Ended, must, run } from './support/run.ts';

const available = haveAptPrograms('docker-registry', 'skopeo', 'podman', 'containerd', 'ctr');

const image = (version: string, note: string, spec: object = {}): BuiltImage =>
  buildImage({
    layers: [
      { files: debianRoot({ release: '12', packages: [{ name: 'libssl3', version, source: 'openssl' }] }) },
      { files: [{ path: 'etc/note', content: note }] },
    ],
    ...spec,
  });
const clean = image('3.0.15-1', 'clean');
const bad = image('3.0.11-1', 'bad');
const images = {
  clean,
  bad,
  multi: buildIndex([clean, image('3.0.15-1', 'arm', { platform: linuxArm64 })]),
};
const blocked = /Blocked by Pratique: .*CVE-2024-0001.*libssl3 3\.0\.11-1.*fixed in 3\.0\.15-1/;

const policy = `
version: 1
name: any-fix
rules:
  - { id: any-fix, title: A fix exists, action: deny, when: { fixAvailable: true } }
`;

(available ? describe : describe.skip)(
  'real clients push (needs docker-registry, skopeo, podman, containerd)',
  () => {
    const dir = temporaryDirectory();
    const layout = join(dir, 'layout');
    let registry: DockerRegistry;
    let recording: DockerRegistry;
    let pratique: RunningPratique;
    let host = '';

    beforeAll(async () => {
      for (const [tag, built] of Object.entries(images))
        await writeLayout(join(layout, tag), { [tag]: built });
      registry = await startDockerRegistry(join(dir, 'registry'));
      recording = await startDockerRegistry(join(dir, 'recording'));
      await importFeeds(dir, {
        Debian: [
          osvRecord({
            id: 'DEBIAN-CVE-2024-0001',
            ecosystem: 'Debian:12',
            package: 'openssl',
            fixed: '3.0.15-1',
            upstream: ['CVE-2024-0001'],
          }),
        ],
      });
      pratique = await startPratique({
        dir,
        policy,
        upstreams: [
          { name: 'corp', namespace: 'corp.test', url: registry.url, push: 'gate' },
          { name: 'loose', namespace: 'loose.test', url: recording.url, push: 'record' },
        ],
        config: { auth: { users: writeUsers(dir, ['ci', 'reader']) } },
      });
      host = `127.0.0.1:${pratique.ports.registry}`;
    });
    afterAll(async () => {
      await pratique.stop();
      await registry.stop();
      await recording.stop();
    });

    const clients: Record<string, Client> = { skopeo: skopeo(layout, dir), podman: podman(layout, dir) };

    describe.each(Object.keys(clients))('%s', (name) => {
      const client = (): Client => clients[name] as Client;

      it('pushes and pulls what is clean, and is refused what is not: hosted', async () => {
        const target = `${host}/hosted/${name}/app`;
        expect(await client().push('clean', `${target}:clean`)).toMatchObject({ code: 0 });
        expect(await client().push('bad', `${target}:bad`)).toMatchObject({ code: 0 });
        expect(await client().pull(`${target}:clean`)).toMatchObject({ code: 0 });
        const refused = await client().pull(`${target}:bad`);
        expect(refused.code).not.toBe(0);
        expect(refused.err).toMatch(blocked);
      });

      it('pushes through what is clean; what is refused never reaches the upstream', async () => {
        const target = `${host}/corp/${name}/app`;
        expect(await client().push('clean', `${target}:clean`)).toMatchObject({ code: 0 });
        const refused = await client().push('bad', `${target}:bad`);
        expect(refused.code).not.toBe(0);
        expect(refused.err).toMatch(blocked);
        const repositories = join(dir, 'registry', 'data', 'docker', 'registry', 'v2', 'repositories');
        const manifests = join(repositories, name, 'app', '_manifests');
        expect(readdirSync(join(manifests, 'tags'))).toEqual(['clean']);
        expect(readdirSync(join(manifests, 'revisions', 'sha256'))).toHaveLength(1);
        const [, hex = ''] = bad.manifest.digest.split(':');
        const blobs = join(dir, 'registry', 'data', 'docker', 'registry', 'v2', 'blobs', 'sha256');
        expect(existsSync(join(blobs, hex.slice(0, 2), hex))).toBe(false);
        expect(await client().pull(`${target}:clean`)).toMatchObject({ code: 0 });
      });

      it('pushes anything where pushes are recorded, and is refused at the pull', async () => {
        const target = `${host}/loose/${name}-recorded:bad`;
        expect(await client().push('bad', target)).toMatchObject({ code: 0 });
        const refused = await client().pull(target);
        expect(refused.code).not.toBe(0);
        expect(refused.err).toMatch(blocked);
      });

      it('cannot push without a password, or with a wrong one', async () => {
        for (const credentials of [null, 'ci:wrong', 'nobody:pw-ci']) {
          const refused = await client().push('clean', `${host}/hosted/${name}/secret:1`, credentials);
          expect([credentials, refused.code === 0]).toEqual([credentials, false]);
          expect(refused.err).toMatch(/unauthorized|authentication|invalid username/i);
        }
      });
    });

    it('containerd pushes over a tag that is refused, hosted and through', async () => {
      const containerd = await startContainerd(join(dir, 'containerd'), 'corp.test', `http://${host}`);
      try {
        for (const tag of ['clean', 'bad']) {
          const archive = join(dir, `ctr-${tag}.tar`);
          const name = `pratique.test/${tag}:1`;
          await must('skopeo', [
            'copy',
            `oci:${join(layout, tag)}:${tag}`,
            `docker-archive:${archive}:${name}`,
          ]);
          expect(await containerd.load(archive)).toMatchObject({ code: 0 });
        }
        const push = (tag: string, target: string): Promise<Ended> =>
          containerd.push(`pratique.test/${tag}:1`, `${host}/${target}`, 'ci:pw-ci');
        for (const tag of ['bad', 'clean', 'bad', 'clean']) {
          const pushed = await push(tag, 'hosted/ctr/app:1');
          expect([pushed.code, pushed.err]).toEqual([0, '']);
        }
        const refused = await push('bad', 'corp/ctr/app:1');
        expect(refused.code).not.toBe(0);
        expect(await push('clean', 'corp/ctr/app:1')).toMatchObject({ code: 0 });
      } finally {
        await containerd.stop();
      }
    });

    it('skopeo pushes an index with all its platforms', async () => {
      const args = ['copy', '--all', '--dest-tls-verify=false', '--dest-creds', 'ci:pw-ci'];
      const target = `docker://${host}/hosted/multi:1`;
      const { code, err } = await run('skopeo', [...args, `oci:${join(layout, 'multi')}:multi`, target]);
      expect([code, err]).toEqual([0, '']);
    });
  },
);

interface Client {
  /** @param credentials null: none */
  push(tag: string, target: string, credentials?: string | null): Promise<Ended>;
  pull(target: string): Promise<Ended>;
}

function skopeo(layout: string, dir: string): Client {
  let pulls = 0;
  return {
    push: (tag, target, credentials = 'ci:pw-ci') =>
      run('skopeo', [
        'copy',
        '--dest-tls-verify=false',
        ...(credentials === null ? ['--dest-no-creds'] : ['--dest-creds', credentials]),
        `oci:${join(layout, tag)}:${tag}`,
        `docker://${target}`,
      ]),
    pull: (target) => {
      pulls += 1;
      const to = `dir:${join(dir, `skopeo-${pulls}`)}`;
      return run('skopeo', ['copy', '--src-tls-verify=false', `docker://${target}`, to]);
    },
  };
}

/** With a storage and settings of its own: nothing of the machine's is read or changed. */
function podman(layout: string, dir: string): Client {
  const root = join(dir, 'podman');
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'none.json'), '{}');
  writeFileSync(join(root, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
  const base = [
    ...['--root', join(root, 'root'), '--runroot', join(root, 'run'), '--tmpdir', join(root, 'tmp')],
    ...['--storage-driver', 'vfs', '--events-backend', 'none', '--cgroup-manager', 'cgroupfs'],
  ];
  const signatures = ['--signature-policy', join(root, 'policy.json')];
  return {
    push: async (tag, target, credentials = 'ci:pw-ci') => {
      const archive = join(root, `${tag}.tar`);
      const name = `pratique.test/${tag}:1`;
      if (!existsSync(archive)) {
        await must('skopeo', [
          'copy',
          `oci:${join(layout, tag)}:${tag}`,
          `docker-archive:${archive}:${name}`,
        ]);
        await must('podman', [...base, 'load', ...signatures, '-q', '-i', archive]);
      }
      return run('podman', [
        ...base,
        'push',
        '--tls-verify=false',
        '--authfile',
        join(root, 'none.json'),
        ...signatures,
        ...(credentials === null ? [] : ['--creds', credentials]),
        name,
        `docker://${target}`,
      ]);
    },
    pull: (target) =>
      run('podman', [...base, 'pull', '--tls-verify=false', ...signatures, `docker://${target}`]),
  };
}

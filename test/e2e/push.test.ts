import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BuiltImage, buildImage, buildIndex, debianRoot, linuxArm64 } from '../support/images.ts';
import { osvRecord } from '../support/osv.ts';
import { importFeeds, type RunningPratique, startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { writeUsers } from '../support/users.ts';
import { type Images, layOut, localName, type Place, type RegistryClient } from './support/clients/client.ts';
import { startOnContainersStorage } from './support/clients/containers-storage.ts';
import { startSkopeo } from './support/clients/skopeo.ts';
import { startContainerd } from './support/containerd.ts';
import { type DockerRegistry, startDockerRegistry } from './support/docker-registry.ts';
import { haveAptPrograms } from './support/programs.ts';
import { type Ended, run } from './support/run.ts';

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
const ci = 'ci:pw-ci';
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
    let laidOut: Images;
    let registry: DockerRegistry;
    let recording: DockerRegistry;
    let pratique: RunningPratique;
    let host = '';

    beforeAll(async () => {
      laidOut = await layOut(join(dir, 'layout'), images);
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

    const starts: Readonly<Record<string, (place: Place) => RegistryClient>> = {
      skopeo: startSkopeo,
      podman: (place) => startOnContainersStorage('podman', place),
    };

    describe.each(Object.entries(starts))('%s', (name, start) => {
      let client: RegistryClient;
      beforeAll(() => {
        client = start({ dir: join(dir, name), port: pratique.ports.registry, images: laidOut });
      });

      it('pushes and pulls what is clean, and is refused what is not: hosted', async () => {
        const target = `hosted/${name}/app`;
        expect(await client.push('clean', `${target}:clean`, ci)).toMatchObject({ code: 0 });
        expect(await client.push('bad', `${target}:bad`, ci)).toMatchObject({ code: 0 });
        expect(await client.pull(`${target}:clean`)).toMatchObject({ code: 0 });
        const refused = await client.pull(`${target}:bad`);
        expect(refused.code).not.toBe(0);
        expect(refused.err).toMatch(blocked);
      });

      it('pushes through what is clean; what is refused never reaches the upstream', async () => {
        const target = `corp/${name}/app`;
        expect(await client.push('clean', `${target}:clean`, ci)).toMatchObject({ code: 0 });
        const refused = await client.push('bad', `${target}:bad`, ci);
        expect(refused.code).not.toBe(0);
        expect(refused.err).toMatch(blocked);
        const repositories = join(dir, 'registry', 'data', 'docker', 'registry', 'v2', 'repositories');
        const manifests = join(repositories, name, 'app', '_manifests');
        expect(readdirSync(join(manifests, 'tags'))).toEqual(['clean']);
        expect(readdirSync(join(manifests, 'revisions', 'sha256'))).toHaveLength(1);
        const [, hex = ''] = bad.manifest.digest.split(':');
        const blobs = join(dir, 'registry', 'data', 'docker', 'registry', 'v2', 'blobs', 'sha256');
        expect(existsSync(join(blobs, hex.slice(0, 2), hex))).toBe(false);
        expect(await client.pull(`${target}:clean`)).toMatchObject({ code: 0 });
      });

      it('pushes anything where pushes are recorded, and is refused at the pull', async () => {
        const target = `loose/${name}-recorded:bad`;
        expect(await client.push('bad', target, ci)).toMatchObject({ code: 0 });
        const refused = await client.pull(target);
        expect(refused.code).not.toBe(0);
        expect(refused.err).toMatch(blocked);
      });

      it('cannot push without a password, or with a wrong one', async () => {
        for (const credentials of [undefined, 'ci:wrong', 'nobody:pw-ci']) {
          const refused = await client.push('clean', `hosted/${name}/secret:1`, credentials);
          expect([credentials, refused.code === 0]).toEqual([credentials, false]);
          expect(refused.err).toMatch(/unauthorized|authentication|invalid username/i);
        }
      });
    });

    it('containerd pushes over a tag that is refused, hosted and through', async () => {
      const containerd = await startContainerd(join(dir, 'containerd'), 'corp.test', `http://${host}`);
      try {
        for (const tag of ['clean', 'bad']) {
          expect(await containerd.load(await laidOut.archive(tag))).toMatchObject({ code: 0 });
        }
        const push = (tag: string, target: string): Promise<Ended> =>
          containerd.push(localName(tag), `${host}/${target}`, 'ci:pw-ci');
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
      const { code, err } = await run('skopeo', [...args, laidOut.layout('multi'), target]);
      expect([code, err]).toEqual([0, '']);
    });
  },
);

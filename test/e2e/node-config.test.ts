import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bad, clean, openStage, type Stage } from '../integration/stage.ts';
import { freePort } from '../support/free-port.ts';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { type Containerd, startContainerd } from './support/containerd.ts';
import { haveAptPrograms } from './support/programs.ts';
import { type Ended, run } from './support/run.ts';

const available = haveAptPrograms('skopeo', 'podman', 'containerd', 'ctr');

/** The upstream answers on loopback under the name that images have, so that nothing but its files holds a client back. */
(available ? describe : describe.skip)(
  'nodes with the files of node-config (needs skopeo, podman, containerd)',
  () => {
    let stage: Stage;
    let containerd: Containerd;
    let upstream = '';
    const dir = temporaryDirectory();
    const files = temporaryDirectory();
    const etc = (path: string): string => join(files, path);

    beforeAll(async () => {
      const port = await freePort();
      upstream = `127.0.0.1:${port}`;
      stage = await openStage({
        port,
        namespace: upstream,
        repositories: { app: { clean, bad } },
        config: { gate: { stopFallback: true } },
      });
      for (const kind of ['containerd', 'crio']) {
        const made = await runCli([
          'node-config',
          kind,
          '--config',
          join(stage.dir, 'pratique.yaml'),
          '--proxy',
          stage.pratique.registry,
          '--out',
          files,
        ]);
        expect(made).toMatchObject({ code: 0 });
      }
      containerd = await startContainerd(dir, 'unused.test', stage.pratique.registry);
    });
    afterAll(async () => {
      await containerd?.stop();
      await stage?.close();
    });
    beforeEach(() => stage.upstream.forgetRequests());

    const ctr = (image: string, hosts: string): Promise<Ended> =>
      run('ctr', [
        ...['-a', join(dir, 'c.sock'), 'images', 'pull', '--snapshotter', 'native'],
        ...['--platform', 'linux/amd64', '--hosts-dir', hosts, image],
      ]);
    const registries = (): string => etc('etc/containers/registries.conf.d/999-pratique.conf');
    const skopeo = (image: string): Promise<Ended> =>
      run('skopeo', [
        ...['--registries-conf', registries(), '--policy', etc('etc/containers/policy.json'), 'copy'],
        ...[`docker://${image}`, `dir:${join(temporaryDirectory(), 'out')}`],
      ]);
    const podman = (image: string): Promise<Ended> => {
      const root = temporaryDirectory();
      return run('env', [
        ...[
          `CONTAINERS_REGISTRIES_CONF=${registries()}`,
          'podman',
          '--root',
          join(root, 'root'),
          '--runroot',
          join(root, 'run'),
        ],
        ...[
          '--storage-driver',
          'vfs',
          'pull',
          '--signature-policy',
          etc('etc/containers/policy.json'),
          image,
        ],
      ]);
    };
    /** What clients, and not the proxy, have asked of the upstream. */
    const direct = (): string[] =>
      stage.upstream.requests
        .filter(({ headers }) =>
          /containerd|skopeo|containers|libpod|podman/i.test(headers['user-agent'] ?? ''),
        )
        .map(({ method, path }) => `${method} ${path}`);

    const clients: [string, (image: string) => Promise<Ended>][] = [
      ['ctr', (image) => ctr(image, etc('etc/containerd/certs.d'))],
      ['skopeo', skopeo],
      ['podman', podman],
    ];
    it.each(clients)('%s pulls what is allowed, through the proxy', async (_name, pull) => {
      expect(await pull(`${upstream}/app:clean`)).toMatchObject({ code: 0 });
      expect(direct()).toEqual([]);
    });
    it.each(clients)('%s is refused what is refused, and does not go round', async (_name, pull) => {
      const { code, out, err } = await pull(`${upstream}/app:bad`);
      expect(code).not.toBe(0);
      expect(`${out}${err}`).toMatch(/Blocked by Pratique: .*CVE-2026-1001/);
      expect(direct()).toEqual([]);
    });
    it.each(clients)('%s asks no registry that nobody named', async (_name, pull) => {
      const stranger = upstream.replace('127.0.0.1', 'localhost');
      const { code } = await pull(`${stranger}/app:clean`);
      expect(code).not.toBe(0);
      expect(stage.upstream.requests).toEqual([]);
    });

    describe('a hosts.toml that names the registry itself as well', () => {
      const hosts = temporaryDirectory();
      beforeAll(() => {
        const folder = join(hosts, `${upstream.replace(':', '_')}_`);
        mkdirSync(folder, { recursive: true });
        const host = `[host."${stage.pratique.registry}"]\n  capabilities = ["pull", "resolve"]\n`;
        writeFileSync(join(folder, 'hosts.toml'), `server = "http://${upstream}"\n${host}`);
      });
      it('with gate.stopFallback the refusal stands, with its reason', async () => {
        const { code, err } = await ctr(`${upstream}/app:bad`, hosts);
        expect(code).not.toBe(0);
        expect(err).toMatch(/300 Blocked by Pratique: CVE-2026-1001/);
        expect(direct()).toEqual([]);
      });
      it('without it containerd goes to the registry', async () => {
        await stage.restart('SIGTERM', { config: {} });
        expect(await ctr(`${upstream}/app:bad`, hosts)).toMatchObject({ code: 0 });
        expect(direct()).not.toEqual([]);
      });
    });
  },
);

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bad, clean, openStage, type Stage } from '../integration/stage.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { layOut, type RegistryClient } from './support/clients/client.ts';
import { startDockerd } from './support/clients/dockerd.ts';
import { haveNamespaces } from './support/namespace.ts';
import { haveAptPrograms } from './support/programs.ts';

const available = haveAptPrograms('dockerd', 'docker') && haveNamespaces('dockerd');

/** Docker's `registry-mirrors`: a port that stands for the public registry. Nothing but the proxy can be reached. */
(available ? describe : describe.skip)('the Docker daemon, with the proxy as its registry mirror', () => {
  let stage: Stage;
  let docker: RegistryClient;

  beforeAll(async () => {
    const dir = temporaryDirectory();
    const ports = {
      registry: await freePort(),
      management: await freePort(),
      webhook: await freePort(),
      harborAdapter: await freePort(),
    };
    const mirror = await freePort();
    const listen = Object.entries(ports).map(([key, port]) => [key, `127.0.0.1:${port}`] as const);
    stage = await openStage({
      namespace: 'docker.io',
      repositories: { 'library/clean': { '1': clean }, 'library/bad': { '1': bad } },
      ports: { ...ports, gates: await freePort() },
      config: {
        listen: { ...Object.fromEntries(listen), bound: [{ upstream: 'corp', at: `127.0.0.1:${mirror}` }] },
      },
    });
    const images = await layOut(join(dir, 'images'), {});
    docker = await startDockerd({ dir: join(dir, 'client'), port: ports.registry, images }, mirror);
  });
  afterAll(async () => {
    await docker?.stop();
    await stage?.close();
  });

  it('pulls what is cleared, by its short name', async () => {
    const { code, out, err } = await docker.pull('clean:1');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('docker.io/library/clean:1');
  });

  it('goes round a refusal to the public registry, and says nothing of the reason', async () => {
    const asked = stage.upstream.count('/v2/library/bad/manifests/1');
    const { code, err } = await docker.pull('bad:1');
    expect(code).not.toBe(0);
    // The proxy was asked, and refused; then Docker looked for the registry itself.
    expect(stage.upstream.count('/v2/library/bad/manifests/1')).toBeGreaterThan(asked);
    expect(err).toMatch(
      /^Error response from daemon: Get "https:\/\/\S+docker\.io\/v2\/": dial tcp: lookup /,
    );
    expect(err).not.toMatch(/Pratique|CVE/);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { osvRecord } from '../support/osv.ts';
import { importFeeds, type RunningPratique, runCli, startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { type DockerRegistry, startDockerRegistry } from './support/docker-registry.ts';
import { haveAptPrograms } from './support/programs.ts';
import { must } from './support/run.ts';

const available = haveAptPrograms('docker-registry', 'skopeo');

const policies = `
version: 1
name: site
policies: [advisories.yaml]
bindings:
  - { id: advisories, gates: [proxy], images: ["*/corp/advisories"], policy: advisories }
`;

(available ? describe : describe.skip)(
  'advisories in real registries (needs docker-registry, skopeo)',
  () => {
    const dir = temporaryDirectory();
    let one: DockerRegistry;
    let two: DockerRegistry;
    let pratique: RunningPratique;
    let revision = '';

    const status = async (data: string): Promise<string> => {
      const { out } = await runCli(['advisories', 'status', '--format', 'json', '--data', data]);
      return (JSON.parse(out) as { revision: string }).revision;
    };

    beforeAll(async () => {
      one = await startDockerRegistry(join(dir, 'one'));
      two = await startDockerRegistry(join(dir, 'two'));
      await importFeeds(dir, {
        Debian: [osvRecord({ id: 'CVE-2026-1', ecosystem: 'Debian:12', package: 'openssl', fixed: '3' })],
      });
      revision = await status(join(dir, 'data'));
      const { out } = await runCli(['policy', 'show', 'baseline']);
      const own = out
        .replace(/^name: .*$/m, 'name: advisories')
        .replace(/^artifacts: deny$/m, 'artifacts: allow');
      writeFileSync(join(dir, 'advisories.yaml'), own);
      pratique = await startPratique({
        dir,
        policy: policies,
        upstreams: [{ name: 'two', namespace: 'two.test', url: two.url }],
      });
    });
    afterAll(async () => {
      await pratique.stop();
      await one.stop();
      await two.stop();
    });

    it('are pushed, copied by skopeo, and fetched again directly and through this proxy', async () => {
      const pushed = await runCli([
        'advisories',
        'export',
        `oci://${one.host}/corp/advisories:latest`,
        '--data',
        join(dir, 'data'),
      ]);
      expect(pushed).toMatchObject({ code: 0, err: '' });
      const digest = /@(sha256:[0-9a-f]{64})/.exec(pushed.out)?.[1] ?? '';
      await must('skopeo', [
        'copy',
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        `docker://${one.host}/corp/advisories:latest`,
        `docker://${two.host}/corp/advisories:latest`,
      ]);
      const places = [
        `${one.host}/corp/advisories:latest`,
        `${two.host}/corp/advisories@${digest}`,
        `127.0.0.1:${pratique.ports.registry}/two/corp/advisories:latest`,
      ];
      for (const [position, place] of places.entries()) {
        const data = join(dir, `site-${position}`);
        const imported = await runCli(['advisories', 'import', `oci://${place}`, '--data', data]);
        expect([place, imported.code, imported.err]).toEqual([place, 0, '']);
        expect(await status(data)).toBe(revision);
      }
    });
  },
);

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHarbor, type Harbor, type HarborOutcome } from '../support/harbor.ts';
import { alpineRoot, type Built, buildImage, buildIndex, debianRoot, linuxArm64 } from '../support/images.ts';
import { osvRecord } from '../support/osv.ts';
import {
  importFeeds,
  type PratiqueOptions,
  type RunningPratique,
  startPratique,
} from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { selfSignedCertificate } from '../support/tls.ts';
import { type DockerRegistry, startDockerRegistry } from './support/docker-registry.ts';
import { type HarborCore, type Robot, startHarborCore } from './support/harbor-core.ts';
import { haveAptPrograms } from './support/programs.ts';

const available = haveAptPrograms('docker-registry');
const repository = 'team/app';
const adapterSecret = 'adapter-pa55word';

const debian = (version: string, extra = 'none', platform = undefined as typeof linuxArm64 | undefined) =>
  buildImage({
    layers: [
      {
        files: debianRoot({ release: '12', packages: [{ name: 'libssl3', version, source: 'openssl' }] }),
      },
      { files: [{ path: `opt/${extra}`, content: extra }] },
    ],
    ...(platform === undefined ? {} : { platform }),
  });
const clean = debian('3.0.15-1');
const bad = debian('3.0.11-1');
const uncovered = buildImage({
  layers: [{ files: alpineRoot({ release: '3.99.0', packages: [{ name: 'musl', version: '1.2.5-r0' }] }) }],
});
const index = buildIndex([clean, debian('3.0.15-1', 'arm', linuxArm64)]);
const pulled = debian('3.0.15-1', 'pulled');
const slow = debian('3.0.15-1', 'slow');
const late = debian('3.0.15-1', 'late');
const lost = debian('3.0.11-1', 'lost');
const images = { clean, bad, uncovered, index, pulled, slow, late, lost };

(available ? describe : describe.skip)("Harbor's scans, by robot accounts (needs docker-registry)", () => {
  let core: HarborCore;
  let registry: DockerRegistry;
  let options: PratiqueOptions;
  let pratique: RunningPratique;
  let harbor: Harbor;
  /** The log of the process that was killed. */
  let before = '';

  beforeAll(async () => {
    const dir = temporaryDirectory();
    core = await startHarborCore();
    const rootcertbundle = join(dir, 'issuer.crt');
    writeFileSync(rootcertbundle, core.certificate);
    registry = await startDockerRegistry(join(dir, 'registry'), null, {
      ...core.realm,
      rootcertbundle,
      push: async (name) =>
        `Bearer ${await core.token([{ type: 'repository', name, actions: ['pull', 'push'] }])}`,
    });
    core.standBefore(registry.url);
    for (const [tag, built] of Object.entries(images)) await registry.push(repository, tag, built);
    await importFeeds(dir, {
      Debian: [
        osvRecord({
          id: 'DEBIAN-CVE-2024-0001',
          ecosystem: 'Debian:12',
          package: 'openssl',
          fixed: '3.0.15-1',
          upstream: ['CVE-2024-0001'],
          cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
        }),
      ],
    });
    const tls = selfSignedCertificate();
    for (const [name, content] of Object.entries({ 'a.crt': tls.cert, 'a.key': tls.key, a: adapterSecret }))
      writeFileSync(join(dir, name), content);
    const proxied = core.robot(repository);
    writeFileSync(join(dir, 'proxied'), proxied.secret);
    options = {
      dir,
      upstreams: [
        {
          name: 'corp',
          namespace: 'harbor.test',
          url: core.externalUrl,
          credentials: { username: proxied.name, passwordFile: 'proxied' },
        },
      ],
      config: {
        harborAdapter: {
          auth: { type: 'basic', username: 'harbor', secretFile: 'a' },
          tls: { certificate: 'a.crt', key: 'a.key' },
          registries: [core.host],
          names: { [core.host]: 'harbor.test' },
          concurrency: 1,
        },
      },
    };
    pratique = await startPratique(options);
    harbor = createHarbor(pratique.harborAdapter.replace('http:', 'https:'), {
      ca: tls.cert,
      headers: { Authorization: `Basic ${Buffer.from(`harbor:${adapterSecret}`).toString('base64')}` },
    });
  });
  afterAll(async () => {
    harbor?.close();
    await pratique?.stop();
    await registry?.stop();
    await core?.stop();
  });

  const asked = (built: Built, robot: Robot = core.robot(repository)) => ({
    registry: core.url,
    robot,
    repository,
    digest: built.manifest.digest,
    mimeType: 'application/vnd.oci.image.manifest.v1+json',
  });
  const fetches = () => core.log.filter((line) => line.includes('/blobs/') || line.includes('/manifests/'));
  const cvesOf = (outcome: HarborOutcome): unknown[] =>
    outcome.kind === 'failed'
      ? [outcome.error]
      : (outcome.report.vulnerabilities as { id: string; package: string; fix_version: string }[]).map(
          (found) => [found.id, found.package, found.fix_version],
        );

  it('of a clean image find nothing, and the second one asks no registry and is ready at the first poll', async () => {
    const first = await harbor.scan(asked(clean));
    expect(first).toMatchObject({
      kind: 'done',
      contentType: 'application/vnd.security.vulnerability.report; version=1.1',
      report: { vulnerabilities: [], artifact: { repository, digest: clean.manifest.digest } },
    });
    core.log.length = 0;
    expect(await harbor.scan(asked(clean))).toMatchObject({ kind: 'done', polls: 1 });
    expect(core.log).toEqual([]);
  });

  it('of a vulnerable one name what is wrong and what repairs it', async () => {
    expect(cvesOf(await harbor.scan(asked(bad)))).toEqual([['CVE-2024-0001', 'libssl3', '3.0.15-1']]);
  });

  it('of one that nobody can judge fail with the reason', async () => {
    expect(await harbor.scan(asked(uncovered))).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/Not cleared by Pratique: .*Alpine:v3\.99/),
    });
  });

  it('give bills of materials', async () => {
    const outcome = await harbor.scan({ ...asked(clean), type: 'sbom' });
    expect(outcome).toMatchObject({ kind: 'done', report: { media_type: 'application/spdx+json' } });
    expect(JSON.stringify(outcome)).toContain('pkg:deb/debian/libssl3@3.0.15-1');
  });

  it('of an index are refused, by the metadata and by what the registry gives', async () => {
    const byType = { ...asked(index), mimeType: index.manifest.mediaType };
    expect(await harbor.scan(byType)).toMatchObject({ error: expect.stringContaining('not scannable') });
    expect(await harbor.scan(asked(index))).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('is an index'),
    });
  });

  it('fail by name with a wrong secret, and with rights to another repository', async () => {
    const wrong = { ...core.robot(repository), secret: 'guessed' };
    for (const robot of [wrong, core.robot('team/other')]) {
      expect(await harbor.scan(asked(late, robot))).toMatchObject({
        kind: 'failed',
        error: expect.stringContaining('does not accept the robot account of this scan'),
      });
    }
  });

  it('fail by name when the robot account is gone before their turn came', async () => {
    const release = core.hold(/\/blobs\//);
    const first = harbor.scan(asked(slow));
    const robot = core.robot(repository);
    const behind = await harbor.submit(asked(late, robot));
    core.deleteRobot(robot);
    release();
    expect(await first).toMatchObject({ kind: 'done' });
    expect(await harbor.collect(behind)).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('robot account'),
    });
  });

  it('go on after the process was killed in the middle', async () => {
    const release = core.hold(/\/blobs\//);
    const ids = [await harbor.submit(asked(lost)), await harbor.submit(asked(late))];
    await pratique.stop('SIGKILL');
    before = pratique.log();
    release();
    pratique = await startPratique({ ...options, ports: pratique.ports });
    const outcomes = await Promise.all(ids.map((id) => harbor.collect(id)));
    expect(outcomes.map(cvesOf)).toEqual([[['CVE-2024-0001', 'libssl3', '3.0.15-1']], []]);
  });

  it('of an image that was pulled through the proxy fetch nothing', async () => {
    const path = `/v2/corp/${repository}/manifests/${pulled.manifest.digest}`;
    expect((await fetch(`${pratique.registry}${path}`)).status).toBe(200);
    core.log.length = 0;
    expect(await harbor.scan(asked(pulled))).toMatchObject({ kind: 'done', polls: 1 });
    expect(fetches()).toEqual([]);
  });

  it('are closed to those who do not log in', async () => {
    const stranger = createHarbor(pratique.harborAdapter.replace('http:', 'https:'), {
      ca: readFileSync(join(options.dir, 'a.crt'), 'utf8'),
    });
    await expect(stranger.metadata()).rejects.toThrow(/unexpected status code: 401/);
    stranger.close();
  });

  it('leave no secret behind, in the log or on disk', () => {
    const kept = filesBelow(pratique.dataDir).map((file) => readFileSync(file, 'latin1'));
    const everything = [before, pratique.log(), ...kept].join('\n');
    expect(everything.includes(late.manifest.digest)).toBe(true);
    expect([...core.secrets, adapterSecret].filter((secret) => everything.includes(secret))).toEqual([]);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

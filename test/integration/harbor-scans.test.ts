import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHarbor, type Harbor } from '../support/harbor.ts';
import { type Built, buildImage, debianRoot } from '../support/images.ts';
import { osvRecord } from '../support/osv.ts';
import {
  importFeeds,
  type PratiqueOptions,
  type RunningPratique,
  startPratique,
} from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const robot = { name: 'robot$scan', secret: 'pass:word-of-the-robot' };
const repository = 'team/app';
const image = (version: string, file = 'none') =>
  buildImage({
    layers: [
      { files: debianRoot({ release: '12', packages: [{ name: 'libssl3', version, source: 'openssl' }] }) },
      { files: [{ path: `opt/${file}`, content: file }] },
    ],
  });
const clean = image('3.0.15-1');
const bad = image('3.0.11-1');
const held = image('3.0.11-1', 'held');

describe("Harbor's scans on the running program", () => {
  let registry: Upstream;
  let options: PratiqueOptions;
  let pratique: RunningPratique;
  let harbor: Harbor;

  beforeAll(async () => {
    const dir = temporaryDirectory();
    registry = await startUpstream({
      repositories: { [repository]: { clean, bad, held } },
      auth: { kind: 'token', credentials: { username: robot.name, password: robot.secret } },
    });
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
    options = {
      dir,
      upstreams: [{ name: 'other', url: 'http://127.0.0.1:9' }],
      config: { harborAdapter: { registries: [registry.host] } },
    };
    pratique = await startPratique(options);
    harbor = createHarbor(pratique.harborAdapter);
  });
  afterAll(async () => {
    harbor?.close();
    await pratique?.stop();
    await registry?.close();
  });

  const asked = ({ manifest }: Built, url = registry.url) => ({
    registry: url,
    robot,
    repository,
    digest: manifest.digest,
    mimeType: manifest.mediaType,
  });

  it('say what is wrong, and are counted', async () => {
    const [good, vulnerable] = await Promise.all([clean, bad].map((built) => harbor.scan(asked(built))));
    expect(good).toMatchObject({ kind: 'done', report: { vulnerabilities: [] } });
    expect(vulnerable).toMatchObject({
      kind: 'done',
      report: { vulnerabilities: [{ id: 'CVE-2024-0001', fix_version: '3.0.15-1' }] },
    });
    const metrics = await (await fetch(`${pratique.management}/metrics`)).text();
    expect(metrics).toContain('pratique_scans_total{outcome="done"} 2');
    expect(metrics).toContain('pratique_scans{state="unfinished"} 0');
  });

  it('ask nobody for what is known', async () => {
    registry.forgetRequests();
    expect(await harbor.scan(asked(bad))).toMatchObject({ kind: 'done', polls: 1 });
    expect(registry.requests).toEqual([]);
  });

  it('of a registry that is not named are refused before anything is asked', async () => {
    expect(await harbor.scan(asked(clean, 'http://127.0.0.1:1'))).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('registries'),
    });
  });

  it('are taken up again by the next process, with the rights that came with them', async () => {
    const lift = registry.fault(/\/blobs\//, { status: 503 });
    const id = await harbor.submit(asked(held));
    await pratique.stop();
    lift();
    pratique = await startPratique({ ...options, ports: pratique.ports });
    expect(await harbor.collect(id)).toMatchObject({
      kind: 'done',
      report: { vulnerabilities: [{ id: 'CVE-2024-0001' }] },
    });
  });

  it('open no gate: what they recorded is served by nobody', async () => {
    const proxied = `${pratique.registry}/v2/harbor:${registry.host}/${repository}/manifests/${clean.manifest.digest}`;
    expect((await fetch(proxied)).status).not.toBe(200);
    expect((await fetch(`${proxied.replace('harbor:', '')}?ns=${registry.host}`)).status).not.toBe(200);
  });
});

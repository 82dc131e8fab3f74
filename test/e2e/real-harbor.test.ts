import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alpineRoot, type BuiltImage, buildImage, debianRoot } from '../support/images.ts';
import { writeLayout } from '../support/layout.ts';
import { osvRecord } from '../support/osv.ts';
import { importFeeds, type RunningPratique, runCli, startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { environmentPath, haveAptPrograms } from './support/programs.ts';
import { type Ended, run } from './support/run.ts';

/**
 * A Harbor (core, job service, registry) that others have started: its address in PRATIQUE_HARBOR_URL, its
 * administrator's password in PRATIQUE_HARBOR_PASSWORD. It has to reach this machine's loopback.
 */
const harbor = environmentPath('PRATIQUE_HARBOR_URL', 'a real Harbor');
const password = environmentPath('PRATIQUE_HARBOR_PASSWORD', "a real Harbor's administrator");
const available = harbor !== null && password !== null && haveAptPrograms('skopeo');

const root = (version: string): BuiltImage =>
  buildImage({
    layers: [
      {
        files: debianRoot({ release: '12', packages: [{ name: 'libssl3', version, source: 'openssl' }] }),
      },
      { files: [{ path: 'etc/made', content: `${process.pid} ${Date.now()}` }] },
    ],
  });
const images = {
  clean: root('3.0.15-1'),
  bad: root('3.0.11-1'),
  uncovered: buildImage({
    layers: [{ files: alpineRoot({ release: '3.99.0', packages: [{ name: 'musl', version: '1' }] }) }],
  }),
};
const project = `pratique-${process.pid}`;

interface Overview {
  readonly scan_status: string;
  readonly severity?: string;
  readonly report_id: string;
  readonly scanner?: { readonly name: string };
}

(available ? describe : describe.skip)('a real Harbor', () => {
  const dir = temporaryDirectory();
  const authorization = `Basic ${Buffer.from(`admin:${password ?? ''}`).toString('base64')}`;
  let pratique: RunningPratique;

  const api = async (path: string, method = 'GET', body?: object): Promise<unknown> => {
    const answer = await fetch(`${harbor ?? ''}/api/v2.0${path}`, {
      method,
      headers: {
        Authorization: authorization,
        'Content-Type': 'application/json',
        'X-Accept-Vulnerabilities': 'application/vnd.security.vulnerability.report; version=1.1',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text;
  };
  const artifact = (tag: string): string => `/projects/${project}/repositories/app/artifacts/${tag}`;
  const scanned = async (tag: string): Promise<Overview> => {
    await api(`${artifact(tag)}/scan`, 'POST', { scan_type: 'vulnerability' });
    for (let attempt = 0; attempt < 60; attempt += 1) {
      await sleep(1000);
      const { scan_overview } = (await api(`${artifact(tag)}?with_scan_overview=true`)) as {
        scan_overview?: Record<string, Overview>;
      };
      const [overview] = Object.values(scan_overview ?? {});
      if (overview !== undefined && ['Success', 'Error', 'Stopped'].includes(overview.scan_status))
        return overview;
    }
    throw new Error(`the scan of ${tag} has not ended`);
  };
  const pull = (tag: string): Promise<Ended> =>
    run('skopeo', [
      'copy',
      '--src-tls-verify=false',
      '--src-creds',
      `admin:${password ?? ''}`,
      `docker://${new URL(harbor ?? '').host}/${project}/app:${tag}`,
      `dir:${join(dir, `pulled-${tag}-${Date.now()}`)}`,
    ]);

  beforeAll(async () => {
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
    pratique = await startPratique({
      dir,
      upstreams: [{ name: 'unused', namespace: 'unused.test', url: 'http://127.0.0.1:9' }],
    });
    await api('/projects', 'POST', { project_name: project, metadata: { public: 'false' } });
    for (const [tag, image] of Object.entries(images)) {
      await writeLayout(join(dir, tag), { [tag]: image });
      const pushed = await run('skopeo', [
        'copy',
        '--dest-tls-verify=false',
        '--dest-creds',
        `admin:${password ?? ''}`,
        `oci:${join(dir, tag)}:${tag}`,
        `docker://${new URL(harbor ?? '').host}/${project}/app:${tag}`,
      ]);
      expect([pushed.code, pushed.err]).toEqual([0, '']);
    }
  }, 60_000);
  afterAll(async () => {
    for (const tag of Object.keys(images)) await api(artifact(tag), 'DELETE').catch(() => undefined);
    await api(`/projects/${project}/repositories/app`, 'DELETE').catch(() => undefined);
    await api(`/projects/${project}`, 'DELETE').catch(() => undefined);
    const scanners = (await api('/scanners')) as { uuid: string; url: string }[];
    const own = scanners.filter(({ url }) => url.endsWith(`:${pratique.ports.harborAdapter}`));
    for (const { uuid } of own) await api(`/scanners/${uuid}`, 'DELETE').catch(() => undefined);
    await pratique.stop();
  });

  it('takes the adapter as its default scanner by one command, and the doctor finds nothing broken', async () => {
    const common = ['--url', harbor ?? '', '--password-env', 'PRATIQUE_HARBOR_PASSWORD'];
    const adapter = `http://127.0.0.1:${pratique.ports.harborAdapter}`;
    const registered = await runCli(['harbor', 'register', ...common, '--adapter-url', adapter]);
    expect([registered.code, registered.err]).toEqual([0, '']);
    const doctor = await runCli(['doctor', 'harbor', ...common]);
    expect([doctor.code === 0 || doctor.code === 1, doctor.out]).toEqual([
      true,
      expect.not.stringContaining('cannot reach'),
    ]);
  });

  it('scans through it: what is found, and what cannot be judged', async () => {
    const bad = await scanned('bad');
    expect(bad).toMatchObject({ scan_status: 'Success', severity: 'Critical' });
    const report = (await api(`${artifact('bad')}/additions/vulnerabilities`)) as Record<
      string,
      { vulnerabilities: { id: string; package: string; version: string; fix_version: string }[] }
    >;
    expect(Object.values(report)[0]?.vulnerabilities).toEqual([
      expect.objectContaining({
        id: 'CVE-2024-0001',
        package: 'libssl3',
        version: '3.0.11-1',
        fix_version: '3.0.15-1',
      }),
    ]);
    expect(await scanned('clean')).toMatchObject({ scan_status: 'Success' });
    const uncovered = await scanned('uncovered');
    expect(uncovered.scan_status).toBe('Error');
    expect(await api(`${artifact('uncovered')}/scan/${uncovered.report_id}/log`)).toContain('Alpine:v3.99');
  }, 120_000);

  it('keeps its bill of materials', async () => {
    await api(`${artifact('clean')}/scan`, 'POST', { scan_type: 'sbom' });
    let digest = '';
    for (let attempt = 0; attempt < 60 && digest === ''; attempt += 1) {
      await sleep(1000);
      const { sbom_overview } = (await api(`${artifact('clean')}?with_sbom_overview=true`)) as {
        sbom_overview?: { sbom_digest?: string };
      };
      digest = sbom_overview?.sbom_digest ?? '';
    }
    const sbom = (await api(`${artifact(digest)}/additions/sbom`)) as { packages: { name: string }[] };
    expect(sbom.packages.map(({ name }) => name)).toContain('libssl3');
  }, 90_000);

  it('refuses the pull of what it found, gives what is clean, and lets the scanner in', async () => {
    await api(`/projects/${project}`, 'PUT', { metadata: { prevent_vul: 'true', severity: 'high' } });
    const refused = await pull('bad');
    expect(refused.code).not.toBe(0);
    expect(refused.err).toMatch(/vulnerabilit/i);
    expect((await pull('uncovered')).code).not.toBe(0);
    expect(await pull('clean')).toMatchObject({ code: 0 });
    expect(await scanned('bad')).toMatchObject({ scan_status: 'Success', severity: 'Critical' });
  }, 120_000);
});

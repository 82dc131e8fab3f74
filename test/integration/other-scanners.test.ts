import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeScanner, type FakeScannerOrders, fakeTrivy } from '../support/fake-scanner.ts';
import { freePort } from '../support/free-port.ts';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { ask } from './client.ts';
import { bad, clean, debian, feeds, openStage, type Stage } from './stage.ts';

const now = new Date().toISOString();
const openssl = {
  VulnerabilityID: 'CVE-2026-1001',
  PkgName: 'openssl',
  InstalledVersion: '3.0.1-1',
  FixedVersion: '3.0.2-1',
  Status: 'fixed',
  Severity: 'CRITICAL',
  PkgIdentifier: { PURL: 'pkg:deb/debian/openssl@3.0.1-1' },
  Of: bad.manifest.digest,
};
const usual: FakeScannerOrders = { databaseAt: now, vulnerabilities: [openssl] };
/** Known exploitation is asked of no catalogue here. */
const policy = `
version: 1
name: baseline
rules:
  - id: critical-with-fix
    title: Critical, and there is a fix
    when: { severity: { atLeast: critical, unknown: true }, fixAvailable: true }
    action: deny
`;
const own = debian('curl', '7.88-1', 'own');
const third = debian('curl', '7.88-1', 'third');
const repositories = { app: { clean, bad }, other: { own, third } };

describe('an installation in which another scanner decides', () => {
  let stage: Stage;
  let trivy: FakeScanner;

  beforeAll(async () => {
    trivy = fakeTrivy(temporaryDirectory());
    trivy.order(usual);
    stage = await openStage({
      repositories,
      feeds: null,
      policy,
      turnedClock: true,
      config: { scanner: { engine: 'trivy', timeout: '1m', trivy: { command: trivy.command } } },
    });
  });
  afterEach(() => trivy.order(usual));
  afterAll(async () => {
    await stage?.close();
  });
  const last = () => {
    const run = trivy.runs().at(-1);
    if (run === undefined) throw new Error('it has not run');
    return run;
  };

  it('serves what that one finds nothing in, and refuses what it finds, without advisories of its own', async () => {
    expect((await stage.pull('app', 'clean')).status).toBe(200);
    const refused = await stage.get('app/manifests/bad');
    expect([refused.status, refused.message]).toEqual([403, expect.stringContaining('CVE-2026-1001')]);
    const { status } = await ask(stage.pratique.management, '/readyz');
    expect(status).toBe(200);
  });

  it('names it in the verdict, with the day until which it counts', async () => {
    const path = `/api/v1/verdicts/${bad.manifest.digest}`;
    const { body } = await ask(stage.pratique.management, path);
    expect(body.toString()).toMatch(/"scanner":\s*"trivy; pratique /);
    expect(body.toString()).toMatch(/"validUntil":\s*"20/);
  });

  it('lets the scanner pull the image, and gives it nothing of its surroundings but what it needs', async () => {
    const run = last();
    expect(run.pulled).toEqual(['401 anonymous', '200 manifests', '200 blobs', '200 blobs', '200 blobs']);
    expect(run.args).toEqual(
      expect.arrayContaining(['--image-src', 'remote', '--list-all-pkgs', '--scanners', 'vuln']),
    );
    expect(run.image).toMatch(/^127\.0\.0\.1:\d+\/registry-corp\/app@sha256:/);
    expect(run.files).toEqual([]);
    expect(run.env.filter((name) => name.startsWith('TRIVY_')).sort()).toEqual([
      'TRIVY_PASSWORD',
      'TRIVY_USERNAME',
    ]);
    expect(stage.pratique.log()).not.toContain(run.password);
  });

  it("opens nothing else with the scanner's rights, here or at the registry port, while it runs or after", async () => {
    const { registry, management } = stage.pratique;
    const everything = [
      `GET {door}/v2/{repository}/manifests/${bad.manifest.digest}`,
      'GET {door}/v2/{repository}/manifests/own',
      'GET {door}/v2/{repository}/tags/list',
      `GET {door}/v2/registry-corp/app/manifests/${clean.manifest.digest}`,
      `GET {door}/v2/{repository}/blobs/${bad.layers[0]?.digest ?? ''}`,
      'POST {door}/v2/{repository}/blobs/uploads/',
      `PUT {door}/v2/{repository}/manifests/${own.manifest.digest}`,
      `DELETE {door}/v2/{repository}/manifests/${own.manifest.digest}`,
      `GET ${registry}/v2/corp/app/manifests/${bad.manifest.digest}`,
      `GET ${registry}/v2/corp/app/blobs/${bad.layers[0]?.digest ?? ''}`,
      `POST ${registry}/v2/hosted/x/blobs/uploads/`,
      `GET ${management}/v2/corp/app/manifests/${bad.manifest.digest}`,
    ].map((order) => order.replace('{door}', 'http://{registry}'));
    trivy.order({ ...usual, tries: everything });
    expect((await stage.pull('other', 'own')).status).toBe(200);
    const run = last();
    const granted = run.tried.filter((line) => /^\S+ \S+ 2\d\d$/.test(line));
    expect([run.tried.length, granted]).toEqual([everything.length, []]);
    // The scan is over.
    const [place = ''] = run.image.split('@');
    const [host = '', ...path] = place.split('/');
    const authorization = `Basic ${Buffer.from(`${run.username}:${run.password}`).toString('base64')}`;
    const after = await ask(`http://${host}`, `/v2/${path.join('/')}/manifests/${own.manifest.digest}`, {
      headers: { authorization },
    });
    expect(after.status).toBe(401);
  });

  it('refuses an image of which the scanner is silent for a reason', async () => {
    trivy.order({ ...usual, eosl: true });
    const refused = await stage.get('other/manifests/third');
    expect([refused.status, refused.message]).toEqual([
      403,
      expect.stringContaining('no advisories cover Debian:12'),
    ]);
  });

  it('scans again by itself what it has said too long ago', async () => {
    expect((await stage.get('app/manifests/clean')).status).toBe(200);
    const digests = (): ReadonlySet<string> =>
      new Set(
        trivy
          .runs()
          .slice(before)
          .map(({ image }) => image),
      );
    const before = trivy.runs().length;
    trivy.order({ ...usual, databaseAt: new Date(Date.now() + 24 * 3_600_000).toISOString() });
    await stage.pratique.turn(25 * 3_600_000);
    // All four that it has scanned, though nobody asks for them.
    while (digests().size < 4) await sleep(100);
    expect((await stage.get('app/manifests/clean')).status).toBe(200);
    expect((await stage.get('app/manifests/bad')).status).toBe(403);
  });

  it('refuses while that is not possible, and says why', async () => {
    trivy.order({ ...usual, failure: 'FATAL the database is locked' });
    await stage.pratique.turn(50 * 3_600_000);
    const away = await stage.get('app/manifests/clean');
    expect([away.status, away.message]).toEqual([403, expect.stringContaining('the database is locked')]);
  });

  it('forgets what it has said when the built-in scanner decides again', async () => {
    await stage.restart('SIGTERM', { config: {} });
    const refused = await stage.get('app/manifests/clean');
    expect([refused.status, refused.message]).toEqual([403, expect.stringContaining('no advisories')]);
  });
});

describe('an installation in which a scanner with an adapter for Harbor decides', () => {
  let scanner: Stage;
  let stage: Stage;

  beforeAll(async () => {
    const door = `127.0.0.1:${await freePort()}`;
    // Pratique itself is such a scanner: with its own advisories, and rights at the other one's door alone.
    scanner = await openStage({ feeds, config: { harborAdapter: { registries: [door] } } });
    stage = await openStage({
      repositories,
      feeds: null,
      policy,
      config: {
        scanner: {
          engine: 'harbor',
          covers: ['os'],
          harbor: { url: scanner.pratique.harborAdapter },
          pull: { listen: door },
        },
      },
    });
  });
  afterAll(async () => {
    await stage?.close();
    await scanner?.close();
  });

  it('serves and refuses by what that one says', async () => {
    expect((await stage.pull('app', 'clean')).status).toBe(200);
    const refused = await stage.get('app/manifests/bad');
    expect([refused.status, refused.message]).toEqual([403, expect.stringContaining('CVE-2026-1001')]);
  });

  it('refuses with the reason when it is away', async () => {
    await scanner.pratique.stop();
    const refused = await stage.get('other/manifests/own');
    expect([refused.status, refused.message]).toEqual([403, expect.stringContaining('does not answer')]);
  });
});

describe('pratique scan', () => {
  let stage: Stage;
  let trivy: FakeScanner;
  const run = (...args: string[]) =>
    runCli(
      [
        'scan',
        `${stage.upstream.host}/app@${bad.manifest.digest}`,
        '--data',
        stage.pratique.dataDir,
        ...args,
      ],
      {
        PATH: `${trivy.command.slice(0, trivy.command.lastIndexOf('/'))}:${process.env.PATH ?? ''}`,
      },
    );

  beforeAll(async () => {
    const dir = temporaryDirectory();
    trivy = fakeTrivy(dir, 'trivy');
    trivy.order({
      databaseAt: now,
      vulnerabilities: [
        { ...openssl, Severity: 'HIGH' },
        {
          ...openssl,
          VulnerabilityID: 'CVE-2026-2000',
          PkgName: 'bash',
          InstalledVersion: '5',
          Severity: 'LOW',
        },
      ],
    });
    stage = await openStage({ repositories });
  });
  afterAll(async () => {
    await stage?.close();
  });

  it('tells with --compare what both find and what one alone does, and why', async () => {
    const { code, out, err } = await run('--compare', 'trivy', '--format', 'json');
    expect([code, err]).toEqual([1, expect.any(String)]);
    const { comparison, scanner } = JSON.parse(out) as {
      comparison: Record<string, { id: string; why?: string; differs?: string[] }[]>;
      scanner: { name: string };
    };
    expect(scanner.name).toBe('pratique');
    expect(comparison).toMatchObject({
      scanner: { name: 'trivy', version: '0.74.0' },
      both: [{ id: 'CVE-2026-1001', differs: ['severity: critical here, high there'] }],
      onlyOurs: [],
      onlyTheirs: [{ id: 'CVE-2026-2000', why: 'no package bash was found here' }],
    });
  });

  it('tells it to a person too', async () => {
    const { out } = await run('--compare', 'trivy');
    expect(out).toContain('1 found by both, 0 only here, 1 only by trivy, 1 told otherwise');
  });

  it('ends with 3 where that scanner is not there', async () => {
    const { code, err } = await run('--compare', 'grype');
    expect([code, err]).toEqual([3, expect.stringContaining('grype cannot be run')]);
  });
});

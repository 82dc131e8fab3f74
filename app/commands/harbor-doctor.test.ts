import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { recordConsole } from '../../test/support/console.ts';
import { type FakeHarbor, fakeAdapter, startFakeHarbor } from '../../test/support/fake-harbor.ts';
import { type FakeHarborState, fakeProject, fakeScanner } from '../../test/support/fake-harbor-state.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { exitCodes } from '../console.ts';
import { type HarborDoctorOptions, harborDoctor } from './harbor-doctor.ts';
import { guarded } from './outcome.ts';
import { connectionTo, harborEnv } from './samples-harbor.ts';

const adapterUrl = 'https://pratique:5090';
const day = 86_400_000;
const inDays = (days: number): number => Math.floor((Date.now() + days * day) / 1000);

let harbor: FakeHarbor;
beforeEach(async () => {
  harbor = await startFakeHarbor();
  const { state } = harbor;
  state.adapters.set(adapterUrl, fakeAdapter());
  state.scanners = [
    fakeScanner('p', 'Vetting', adapterUrl, { is_default: true, auth: 'Bearer' }),
    fakeScanner('t', 'Trivy', 'http://trivy:8080'),
  ];
  state.projects = [fakeProject('team')];
});
afterEach(() => harbor.close());

async function doctor(more: Partial<HarborDoctorOptions> = {}) {
  const console = recordConsole();
  const options: HarborDoctorOptions = {
    connection: connectionTo(harbor.url),
    name: null,
    adapterUrl: null,
    format: 'table',
    sources: { file: null, data: null, env: harborEnv },
    ...more,
  };
  const code = await guarded(console, exitCodes.undecided, () => harborDoctor(options, console));
  return { code, output: console.output(), errors: console.errors() };
}

describe('doctor harbor', () => {
  it('finds nothing where nothing is wrong', async () => {
    const { code, output, errors } = await doctor();
    expect([code, errors]).toEqual([0, '']);
    expect(output).not.toMatch(/^(?:mistake|warning|unknown)/m);
    expect(output).toMatch(/scanner-reachable +Harbor reaches it: Pratique 0\.1\.0, for vulnerability/);
    expect(harbor.writes).toEqual([]);
  });

  const one = (state: FakeHarborState) => {
    const [scanner, project] = [state.scanners[0], state.projects[0]];
    if (scanner === undefined || project === undefined) throw new Error('the fake has both');
    return { scanner, project };
  };
  type Row = readonly [level: string, id: string, told: RegExp, change: (state: FakeHarborState) => void];
  const rows: readonly Row[] = [
    [
      'mistake',
      'scanner-registered',
      /not among Harbor's scanners \(Trivy at http:\/\/trivy:8080\)/,
      (state) => {
        state.scanners.shift();
      },
    ],
    [
      'mistake',
      'scanner-registered',
      /\(none at all\)/,
      (state) => {
        state.scanners = [];
      },
    ],
    [
      'mistake',
      'scanner-enabled',
      /Vetting is deactivated/,
      (state) => {
        one(state).scanner.disabled = true;
      },
    ],
    [
      'warning',
      'scanner-default',
      /the default scanner is Trivy, not Vetting/,
      ({ scanners }) => {
        for (const each of scanners) each.is_default = each.uuid === 't';
      },
    ],
    [
      'warning',
      'adapter-auth',
      /does not authenticate/,
      (state) => {
        one(state).scanner.auth = '';
      },
    ],
    [
      'warning',
      'adapter-certificate',
      /does not check the adapter's certificate/,
      (state) => {
        one(state).scanner.skip_certVerify = true;
      },
    ],
    [
      'warning',
      'adapter-plain-http',
      /plain HTTP/,
      (state) => {
        one(state).scanner.url = 'http://p:1';
        state.adapters.set('http://p:1', fakeAdapter());
      },
    ],
    [
      'mistake',
      'scanner-reachable',
      /no usable answer.*pulled even where vulnerable ones are prevented/,
      (state) => {
        one(state).scanner.name = 'Pratique';
        state.adapters.clear();
      },
    ],
    [
      'mistake',
      'scanner-reachable',
      /answers Clair 0\.1\.0 of Clair, not Pratique/,
      (state) => {
        one(state).scanner.name = 'Pratique';
        state.adapters.set(adapterUrl, fakeAdapter({ name: 'Clair' }));
      },
    ],
    [
      'mistake',
      'capability-sbom',
      /v2\.9\.5 refuses scanners.*SBOMs/,
      (state) => {
        state.version = 'v2.9.5';
        state.instead.set('GET /scanners/p/metadata', {
          status: 200,
          body: JSON.stringify(fakeAdapter({ sbom: true }).metadata),
        });
      },
    ],
    [
      'mistake',
      'advisories-age',
      /10 days old, more than the 7d/,
      (state) => {
        state.adapters.set(
          adapterUrl,
          fakeAdapter({ updatedAt: new Date(Date.now() - 10 * day).toISOString() }),
        );
      },
    ],
    [
      'mistake',
      'advisories-age',
      /has no advisories/,
      (state) => {
        state.adapters.set(adapterUrl, fakeAdapter({ updatedAt: '' }));
      },
    ],
    [
      'unknown',
      'advisories-age',
      /"yesterday" is no time/,
      (state) => {
        state.adapters.set(adapterUrl, fakeAdapter({ updatedAt: 'yesterday' }));
      },
    ],
    [
      'unknown',
      'harbor-version',
      /the version "dev"/,
      (state) => {
        state.version = 'dev';
      },
    ],
    [
      'mistake',
      'harbor-health',
      /not healthy: jobservice \(no redis\)/,
      (state) => {
        state.components = [{ name: 'jobservice', status: 'unhealthy', error: 'no redis' }];
      },
    ],
    [
      'warning',
      'harbor-health',
      /not healthy: trivy/,
      (state) => {
        state.components = [{ name: 'trivy', status: 'unhealthy' }];
      },
    ],
    [
      'warning',
      'harbor-read-only',
      /read-only/,
      (state) => {
        state.readOnly = true;
      },
    ],
    [
      'warning',
      'clock',
      /\d+ s ahead of this one/,
      (state) => {
        state.skew = 600_000;
      },
    ],
    [
      'warning',
      'clock',
      /\d+ s behind this one/,
      (state) => {
        state.skew = -600_000;
      },
    ],
    [
      'warning',
      'rescan-schedule',
      /not scanned again by itself/,
      (state) => {
        state.schedule = null;
      },
    ],
    [
      'warning',
      'rescan-schedule',
      /not scanned again by itself/,
      (state) => {
        state.schedule = { type: 'None' };
      },
    ],
    [
      'warning',
      'allowlist',
      /\(1 entry\) never ends/,
      (state) => {
        state.allowlist = { items: [{ cve_id: 'CVE-2099-1' }] };
      },
    ],
    [
      'warning',
      'allowlist',
      /\(1 entry\) ended at/,
      (state) => {
        state.allowlist = { items: [{ cve_id: 'CVE-2099-1' }], expires_at: inDays(-1) };
      },
    ],
    [
      'warning',
      'allowlist',
      /ends at .*all of it at once/,
      (state) => {
        state.allowlist = { items: [{ cve_id: 'CVE-2099-1' }], expires_at: inDays(2) };
      },
    ],
    [
      'mistake',
      'auto-scan',
      /every new image is refused: team/,
      (state) => {
        one(state).project.metadata.auto_scan = 'false';
      },
    ],
    [
      'warning',
      'auto-scan',
      /nothing is scanned on push: team/,
      (state) => {
        one(state).project.metadata = {};
      },
    ],
    [
      'warning',
      'prevent-vulnerable',
      /refuses no image: team/,
      (state) => {
        delete one(state).project.metadata.prevent_vul;
      },
    ],
    [
      'warning',
      'project-scanner',
      /another scanner than Pratique is in force: team \(Trivy\)/,
      (state) => {
        one(state).project.scanner = 't';
      },
    ],
    [
      'warning',
      'proxy-cache',
      /first pull of an image unscanned.*team \(https:\/\/hub\.example\)/,
      (state) => {
        one(state).project.registry_id = 3;
        state.registries.set(3, { name: 'x', url: 'https://hub.example' });
      },
    ],
    [
      'unknown',
      'proxy-cache',
      /what these proxy caches stand before: team/,
      (state) => {
        one(state).project.registry_id = 3;
      },
    ],
    [
      'unknown',
      'projects',
      /1 of 501 projects were not looked at/,
      (state) => {
        state.projects = Array.from({ length: 501 }, (_, index) => fakeProject(`p${index}`));
      },
    ],
  ];
  it.each(rows)('%s %s: %p', async (level, id, told, change) => {
    change(harbor.state);
    const { code, output } = await doctor({ format: 'json' });
    const { checks } = JSON.parse(output) as {
      checks: { level: string; id: string; found: string; remedy: string }[];
    };
    const found = checks.filter((check) => check.id === id && check.level === level);
    expect(found.map((check) => check.found).join('\n')).toMatch(told);
    for (const check of found) expect(check.remedy).not.toBe('');
    const levels = checks.map((check) => ['mistake', 'unknown', 'warning', 'ok'].indexOf(check.level));
    expect(levels).toEqual([...levels].sort());
    expect(code).toBe({ 0: 1, 1: 3 }[levels[0] ?? 0] ?? 0);
  });

  it('knows that a proxy cache with Pratique behind it is vetted', async () => {
    const config = join(temporaryDirectory(), 'pratique.yaml');
    writeFileSync(config, 'publicNames: [pratique.corp.example:5000]\n');
    harbor.state.projects = [fakeProject('hub', {}, { registry_id: 3 })];
    harbor.state.registries.set(3, { name: 'x', url: 'http://pratique.corp.example:5000' });
    const { code, output } = await doctor({ sources: { file: config, data: null, env: harborEnv } });
    expect(code).toBe(0);
    expect(output).toContain('the first pull through these proxy caches is vetted by Pratique: hub');
  });

  it('names what to do below what was found, worst first', async () => {
    one(harbor.state).project.metadata.auto_scan = 'false';
    harbor.state.schedule = null;
    const { code, output } = await doctor();
    expect(code).toBe(1);
    expect(
      output
        .split('\n')
        .slice(0, 5)
        .map((line) => line.trim().split(/ {2,}/)[0]),
    ).toEqual([
      'LEVEL',
      'mistake',
      expect.stringContaining('→ Projects > Configuration'),
      'warning',
      expect.stringContaining('→ Administration > Interrogation Services'),
    ]);
  });

  it('looks at the registration that is asked for', async () => {
    harbor.state.adapters.set('http://trivy:8080', fakeAdapter({ name: 'Trivy' }));
    expect((await doctor({ name: 'Trivy' })).output).toContain('answers Trivy 0.1.0 of Trivy, not Pratique');
    expect((await doctor({ adapterUrl: 'http://elsewhere:1' })).output).toContain('not among');
    expect((await doctor({ adapterUrl })).code).toBe(0);
  });

  const failures: readonly [what: string, options: () => Partial<HarborDoctorOptions>, code: number][] = [
    ['nobody there', () => ({ connection: connectionTo('http://127.0.0.1:1') }), 3],
    ['a wrong password', () => ({ connection: connectionTo(harbor.url, { passwordEnv: 'WRONG' }) }), 2],
    ['a wrong address', () => ({ connection: connectionTo('harbor') }), 2],
  ];
  it.each(failures)('cannot tell: %s', async (_what, options, expected) => {
    const { code, output } = await doctor(options());
    expect([code, output]).toEqual([expected, '']);
  });
});

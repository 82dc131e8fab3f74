import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { recordConsole } from '../../test/support/console.ts';
import { type FakeHarbor, fakeAdapter, startFakeHarbor } from '../../test/support/fake-harbor.ts';
import { fakeProject, fakeScanner } from '../../test/support/fake-harbor-state.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { selfSignedCertificate } from '../../test/support/tls.ts';
import { exitCodes } from '../console.ts';
import { harborRegister, type RegisterOptions } from './harbor-register.ts';
import { guarded } from './outcome.ts';
import { connectionTo, harborEnv } from './samples-harbor.ts';

const adapterUrl = 'http://pratique:5090';
const noAuth = { kind: 'none', username: null, secretFile: null, secretEnv: null } as const;
const bearer = { ...noAuth, kind: 'bearer', secretEnv: 'ADAPTER_TOKEN' } as const;

let harbor: FakeHarbor;
beforeEach(async () => {
  harbor = await startFakeHarbor();
  harbor.state.adapters.set(adapterUrl, fakeAdapter());
  harbor.state.projects = [fakeProject('team')];
});
afterEach(() => harbor.close());

async function register(more: Partial<RegisterOptions> = {}) {
  const console = recordConsole();
  const slept: number[] = [];
  const options: RegisterOptions = {
    connection: connectionTo(harbor.url),
    adapterUrl,
    name: 'Pratique',
    auth: noAuth,
    useInternalAddress: false,
    skipCertificate: false,
    makeDefault: true,
    dryRun: false,
    format: 'table',
    sources: { file: null, data: null, env: harborEnv },
    ...more,
  };
  const tools = {
    now: Date.now,
    sleep: (milliseconds: number) => {
      slept.push(milliseconds);
      harbor.forget();
      return Promise.resolve();
    },
  };
  const code = await guarded(console, exitCodes.usage, () => harborRegister(options, console, tools));
  const [output, errors] = [console.output(), console.errors()];
  for (const secret of Object.values(harborEnv)) expect(output + errors).not.toContain(secret);
  return { code, output, errors, slept };
}
const registered = () => harbor.state.scanners.find(({ url }) => url === adapterUrl);

describe('harbor register', () => {
  it('registers the adapter, makes it the default and says what was done', async () => {
    harbor.state.scanners = [fakeScanner('t', 'Trivy', 'http://trivy:8080', { is_default: true })];
    const { code, output, errors } = await register({ useInternalAddress: true, auth: bearer });
    expect([code, errors]).toEqual([0, '']);
    expect(registered()).toMatchObject({
      name: 'Pratique',
      auth: 'Bearer',
      access_credential: harborEnv.ADAPTER_TOKEN,
      is_default: true,
      use_internal_addr: true,
      skip_certVerify: false,
    });
    expect(
      output
        .split('\n')
        .slice(0, 5)
        .map((line) => line.replace(/ {2,}/g, ' | ')),
    ).toEqual([
      `ok | harbor | ${harbor.url}, version v2.11.2-00000000`,
      'ok | ping | Harbor gets an answer from http://pratique:5090',
      'done | registration | registered Pratique at http://pratique:5090',
      'done | default | Pratique is the default scanner instead of Trivy; projects with a scanner of their own keep it',
      'ok | check | Harbor reaches the adapter: Pratique 0.1.0 (vulnerability)',
    ]);
  });

  it('changes nothing when it is run again', async () => {
    await register();
    const before = harbor.writes.length;
    const { code, output } = await register();
    expect(code).toBe(0);
    expect(output).toMatch(/^unchanged {2}registration {2}Pratique at .* is as wanted$/m);
    expect(harbor.writes.slice(before)).toEqual(['POST /scanners/ping']);
  });

  it('says what is left for a person, worst first', async () => {
    harbor.state.schedule = null;
    harbor.state.projects = [
      fakeProject('shut', { auto_scan: 'false' }),
      fakeProject('open', { prevent_vul: 'false' }),
      fakeProject('hub', {}, { registry_id: 7 }),
    ];
    harbor.state.registries.set(7, { name: 'hub', url: 'https://hub.example' });
    const { output } = await register();
    const left = output.slice(output.indexOf('Left for you:'));
    expect(left).toMatch(/mistake: vulnerable images are prevented but nothing is scanned on push.*: shut\n/);
    expect(left).toMatch(
      /already in Harbor is not scanned again[\s\S]*refuses no image: open\n[\s\S]*first pull of an image unscanned.*hub \(https:\/\/hub\.example\)/,
    );
    expect(left.indexOf('mistake:')).toBeLessThan(left.indexOf('not scanned again'));
  });

  it('changes nothing in a dry run, and pings all the same', async () => {
    const { code, output } = await register({ dryRun: true });
    expect(code).toBe(0);
    expect(harbor.writes).toEqual(['POST /scanners/ping']);
    expect(output).toMatch(/^would {6}registration {2}register Pratique at/m);
    expect(output).not.toContain('not among');
  });

  it('leaves the default scanner alone where told so', async () => {
    harbor.state.scanners = [fakeScanner('t', 'Trivy', 'http://trivy:8080', { is_default: true })];
    const { output } = await register({ makeDefault: false });
    expect(registered()?.is_default).toBe(false);
    expect(output).toMatch(/^skipped {4}default/m);
    expect(output).toContain('the default scanner is Trivy, not Pratique');
  });

  const updates: readonly [what: string, before: Parameters<typeof fakeScanner>, told: RegExp][] = [
    ['deactivated', ['p', 'Pratique', adapterUrl, { disabled: true }], /updated: disabled yes → no/],
    ['another name', ['p', 'Scanner', `${adapterUrl}/`], /updated: name Scanner → Pratique/],
    [
      'moved',
      ['p', 'Pratique', 'http://old:5090'],
      /updated: address http:\/\/old:5090 → http:\/\/pratique:5090/,
    ],
    ['authentication', ['p', 'Pratique', adapterUrl, { auth: 'Basic' }], /authentication Basic → none/],
  ];
  it.each(updates)('updates a registration that is there: %s', async (_what, before, told) => {
    harbor.state.scanners = [fakeScanner(...before)];
    const { code, output } = await register();
    expect(code).toBe(0);
    expect(output).toMatch(told);
    expect(harbor.state.scanners).toHaveLength(1);
    expect(registered()).toMatchObject({ uuid: 'p', name: 'Pratique', disabled: false, auth: '' });
  });

  it('keeps the words that a person gave the registration', async () => {
    harbor.state.scanners = [fakeScanner('p', 'Pratique', 'http://old:5090', { description: 'ask Ann' })];
    await register();
    expect(registered()?.description).toBe('ask Ann');
  });

  it('sends the secret anew, because it cannot be compared', async () => {
    await register({ auth: bearer });
    expect((await register({ auth: bearer })).output).toContain('updated: secret sent anew');
  });

  it('waits until Harbor has forgotten what the old address answered', async () => {
    harbor.state.scanners = [fakeScanner('p', 'Pratique', 'http://old:5090')];
    const { code, slept } = await register();
    expect([code, slept]).toEqual([0, [31_000]]);
  });

  it('leaves the ping out where Harbor may not check the certificate', async () => {
    const url = 'https://pratique:5090';
    harbor.state.adapters.set(url, fakeAdapter());
    const { code, output } = await register({ adapterUrl: url, skipCertificate: true });
    expect(code).toBe(0);
    expect(output).toMatch(/^skipped {4}ping/m);
    expect(harbor.writes).not.toContain('POST /scanners/ping');
  });

  it('prints one object for programs', async () => {
    const { code, output } = await register({ format: 'json' });
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      schemaVersion: 1,
      harbor: harbor.url,
      dryRun: false,
      steps: [
        { step: 'harbor' },
        { step: 'ping' },
        { step: 'registration', result: 'done' },
        {},
        { step: 'check' },
      ],
      registration: { name: 'Pratique', url: adapterUrl, is_default: true },
      todo: [
        { level: 'warning', id: 'adapter-auth' },
        { level: 'warning', id: 'adapter-plain-http' },
      ],
      error: null,
    });
  });
});

describe('harbor register fails with a reason', () => {
  type Row = readonly [what: string, prepare: () => Partial<RegisterOptions>, code: number, told: RegExp];
  const instead = (
    route: string,
    answer: { status: number; type?: string; body?: string; headers?: Record<string, string> },
  ) => {
    harbor.state.instead.set(route, answer);
    return {};
  };
  const rows: readonly Row[] = [
    [
      'a wrong password',
      () => ({ connection: connectionTo(harbor.url, { passwordEnv: 'WRONG' }) }),
      2,
      /does not accept the password of admin \(401\).*CLI secret/,
    ],
    [
      'no administrator',
      () => {
        harbor.state.administrator = false;
        return {};
      },
      2,
      /does not let admin do this \(403.*system administrator/,
    ],
    [
      'nobody there',
      () => ({ connection: connectionTo('http://127.0.0.1:1') }),
      3,
      /127\.0\.0\.1:1 cannot be reached: nothing listens there/,
    ],
    [
      'TLS on a plain port',
      () => ({ connection: connectionTo(harbor.url.replace('http:', 'https:')) }),
      3,
      /does not speak TLS on this port[\s\S]*Use http:/,
    ],
    [
      'a redirect',
      () => instead('GET /systeminfo', { status: 308, headers: { Location: 'https://harbor.example/' } }),
      2,
      /sends the request elsewhere \(308 to https:\/\/harbor\.example\/\).*--url/,
    ],
    [
      'a web page',
      () => instead('GET /systeminfo', { status: 200, type: 'text/html', body: '<html>Sign in' }),
      3,
      /a web page instead of JSON.*login page/,
    ],
    [
      'another program',
      () => instead('GET /systeminfo', { status: 404, body: '{}' }),
      2,
      /has no \/systeminfo \(404.*Harbor 2\.0 or newer/,
    ],
    [
      'an answer of another shape',
      () => instead('GET /scanners', { status: 200, body: '{"a":1}' }),
      3,
      /is not what its API describes/,
    ],
    [
      'an adapter out of reach',
      () => {
        harbor.state.adapters.clear();
        return {};
      },
      2,
      /cannot use the adapter at http:\/\/pratique:5090.*log of Harbor's core component[\s\S]*this machine gets no answer either/,
    ],
    [
      'a loopback adapter',
      () => ({ adapterUrl: 'http://127.0.0.1:1' }),
      2,
      /means Harbor's own container to Harbor/,
    ],
    ['a reserved name', () => ({ name: 'Trivy' }), 2, /--name: found "Trivy".*Harbor keeps this one/],
    [
      'the name of another scanner',
      () => {
        harbor.state.adapters.set('http://clair:8080', fakeAdapter({ name: 'Clair' }));
        harbor.state.scanners = [fakeScanner('c', 'Pratique', 'http://clair:8080')];
        return {};
      },
      2,
      /the name Pratique is taken by Clair 0\.1\.0 .* at http:\/\/clair:8080/,
    ],
    [
      'name and address of two',
      () => {
        harbor.state.scanners = [
          fakeScanner('a', 'Old', adapterUrl),
          fakeScanner('b', 'Pratique', 'http://b:1'),
        ];
        return {};
      },
      2,
      /belongs to the scanner at http:\/\/b:1, while .* is registered as Old/,
    ],
    [
      'taken in between',
      () =>
        instead('POST /scanners', {
          status: 409,
          body: '{"errors":[{"code":"CONFLICT","message":"registration name or url already exists"}]}',
        }),
      2,
      /409: registration name or url already exists/,
    ],
    [
      '/api/v1 in the address',
      () => ({ adapterUrl: `${adapterUrl}/api/v1` }),
      2,
      /without \/api\/v1.*: http:\/\/pratique:5090$/,
    ],
    [
      'no address',
      () => ({ adapterUrl: 'pratique:5090' }),
      2,
      /--adapter-url: found "pratique:5090", allowed an http/,
    ],
    [
      'a path in --url',
      () => ({ connection: connectionTo(`${harbor.url}/harbor/projects`) }),
      2,
      /allowed scheme, host and port alone: http/,
    ],
    [
      'a password in --url',
      () => ({ connection: connectionTo('http://admin:Harbor12345@127.0.0.1') }),
      2,
      /address without credentials; use --username/,
    ],
    [
      'a variable that is not set',
      () => ({ connection: connectionTo(harbor.url, { passwordEnv: 'NONE' }) }),
      2,
      /--password-env: the environment variable NONE is not set/,
    ],
    [
      'no password',
      () => ({ connection: connectionTo(harbor.url, { passwordEnv: null }) }),
      2,
      /exactly one of --password-file FILE and --password-env/,
    ],
    [
      'a file that is not there',
      () => ({ connection: connectionTo(harbor.url, { passwordEnv: null, passwordFile: '/nowhere' }) }),
      2,
      /\/nowhere cannot be read/,
    ],
    [
      'a certificate that is none',
      () => ({ connection: connectionTo(harbor.url, { ca: 'package.json' }) }),
      2,
      /holds no PEM certificate/,
    ],
    ['basic without a name', () => ({ auth: { ...bearer, kind: 'basic' } }), 2, /needs --adapter-username/],
    [
      'a secret for nobody',
      () => ({ auth: { ...noAuth, secretEnv: 'ADAPTER_TOKEN' } }),
      2,
      /need --adapter-auth/,
    ],
  ];
  it.each(rows)('%s', async (_what, prepare, expected, told) => {
    const { code, errors } = await register(prepare());
    expect(errors).toMatch(told);
    expect(errors).not.toMatch(/ at .*\.[jt]s:\d/);
    expect(code).toBe(expected);
    expect(
      harbor.writes.filter((write) => write !== 'POST /scanners/ping' && write !== 'POST /scanners'),
    ).toEqual([]);
  });

  it('tells an old Harbor that refuses SBOMs from one that cannot reach the adapter', async () => {
    const adapter = await startFakeHarbor();
    adapter.state.instead.set('GET /api/v1/metadata', {
      status: 200,
      body: JSON.stringify(fakeAdapter({ sbom: true }).metadata),
    });
    harbor.state.version = 'v2.9.5-00000000';
    harbor.state.adapters.set(adapter.url, fakeAdapter({ sbom: true }));
    const { code, errors } = await register({ adapterUrl: adapter.url });
    await adapter.close();
    expect(code).toBe(2);
    expect(errors).toMatch(/Harbor v2\.9\.5-00000000 refuses scanners that also make SBOMs.*sbom: false/);
    expect(errors).not.toContain('no_proxy');
  });

  it('keeps what was done in the object for programs', async () => {
    harbor.state.adapters.clear();
    const { code, output, errors } = await register({ format: 'json' });
    expect(code).toBe(2);
    expect(JSON.parse(output)).toMatchObject({
      steps: [{ step: 'harbor' }],
      registration: null,
      error: errors,
    });
  });
});

describe('a Harbor with a certificate of its own', () => {
  it('is an error that names --ca, and works with it', async () => {
    const tls = selfSignedCertificate();
    const secure = await startFakeHarbor({ tls });
    secure.state.adapters.set(adapterUrl, fakeAdapter());
    const refused = await register({ connection: connectionTo(secure.url) });
    expect(refused.code).toBe(3);
    expect(refused.errors).toMatch(
      /authority that is not known here \(DEPTH_ZERO_SELF_SIGNED_CERT\).*--ca FILE/,
    );
    const ca = join(temporaryDirectory(), 'ca.crt');
    writeFileSync(ca, tls.cert);
    expect((await register({ connection: connectionTo(secure.url, { ca }) })).code).toBe(0);
    await secure.close();
  });
});

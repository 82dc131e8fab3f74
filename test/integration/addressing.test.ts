import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { writeUsers } from '../support/users.ts';
import { ask } from './client.ts';
import { admit, bad, clean, openStage, type Stage } from './stage.ts';

/** One upstream is reached by path, by `?ns=`, by a port of its own and by a host name. */

let stage: Stage;
let bound = '';
let own = '';
const hub = 'hub.proxy.corp';
const realmOf = (header: string | undefined) => /realm="([^"]*)"/.exec(header ?? '')?.[1] ?? '';
const scopeOf = (header: string | undefined) => /scope="([^"]*)"/.exec(header ?? '')?.[1] ?? '';

async function open(config: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const ports = { bound: await freePort(), own: await freePort(), registry: await freePort() };
  bound = `http://127.0.0.1:${ports.bound}`;
  own = `http://127.0.0.1:${ports.own}`;
  const rest = {
    management: await freePort(),
    webhook: await freePort(),
    harborAdapter: await freePort(),
  };
  stage = await openStage({
    repositories: { 'library/app': { clean, bad } },
    ports: { registry: ports.registry, gates: await freePort(), ...rest },
    config: {
      listen: {
        ...Object.fromEntries(
          Object.entries({ registry: ports.registry, ...rest }).map(([key, port]) => [
            key,
            `127.0.0.1:${port}`,
          ]),
        ),
        bound: [
          { upstream: 'corp', at: `127.0.0.1:${ports.bound}`, hosts: [hub] },
          { upstream: 'hosted', at: `127.0.0.1:${ports.own}` },
        ],
      },
      ...config,
    },
  });
}

describe('every addressing gives one repository', () => {
  beforeAll(() => open());
  afterAll(() => stage?.close());

  const ways = (path: string): [string, () => ReturnType<typeof ask>][] => [
    ['by path', () => ask(stage.pratique.registry, `/v2/corp/${path}`)],
    ['by ns', () => ask(stage.pratique.registry, `/v2/${path}?ns=registry.corp`)],
    ['by port', () => ask(bound, `/v2/${path}`)],
    ['by port and ns', () => ask(bound, `/v2/${path}?ns=registry.corp`)],
    ['by port, whatever host', () => ask(bound, `/v2/${path}`, { headers: { Host: 'elsewhere.test' } })],
    ['by host', () => ask(stage.pratique.registry, `/v2/${path}`, { headers: { Host: hub } })],
    [
      'by host with the port of https',
      () => ask(stage.pratique.registry, `/v2/${path}`, { headers: { Host: `${hub.toUpperCase()}:443` } }),
    ],
  ];
  it.each(ways('library/app/manifests/clean'))('%s: what is allowed is served', async (_way, get) => {
    const { status, body } = await get();
    expect(status).toBe(200);
    expect(body.equals(Buffer.from(clean.manifest.bytes))).toBe(true);
  });
  it.each(ways('library/app/manifests/bad'))(
    '%s: what is refused is refused, for one reason',
    async (_way, get) => {
      expect(await get()).toMatchObject({
        status: 403,
        code: 'DENIED',
        message: expect.stringContaining('registry.corp/library/app:bad: CVE-2026-1001'),
      });
    },
  );
  const layer = [...bad.blobs.keys()][0] ?? '';
  it.each(ways(`library/app/blobs/${layer}`))('%s: so are its blobs', async (_way, get) => {
    expect((await get()).status).toBe(403);
  });
  it.each([
    ['an alias of the proxy', '/v2/corp/library/app/manifests/clean', 404, 'corp/library/app'],
    ['what is hosted', '/v2/hosted/library/app/manifests/clean', 404, 'hosted/library/app'],
  ])('on a bound port %s is a path at the upstream', async (_what, path, status, asked) => {
    stage.upstream.forgetRequests();
    expect((await ask(bound, path)).status).toBe(status);
    expect(stage.upstream.requests.map(({ path: seen }) => seen)).toEqual([`/v2/${asked}/manifests/clean`]);
  });
  it('a registry that is named is heard: no other one answers for it', async () => {
    expect(await ask(bound, '/v2/library/app/manifests/clean?ns=ghcr.io')).toMatchObject({
      status: 404,
      code: 'NAME_UNKNOWN',
    });
  });
  it('lists lead on by the name that was asked for', async () => {
    const first = await ask(bound, '/v2/library/app/tags/list?n=1');
    expect(first.headers.link).toMatch(/^<\/v2\/library\/app\/tags\/list\?.*>; rel="next"$/);
    const byHost = await ask(stage.pratique.registry, '/v2/library/app/tags/list?n=1', {
      headers: { Host: hub },
    });
    expect(byHost.headers.link).toBe(first.headers.link);
  });
  it('the webhook knows images by those names', async () => {
    const name = new URL(bound).host;
    expect(await admit(stage, `${name}/library/app:clean`)).toMatchObject({ allowed: true });
    expect(await admit(stage, `${hub}/library/app:bad`)).toMatchObject({
      allowed: false,
      message: expect.stringContaining('CVE-2026-1001'),
    });
  });
  it('a port that is taken is an error that names its setting', async () => {
    const taken = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    const config = {
      listen: {
        registry: 'off',
        management: 'off',
        webhook: 'off',
        harborAdapter: 'off',
        bound: [{ upstream: 'corp', at: `127.0.0.1:${port}` }],
      },
    };
    const start = startPratique({
      dir: temporaryDirectory(),
      upstreams: [{ name: 'corp', url: stage.upstream.url }],
      config,
    });
    await expect(start).rejects.toThrow(
      `127.0.0.1:${port} is taken by another program: stop it, or set listen.bound[0].at to another port`,
    );
    await new Promise((resolve) => taken.close(resolve));
  });
});

describe('logins on a bound host or port', () => {
  beforeAll(() =>
    open({
      auth: {
        users: writeUsers(temporaryDirectory(), ['alice']),
        access: [
          { users: ['*'], repositories: ['**'], actions: ['pull'] },
          { users: ['alice'], repositories: ['hosted/team/**'], actions: ['push'] },
        ],
      },
    }),
  );
  afterAll(() => stage?.close());
  const basic = { Authorization: `Basic ${Buffer.from('alice:pw-alice').toString('base64')}` };

  /** As clients do that make the scope themselves, of the name that they ask for. */
  const tokenFor = async (challenge: string | undefined, scope: string): Promise<string> => {
    const realm = new URL(realmOf(challenge));
    realm.searchParams.set('service', 'pratique');
    realm.searchParams.set('scope', scope);
    const { body } = await ask(realm.origin, `${realm.pathname}${realm.search}`, { headers: basic });
    return (JSON.parse(body.toString()) as { token: string }).token;
  };
  it.each(['GET', 'HEAD'])('the realm says how names are read, to %s', async (method) => {
    const refused = await ask(bound, '/v2/library/app/manifests/clean', { method });
    const challenge = refused.headers['www-authenticate'];
    expect(refused.status).toBe(401);
    expect(realmOf(challenge)).toBe(`${bound}/auth/token?upstream=corp`);
    expect(scopeOf(challenge)).toBe('repository:library/app:pull');
    const Authorization = `Bearer ${await tokenFor(challenge, 'repository:library/app:pull')}`;
    expect(
      await ask(bound, '/v2/library/app/manifests/clean', { method, headers: { Authorization } }),
    ).toMatchObject({ status: 200 });
    // It is a token for the repository, by whatever name.
    const byPath = await ask(stage.pratique.registry, '/v2/corp/library/app/manifests/clean', {
      method,
      headers: { Authorization },
    });
    expect(byPath.status).toBe(200);
  });
  it('a login finds the same realm', async () => {
    const { headers } = await ask(bound, '/v2/');
    expect(realmOf(headers['www-authenticate'])).toBe(`${bound}/auth/token?upstream=corp`);
    const unbound = await ask(stage.pratique.registry, '/v2/');
    expect(realmOf(unbound.headers['www-authenticate'])).toBe(`${stage.pratique.registry}/auth/token`);
  });
  it('a realm that names another upstream grants nothing more', async () => {
    const refused = await ask(own, '/v2/other/app/manifests/1', { method: 'PUT', body: '{}' });
    const challenge = refused.headers['www-authenticate']?.replace('upstream=hosted', 'upstream=corp');
    const Authorization = `Bearer ${await tokenFor(challenge, 'repository:team/app:pull,push')}`;
    const put = await ask(own, '/v2/team/app/manifests/1', {
      method: 'PUT',
      body: '{}',
      headers: { Authorization },
    });
    expect(put.status).toBe(401);
  });
  it('what lives here is pushed to a port of its own, under its own name', async () => {
    const opened = await ask(own, '/v2/team/app/blobs/uploads/', { method: 'POST', headers: basic });
    expect(opened.status).toBe(202);
    expect(opened.headers.location).toMatch(/^\/v2\/team\/app\/blobs\/uploads\//);
    const [digest = '', bytes = Buffer.alloc(0)] = [...clean.blobs][0] ?? [];
    const location = `${opened.headers.location ?? ''}?digest=${digest}`;
    const put = await ask(own, location, { method: 'PUT', headers: basic, body: bytes });
    expect([put.status, put.headers.location]).toEqual([201, `/v2/team/app/blobs/${digest}`]);
    const mounted = await ask(own, `/v2/team/other/blobs/uploads/?mount=${digest}&from=team/app`, {
      method: 'POST',
      headers: basic,
    });
    expect([mounted.status, mounted.headers.location]).toEqual([201, `/v2/team/other/blobs/${digest}`]);
    const seen = await ask(stage.pratique.registry, `/v2/hosted/team/other/blobs/${digest}`, {
      method: 'HEAD',
      headers: basic,
    });
    expect(seen.status).toBe(200);
  });
});

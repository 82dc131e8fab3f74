import { rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import type { AccessRule } from './access.ts';
import type { AuthorizationOptions } from './authorize.ts';
import {
  basic,
  htpasswdLine,
  type SampleAuth,
  type SampleServer,
  sampleAuth,
  serveSample,
} from './samples.ts';
import type { AuthSettings } from './settings.ts';

let auth: SampleAuth;
let front: SampleServer;
const start = async (settings: Partial<AuthSettings> = {}, options: Partial<AuthorizationOptions> = {}) => {
  auth = sampleAuth(temporaryDirectory(), settings, options);
  front = await serveSample(auth.authorization);
};
afterEach(() => front.close());

const get = (path: string, authorization?: string) =>
  fetch(`${front.url}/v2/${path}`, authorization === undefined ? {} : { headers: { authorization } });
const tokenFor = async (scope: string, authorization?: string) => {
  const response = await fetch(
    `${front.url}/auth/token?service=pratique&scope=${scope}`,
    authorization === undefined ? {} : { headers: { authorization } },
  );
  return `Bearer ${((await response.json()) as { token: string }).token}`;
};
const challengeOf = (response: Response) => response.headers.get('www-authenticate');
const alice = basic('alice', 'pw-alice');
const bob = basic('bob', 'pw-bob');
const teamRules: AccessRule[] = [
  { users: ['anonymous'], repositories: ['docker.io/**'], actions: ['pull'] },
  { users: ['*'], repositories: ['hosted/**'], actions: ['pull'] },
  { users: ['alice'], repositories: ['hosted/team-a/**'], actions: ['push'] },
];
const realm = 'Bearer realm="http://registry.test:5000/auth/token",service="pratique"';
const unknown = 'error_description="the token is not valid, or not any more"';

describe('without users', () => {
  it.each([
    ['', 200],
    ['pull/docker.io/nginx', 200],
    ['push/hosted/app', 403],
    ['delete/hosted/app', 403],
  ])('/v2/%s is %d, whatever the credentials', async (path, status) => {
    await start({}, { auth: null });
    expect((await get(path)).status).toBe(status);
    expect((await get(path, alice)).status).toBe(status);
  });
});

describe('with users', () => {
  it.each<[string, string | undefined, number, string | null]>([
    ['', undefined, 401, realm],
    ['', alice, 200, null],
    ['', basic('alice', 'x'), 401, realm],
    ['', 'Negotiate x', 401, realm],
    ['', 'Bearer x', 401, `${realm},error="invalid_token",${unknown}`],
    ['pull/docker.io/nginx', undefined, 200, null],
    [
      'pull/docker.io/nginx',
      'Bearer x',
      401,
      `${realm},scope="repository:docker.io/library/nginx:pull",error="invalid_token",${unknown}`,
    ],
    ['push/hosted/team-a/x', undefined, 401, `${realm},scope="repository:hosted/team-a/x:pull,push"`],
    ['push/hosted/team-a/x', alice, 200, null],
    ['push/hosted/team-a/x', bob, 403, null],
    ['delete/hosted/team-a/x', alice, 403, null],
    ['pull/hosted/team-a/x', undefined, 401, `${realm},scope="repository:hosted/team-a/x:pull"`],
  ])('/v2/%s with %s is %d', async (path, authorization, status, challenge) => {
    await start({ access: teamRules });
    const response = await get(path, authorization);
    expect([response.status, challengeOf(response)]).toEqual([status, challenge]);
  });
  it.each<[string, string, string | undefined, number, string | null]>([
    ['repository:hosted/team-a/x:pull,push', 'push/hosted/team-a/x', alice, 200, null],
    ['repository:hosted/team-a/x:pull', 'push/hosted/team-a/x', alice, 401, 'insufficient_scope'],
    ['repository:hosted/team-a/x:pull,push', 'push/hosted/team-a/y', alice, 401, 'insufficient_scope'],
    ['repository:hosted/team-a/x:pull,push', 'push/hosted/team-a/x/y', alice, 401, 'insufficient_scope'],
    ['repository:hosted/team-a/x:pull,push', 'push/hosted/team-a/x', bob, 403, null],
    ['repository:hosted/team-a/x:pull', 'push/hosted/team-a/x', bob, 403, null],
    ['repository:docker.io/nginx:pull', 'pull/docker.io/library/nginx', alice, 200, null],
    ['repository:docker.io/library/nginx:pull', 'pull/docker.io/nginx', undefined, 200, null],
    ['repository:hosted/team-a/x:pull', 'pull/hosted/team-a/x', undefined, 401, 'insufficient_scope'],
    ['repository:docker.io/nginx:pull', '', undefined, 200, null],
  ])('a token for %s at /v2/%s', async (scope, path, authorization, status, error) => {
    await start({ access: teamRules });
    const response = await get(path, await tokenFor(scope, authorization));
    expect(response.status).toBe(status);
    expect(/error="([a-z_]+)"/.exec(challengeOf(response) ?? '')?.[1] ?? null).toBe(error);
  });
  it('says in the challenge why the token does not do, since docker shows nothing else', async () => {
    await start({ access: teamRules });
    const token = await tokenFor('repository:hosted/team-a/x:pull', undefined);
    expect(challengeOf(await get('push/hosted/team-a/x', token))).toMatch(
      /,error="insufficient_scope",error_description="the token does not allow to push hosted\/team-a\/x: log in first"$/,
    );
  });
  it('tells a push token from one that only pulls', async () => {
    await start();
    const push = await tokenFor('repository:hosted/a:pull,push', alice);
    const pull = await tokenFor('repository:hosted/a:pull', alice);
    const answers = await Promise.all(
      [push, pull, alice].map(async (by) => (await get('pull/hosted/a', by)).json()),
    );
    expect(answers).toEqual([
      { user: 'alice', push: true },
      { user: 'alice', push: false },
      { user: 'alice', push: true },
    ]);
  });
  it('refuses a token after five minutes', async () => {
    await start();
    const token = await tokenFor('repository:hosted/a:pull', alice);
    expect((await get('pull/hosted/a', token)).status).toBe(200);
    auth.clock.now += 300_000;
    expect(challengeOf(await get('pull/hosted/a', token))).toMatch(/error="invalid_token"/);
  });
  it.each([
    ['the password has changed', (file: string) => writeFileSync(file, htpasswdLine('alice', 'new')), 401],
    ['the user is gone', (file: string) => writeFileSync(file, htpasswdLine('bob', 'b')), 401],
    ['the users file is gone', (file: string) => rmSync(file), 403],
  ])('refuses a token when %s', async (_what, change, status) => {
    await start();
    const token = await tokenFor('repository:hosted/a:pull', alice);
    expect((await get('pull/hosted/a', token)).status).toBe(200);
    change(auth.usersFile);
    auth.clock.now += 1000;
    expect((await get('pull/hosted/a', token)).status).toBe(status);
    expect((await get('pull/hosted/a')).status).toBe(200);
    expect(auth.authorization.problem() === null).toBe(status === 401);
  });
  it('refuses a token of before a change of the rules', async () => {
    const folder = temporaryDirectory();
    auth = sampleAuth(folder);
    front = await serveSample(auth.authorization);
    const token = await tokenFor('repository:hosted/team-b/x:push', alice);
    await front.close();
    front = await serveSample(sampleAuth(folder, { access: teamRules }).authorization);
    expect((await get('push/hosted/team-b/x', token)).status).toBe(403);
    expect((await get('pull/docker.io/nginx')).status).toBe(200);
  });
  it('answers 429 to a client that goes on guessing, with Basic too', async () => {
    await start();
    for (let guess = 0; guess < 10; guess += 1) await get('', basic('alice', `x${guess}`));
    expect((await get('', alice)).status).toBe(429);
  });
});

describe('the realm', () => {
  const realmFor = (headers: Record<string, string>) =>
    new Promise<string>((resolve, reject) => {
      httpRequest(`${front.url}/v2/`, { headers }, (response) => {
        response.resume();
        resolve(/realm="([^"]*)"/.exec(response.headers['www-authenticate'] ?? '')?.[1] ?? '');
      })
        .on('error', reject)
        .end();
    });
  it.each([
    ['a host that is known', { host: 'Mirror.test' }, 'http://mirror.test/auth/token'],
    ['a host of an attacker', { host: 'evil.test' }, 'http://registry.test:5000/auth/token'],
    ['a known name with another port', { host: 'registry.test:1' }, 'http://registry.test:5000/auth/token'],
    ['a host that breaks out', { host: 'a"/x' }, 'http://registry.test:5000/auth/token'],
    [
      'what a proxy forwards',
      {
        host: 'mirror.test',
        'x-forwarded-host': 'evil.test',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.test',
      },
      'http://mirror.test/auth/token',
    ],
  ])('is made from configured names for %s', async (_what, headers, expected) => {
    await start({}, { hosts: ['registry.test:5000', 'mirror.test'] });
    expect(await realmFor(headers)).toBe(expected);
  });
  it('sends nobody to an address that says "everywhere"', async () => {
    await start({}, { hosts: ['0.0.0.0:5000', '[::]:5000', 'localhost:5000'] });
    expect(await realmFor({ host: 'evil.test' })).toBe('http://localhost:5000/auth/token');
  });
  it('is the configured one for every host', async () => {
    await start({ realm: 'https://registry.test/auth/token' });
    expect(await realmFor({ host: 'registry.test:5000' })).toBe('https://registry.test/auth/token');
  });
});

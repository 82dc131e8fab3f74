import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { basic, type SampleAuth, type SampleServer, sampleAuth, serveSample } from './samples.ts';
import type { AuthSettings } from './settings.ts';

let auth: SampleAuth;
let front: SampleServer;
const start = async (settings: Partial<AuthSettings> = {}) => {
  auth = sampleAuth(temporaryDirectory(), settings);
  front = await serveSample(auth.authorization);
};
const get = (query: string, authorization?: string) =>
  fetch(
    `${front.url}/auth/token?${query}`,
    authorization === undefined ? {} : { headers: { authorization } },
  );
const post = (form: Record<string, string>) =>
  fetch(`${front.url}/auth/token`, { method: 'POST', body: new URLSearchParams(form) });
const accessIn = async (response: Response) => {
  const body: unknown = await response.json();
  const { token } = body as { token: string };
  return decodeJwt(token).access;
};
const errorOf = async (response: Response) =>
  ((await response.json()) as { errors: [{ code: string; message: string }] }).errors[0];
const alice = basic('alice', 'pw-alice');
const scope = 'scope=repository:hosted/app:pull,push';

describe('GET /auth/token', () => {
  beforeEach(() => start());
  afterEach(() => front.close());

  it('answers as Docker expects', async () => {
    const query = `account=alice&client_id=docker&offline_token=true&service=pratique&${scope}`;
    const response = await get(query, alice);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as Record<string, string>;
    expect(body).toEqual({
      token: expect.any(String),
      access_token: body.token,
      expires_in: 300,
      issued_at: '2026-11-24T00:00:00.000Z',
      scope: 'repository:hosted/app:pull,push',
    });
    expect(decodeJwt(body.token ?? '')).toMatchObject({
      iss: 'pratique',
      aud: 'pratique',
      sub: 'alice',
      access: [{ type: 'repository', name: 'hosted/app', actions: ['pull', 'push'] }],
    });
  });
  it.each([
    ['a login without scope', 'service=pratique', alice, []],
    ['nobody', `service=pratique&${scope}`, undefined, [{ name: 'hosted/app', actions: ['pull'] }]],
    [
      'two scopes',
      `service=pratique&${scope}&scope=repository:docker.io/nginx:pull`,
      alice,
      [
        { name: 'hosted/app', actions: ['pull', 'push'] },
        { name: 'docker.io/library/nginx', actions: ['pull'] },
      ],
    ],
    [
      'an account that is not the user',
      `service=pratique&account=root&${scope}`,
      basic('bob', 'pw-bob'),
      [{ name: 'hosted/app', actions: ['pull', 'push'] }],
    ],
  ])('grants %s', async (_what, query, authorization, access) => {
    const granted = await accessIn(await get(query, authorization));
    expect(granted).toEqual(access.map((entry) => ({ type: 'repository', ...entry })));
  });
  it.each([
    ['a wrong password', 'service=pratique', basic('alice', 'x'), 401, /unknown user or wrong password/],
    ['an unknown user', 'service=pratique', basic('root', 'x'), 401, /unknown user or wrong password/],
    ['a password of 73 bytes', 'service=pratique', basic('alice', 'x'.repeat(73)), 401, /72 bytes/],
    ['no UTF-8', 'service=pratique', 'Basic YfxiOng=', 401, /not UTF-8/],
    ['a token', 'service=pratique', 'Bearer x', 401, /not exchanged/],
    ['another service', 'service=other', alice, 400, /"service" has to be "pratique"/],
    ['no service', '', alice, 400, /"service"/],
    ['two services', 'service=pratique&service=pratique', alice, 400, /"service"/],
    [
      'a smuggled scope',
      'service=pratique&scope=repository:a:push,pull:b:pull',
      alice,
      400,
      /is not a scope/,
    ],
    [
      'percent-encoding in a name',
      'service=pratique&scope=repository:hosted%252fa:pull',
      alice,
      400,
      /is not a scope/,
    ],
  ])('refuses %s', async (_what, query, authorization, status, message) => {
    const response = await get(query, authorization);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Basic realm="pratique"' : null);
    expect((await errorOf(response))?.message).toMatch(message);
  });
  it('stops guessing with 429', async () => {
    for (let guess = 0; guess < 10; guess += 1)
      expect((await get('service=pratique', basic('alice', `x${guess}`))).status).toBe(401);
    const response = await get('service=pratique', alice);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60']);
  });
  it('says that logins are closed when the users file is gone', async () => {
    rmSync(auth.usersFile);
    auth.clock.now += 1000;
    const response = await get('service=pratique', alice);
    expect([response.status, (await errorOf(response))?.code]).toEqual([403, 'DENIED']);
    expect((await get('service=pratique')).status).toBe(200);
  });
  it.each([
    ['/auth/', 'GET', 404],
    ['/auth/token/x', 'GET', 404],
    ['/auth/token', 'DELETE', 405],
  ])('%s %s is %d', async (path, method, status) => {
    expect((await fetch(front.url + path, { method })).status).toBe(status);
  });
  it('answers a header of a megabyte with an error, not with a token', async () => {
    const status = await get('service=pratique', `Basic ${'a'.repeat(1024 ** 2)}`).then(
      (response) => response.status,
      () => 'cut off',
    );
    expect([431, 'cut off']).toContain(status);
    expect((await get('service=pratique')).status).toBe(200);
  });
});

describe('GET /auth/token where nothing is open to who did not log in', () => {
  afterEach(() => front.close());
  it('asks for a login', async () => {
    await start({ anonymousPull: false });
    const response = await get(`service=pratique&${scope}`);
    expect([response.status, (await errorOf(response))?.message]).toEqual([
      401,
      expect.stringMatching(/log in first/),
    ]);
  });
});

describe('POST /auth/token', () => {
  beforeEach(() => start());
  afterEach(() => front.close());
  const login = {
    grant_type: 'password',
    username: 'élodie',
    password: 'pw-élodie',
    service: 'pratique',
    client_id: 'containerd-client',
    access_type: 'offline',
  };

  it('grants what was asked, in one parameter too, and no refresh token', async () => {
    const both = 'repository:hosted/a:pull,push repository:hosted/b:pull';
    const response = await post({ ...login, scope: both });
    const body: unknown = await response.json();
    expect(body).toMatchObject({ access_token: expect.any(String), expires_in: 300, scope: both });
    expect(body).not.toHaveProperty('refresh_token');
  });
  it.each([
    ['a wrong password', { ...login, password: 'x' }, 401],
    ['a refresh token', { ...login, grant_type: 'refresh_token', refresh_token: 'x' }, 400],
    ['no password', { grant_type: 'password', username: 'alice', service: 'pratique' }, 400],
    ['another service', { ...login, service: 'x' }, 400],
    ['a NUL in the password', { ...login, password: 'pw-élodie\0x' }, 401],
    ['a form that is too large', { ...login, x: 'x'.repeat(20_000) }, 400],
  ])('refuses %s', async (_what, form, status) => {
    expect((await post(form)).status).toBe(status);
  });
  it.each([
    ['JSON', 'application/json', JSON.stringify(login)],
    [
      'half of UTF-8',
      'application/x-www-form-urlencoded',
      `${new URLSearchParams(login)}`.replace('pw-%C3%A9', 'pw-%C3'),
    ],
    ['two users', 'application/x-www-form-urlencoded', `${new URLSearchParams(login)}&username=alice`],
  ])('refuses %s', async (_what, type, body) => {
    const response = await fetch(`${front.url}/auth/token`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    });
    expect([400, 401]).toContain(response.status);
  });
});

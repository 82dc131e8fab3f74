import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { tokenOf, writeUsers } from '../support/users.ts';
import { type Answer, ask } from './client.ts';
import { createPusher } from './pusher.ts';
import { clean, debian, openStage, type Stage } from './stage.ts';

/** Access tokens as people use them: given out and revoked by the command line while the proxy runs. */

const other = debian('curl', '7.88-1', 'of the other team');
const users = writeUsers(temporaryDirectory(), ['alice', 'bob']);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    repositories: { 'team/app': { clean }, 'other/app': { other } },
    config: {
      auth: {
        users,
        access: [
          { users: ['*'], repositories: ['**'], actions: ['pull'] },
          { users: ['alice'], repositories: ['hosted/team/**'], actions: ['push'] },
        ],
      },
    },
  });
});
afterAll(() => stage.close());

const token = (...args: readonly string[]) =>
  runCli(['token', ...args, '--config', join(stage.dir, 'pratique.yaml')]);
/** Gives the secret, and waits until the server has taken the token up. */
const created = async (name: string, rights: string, ...more: readonly string[]): Promise<string> => {
  const { code, out, err } = await token('create', '--name', name, '--rights', rights, ...more);
  if (code !== 0) throw new Error(err);
  const secret = out.trim();
  await eventually(async () => (await base(basic(name, secret))).status === 200);
  return secret;
};
const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it never came to hold');
    await sleep(50);
  }
};
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const base = (authorization: string): Promise<Answer> =>
  ask(stage.pratique.registry, '/v2/', { headers: { Authorization: authorization } });
const manifest = (name: string, tag: string, authorization: string): Promise<Answer> =>
  ask(stage.pratique.registry, `/v2/${name}/manifests/${tag}`, { headers: { Authorization: authorization } });
const bearerOf = async (user: string, password: string, scope: string): Promise<string> => {
  const answer = await ask(stage.pratique.registry, `/auth/token?service=pratique&scope=${scope}`, {
    headers: { Authorization: basic(user, password) },
  });
  expect(answer.status).toBe(200);
  return `Bearer ${(JSON.parse(answer.body.toString()) as { token: string }).token}`;
};

describe('an access token', () => {
  it('works as a password, as a bearer, and through the token flow, for what its rights say', async () => {
    const secret = await created('ci', 'pull:corp/team/**,push:hosted/ci/**,pull:hosted/ci/**');
    const jwt = await bearerOf('ci', secret, 'repository:corp/team/app:pull,push');
    for (const authorization of [basic('ci', secret), `Bearer ${secret}`, jwt]) {
      expect((await manifest('corp/team/app', 'clean', authorization)).status).toBe(200);
      expect(await manifest('corp/other/app', 'other', authorization)).toMatchObject({
        status: 403,
        message: expect.stringContaining('token:ci may not pull corp/other/app'),
      });
    }
    const pusher = createPusher(
      () => stage.pratique.registry,
      () => Promise.resolve(basic('ci', secret)),
    );
    expect((await pusher.push('hosted/ci/app', '1', clean)).status).toBe(201);
    expect((await pusher.ask('/v2/hosted/team/app/blobs/uploads/', { method: 'POST' })).status).toBe(403);
    expect((await pusher.ask('/v2/hosted/ci/app/manifests/1', { method: 'DELETE' })).status).toBe(403);
  });

  it('is nobody’s with another name, a changed secret, or nothing behind the name', async () => {
    const secret = await created('exact', 'pull:**');
    const changed = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
    for (const [name, password] of [
      ['alice', secret],
      ['exacT', secret],
      ['exact', changed],
      ['exact', secret.slice(0, 16)],
      ['exact', 'pw-alice'],
      ['alice', 'prq_000000000000_'],
    ] as const) {
      expect([name, (await base(basic(name, password))).status]).toEqual([name, 401]);
    }
  });

  it('never gives more than its user may, whatever it names', async () => {
    const secret = await created('bobs', 'admin:**', '--user', 'bob');
    const pusher = (user: string) =>
      createPusher(
        () => stage.pratique.registry,
        () => Promise.resolve(basic(user, secret)),
      );
    expect((await manifest('corp/team/app', 'clean', basic('bobs', secret))).status).toBe(200);
    expect((await manifest('corp/team/app', 'clean', basic('bob', secret))).status).toBe(200);
    for (const user of ['bobs', 'bob']) {
      const answer = await pusher(user).ask('/v2/hosted/team/app/blobs/uploads/', { method: 'POST' });
      expect(answer).toMatchObject({ status: 403, message: expect.stringContaining('bob may not push') });
    }
    const narrow = await created('alices', 'pull:corp/team/**', '--user', 'alice');
    expect((await manifest('corp/other/app', 'other', basic('alices', narrow))).status).toBe(403);
  });

  it('is over within a second of its end, for bearer tokens that were made with it too', async () => {
    const secret = await created('short', 'pull:corp/**');
    const jwt = await bearerOf('short', secret, 'repository:corp/team/app:pull');
    expect((await manifest('corp/team/app', 'clean', jwt)).status).toBe(200);
    const { code } = await token('revoke', 'short', '--by', 'test', '--reason', 'over');
    expect(code).toBe(0);
    await eventually(async () => (await base(basic('short', secret))).status === 401);
    expect((await manifest('corp/team/app', 'clean', jwt)).status).toBe(401);
    expect((await manifest('corp/team/app', 'clean', `Bearer ${secret}`)).status).toBe(401);
    expect((await token('revoke', 'short', '--by', 'test', '--reason', 'again')).code).toBe(2);
    // Its name is free again, and the old secret stays what it is.
    await created('short', 'pull:corp/**');
    expect((await base(basic('short', secret))).status).toBe(401);
  });

  it('ends with its user', async () => {
    const secret = await created('leaving', 'pull:**', '--user', 'alice');
    const jwt = await bearerOf('leaving', secret, 'repository:corp/team/app:pull');
    const line = (user: string): string => `${user}:${bcrypt.hashSync(`pw-${user}`, 4)}\n`;
    writeFileSync(users, line('bob'));
    await eventually(async () => (await base(basic('leaving', secret))).status === 401);
    expect((await manifest('corp/team/app', 'clean', jwt)).status).toBe(401);
    writeFileSync(users, line('bob') + line('alice'));
    await eventually(async () => (await base(basic('leaving', secret))).status === 200);
  });

  it('is there after a process that was killed, and listed without its secret', async () => {
    const secret = await created('kept', 'pull:corp/**', '--note', 'for the test');
    await stage.restart('SIGKILL');
    expect((await base(basic('kept', secret))).status).toBe(200);
    const { out } = await token('list', '--format', 'json');
    const list = JSON.parse(out) as { tokens: { name: string; state: string; note: string }[] };
    expect(list.tokens.find(({ name }) => name === 'kept')).toMatchObject({
      state: 'holds',
      note: 'for the test',
      rights: [{ action: 'pull', pattern: 'corp/**' }],
    });
    expect(out).not.toContain(secret);
    expect(out).not.toContain('hash');
    expect(stage.pratique.log()).not.toContain(secret.slice(17));
  });

  it.each([
    ['a name that is in force', ['--name', 'taken', '--rights', 'pull:**'], /in force already/],
    ['the name of a user', ['--name', 'alice', '--rights', 'pull:**'], /is a user/],
    ['an unknown user', ['--name', 'x', '--user', 'carol', '--rights', 'pull:**'], /not in the users file/],
    ['an unknown action', ['--name', 'x', '--rights', 'write:**'], /allowed ACTION:PATTERN/],
    ['a pattern that is none', ['--name', 'x', '--rights', 'pull:A B'], /allowed ACTION:PATTERN/],
    ['no end', ['--name', 'x', '--rights', 'pull:**', '--expires', 'never'], /allowed a time such as/],
    ['a colon in its name', ['--name', 'a:b', '--rights', 'pull:**'], /--name/],
  ])('is not given out with %s', async (_what, args, why) => {
    if (args.includes('taken')) await created('taken', 'pull:**');
    const { code, out, err } = await token('create', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(why);
  });

  it('leaves users’ own logins as they are', async () => {
    const bearer = await tokenOf(stage.pratique.registry, 'bob', 'repository:corp/team/app:pull');
    expect((await manifest('corp/team/app', 'clean', bearer)).status).toBe(200);
    const keys = await ask(stage.pratique.registry, '/auth/jwks.json');
    expect(JSON.parse(keys.body.toString())).toMatchObject({
      keys: [{ kty: 'EC', crv: 'P-256', alg: 'ES256' }],
    });
  });
});

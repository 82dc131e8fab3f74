import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../support/temp.ts';
import { basicOf, writeUsers } from '../support/users.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { debian, noise, openStage, type Stage } from './stage.ts';

/** docs/ways-round.md, past the quotas of hosted repositories. */

const image = debian('curl', '7.88-1', 'large', {
  layers: [{ files: [{ path: 'app', content: noise(300_000) }] }],
});
const large = image.layers[1]?.digest ?? '';
const small = image.layers[0]?.digest ?? '';

let stage: Stage;
const as = (user: string): Pusher =>
  createPusher(
    () => stage.pratique.registry,
    () => Promise.resolve(basicOf(user)),
  );
beforeAll(async () => {
  stage = await openStage({
    repositories: { 'team/app': { latest: image } },
    config: {
      auth: { users: writeUsers(temporaryDirectory(), ['ci', 'guest']) },
      hosted: {
        quotas: [
          { repositories: 'hosted/small/**', bytes: '100KiB' },
          { user: 'guest', bytes: '100KiB' },
        ],
      },
    },
  });
  expect((await as('ci').push('hosted/wide/app', '1', image)).status).toBe(201);
  for (const path of ['/v2/corp/team/app/manifests/latest', '/v2/hosted/wide/app/manifests/1'])
    expect((await as('ci').ask(path)).status).toBe(200);
});
afterAll(() => stage.close());

const mount = (user: string, to: string, blob: string, from: string) =>
  as(user).ask(`/v2/${to}/blobs/uploads/?mount=${blob}${from}`, { method: 'POST' });

describe('130: what a quota has no room for, mounted instead of pushed', () => {
  it.each([
    ['pushed by oneself elsewhere', 'ci', 'hosted/small/app', '&from=hosted/wide/app'],
    ['pushed by oneself, wherever', 'ci', 'hosted/small/app', ''],
    ['pulled from an upstream', 'ci', 'hosted/small/app', '&from=corp/team/app'],
    ['by a user who has a quota', 'guest', 'hosted/free/app', '&from=corp/team/app'],
    ['by a user who has a quota, from another one', 'guest', 'hosted/free/app', '&from=hosted/wide/app'],
  ])('%s', async (_what, user, to, from) => {
    const answer = await mount(user, to, large, from);
    expect(answer).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: expect.stringContaining('quota of'),
    });
    expect((await as(user).ask(`/v2/${to}/blobs/${large}`)).status).toBe(404);
  });

  it('and what there is room for is mounted, again too, and counts', async () => {
    expect((await mount('guest', 'hosted/small/app', small, '&from=hosted/wide/app')).status).toBe(201);
    expect((await mount('guest', 'hosted/small/app', small, '&from=hosted/wide/app')).status).toBe(201);
    const bytes = noise(100 * 1024 - 100);
    const answer = await as('guest').blob('hosted/free/app', `sha256:${'0'.repeat(64)}`, bytes);
    expect(answer.message).toMatch(/quota of the user "guest" is 100 KiB/);
  });
});

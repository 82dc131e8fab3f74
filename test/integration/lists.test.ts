import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { basicOf, tokenOf, writeUsers } from '../support/users.ts';
import { type Answer, ask } from './client.ts';
import { createPusher, type Pusher } from './pusher.ts';
import { clean, openStage, type Stage } from './stage.ts';

let stage: Stage;
let bound = '';
let ci: Pusher;
const as = (user: string) => ({ headers: { Authorization: basicOf(user) } });

beforeAll(async () => {
  const users = writeUsers(temporaryDirectory(), ['ci', 'bob']);
  const ports = {
    registry: await freePort(),
    management: await freePort(),
    webhook: await freePort(),
    harborAdapter: await freePort(),
  };
  const port = await freePort();
  bound = `http://127.0.0.1:${port}`;
  stage = await openStage({
    ports,
    private: false,
    push: 'gate',
    config: {
      auth: {
        users,
        access: [
          { users: ['anonymous'], repositories: ['corp/open/**'], actions: ['pull'] },
          { users: ['bob'], repositories: ['hosted/bob/**'], actions: ['pull', 'push'] },
          { users: ['ci'], repositories: ['**'], actions: ['admin'] },
        ],
      },
      listen: {
        registry: `127.0.0.1:${ports.registry}`,
        management: `127.0.0.1:${ports.management}`,
        webhook: `127.0.0.1:${ports.webhook}`,
        harborAdapter: `127.0.0.1:${ports.harborAdapter}`,
        bound: [{ upstream: 'corp', at: `127.0.0.1:${port}` }],
      },
    },
  });
  ci = createPusher(
    () => stage.pratique.registry,
    () => Promise.resolve(basicOf('ci')),
  );
  for (const repository of ['open/app', 'secret/app', 'open/never-asked'])
    stage.upstream.put(repository, '1', clean);
  for (const repository of ['open/app', 'secret/app'])
    expect((await ci.ask(`/v2/corp/${repository}/manifests/1`)).status).toBe(200);
  for (const repository of ['hosted/bob/mine', 'hosted/team/app'])
    expect((await ci.push(repository, '1', clean)).status).toBe(201);
});
afterAll(() => stage.close());

const namesIn = ({ body }: Answer): readonly string[] =>
  (JSON.parse(body.toString()) as { repositories: string[] }).repositories;
const catalog = (asking: Parameters<typeof ask>[2] = {}, query = '', at = stage.pratique.registry) =>
  ask(at, `/v2/_catalog${query}`, asking);

describe('/v2/_catalog', () => {
  it('names what is hosted and what was pulled through here, and asks no upstream', async () => {
    stage.upstream.forgetRequests();
    const answer = await catalog(as('ci'));
    expect(answer.status).toBe(200);
    expect(namesIn(answer)).toEqual([
      'corp/open/app',
      'corp/secret/app',
      'hosted/bob/mine',
      'hosted/team/app',
    ]);
    expect(stage.upstream.requests).toEqual([]);
  });

  it('comes in pages, which lead from one to the next', async () => {
    const first = await catalog(as('ci'), '?n=3');
    expect(namesIn(first)).toHaveLength(3);
    expect(first.headers.link).toBe('</v2/_catalog?n=3&last=hosted%2Fbob%2Fmine>; rel="next"');
    const second = await catalog(as('ci'), '?n=3&last=hosted%2Fbob%2Fmine');
    expect([namesIn(second), second.headers.link]).toEqual([['hosted/team/app'], undefined]);
  });

  it('names on a bound port and with ns what can be asked for there, by those names', async () => {
    for (const answer of [await catalog(as('ci'), '', bound), await catalog(as('ci'), '?ns=registry.corp')]) {
      expect(namesIn(answer)).toEqual(['open/app', 'secret/app']);
    }
    expect(await catalog(as('ci'), '?ns=elsewhere.test')).toMatchObject({
      status: 404,
      code: 'NAME_UNKNOWN',
    });
  });

  it('takes a token for it, and no other', async () => {
    const { registry } = stage.pratique;
    const authorized = async (scope: string): Promise<Answer> =>
      catalog({ headers: { Authorization: await tokenOf(registry, 'bob', scope) } });
    expect(namesIn(await authorized('registry:catalog:*'))).toEqual(['corp/open/app', 'hosted/bob/mine']);
    const refused = await authorized('repository:hosted/bob/mine:pull');
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toContain('scope="registry:catalog:*"');
  });

  it('is read with GET and HEAD alone', async () => {
    expect(await catalog({ ...as('ci'), method: 'HEAD' })).toMatchObject({ status: 200 });
    expect(await catalog({ ...as('ci'), method: 'DELETE' })).toMatchObject({ status: 405 });
  });

  it('is not open where nothing is', async () => {
    const users = writeUsers(temporaryDirectory(), ['ci']);
    const closed = await openStage({ feeds: null, config: { auth: { users, anonymousPull: false } } });
    const refused = await ask(closed.pratique.registry, '/v2/_catalog');
    await closed.close();
    expect(refused).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(refused.headers['www-authenticate']).toContain('scope="registry:catalog:*"');
  });

  it('forgets a repository whose last manifest was deleted', async () => {
    expect((await ci.push('hosted/team/short', '1', clean)).status).toBe(201);
    expect(namesIn(await catalog(as('ci')))).toContain('hosted/team/short');
    const path = `/v2/hosted/team/short/manifests/${clean.manifest.digest}`;
    expect((await ci.ask(path, { method: 'DELETE' })).status).toBe(202);
    expect(namesIn(await catalog(as('ci')))).not.toContain('hosted/team/short');
  });
});

describe('120: a catalog that names what one may not pull', () => {
  it('names to each what he may pull, and to nobody what is somebody else’s', async () => {
    expect(namesIn(await catalog())).toEqual(['corp/open/app']);
    expect(namesIn(await catalog(as('bob')))).toEqual(['corp/open/app', 'hosted/bob/mine']);
    const paged = await catalog(as('bob'), '?n=1');
    expect(paged.headers.link).toBe('</v2/_catalog?n=1&last=corp%2Fopen%2Fapp>; rel="next"');
  });
});

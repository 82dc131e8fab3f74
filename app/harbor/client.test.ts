import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { proxiesOf } from '../../core/http-proxy.ts';
import { startConnectProxy } from '../../test/support/connect-proxy.ts';
import { type FakeHarbor, startFakeHarbor } from '../../test/support/fake-harbor.ts';
import { fakeProject } from '../../test/support/fake-harbor-state.ts';
import { createHarborApi } from './api.ts';
import { createHarborClient } from './client.ts';

let harbor: FakeHarbor;
beforeEach(async () => {
  harbor = await startFakeHarbor();
});
afterEach(() => harbor.close());
const client = (password = 'Harbor12345', timeout = 2000) =>
  createHarborClient({ url: harbor.url, username: 'admin', password, ca: null }, timeout);

describe("Harbor's client", () => {
  it('reads every page', async () => {
    harbor.state.projects = Array.from({ length: 250 }, (_, index) => fakeProject(`p${index}`));
    const { items, total } = await createHarborApi(client()).listProjects();
    expect([items.length, new Set(items.map(({ name }) => name)).size, total]).toEqual([250, 250, 250]);
  });

  it('stops somewhere, and says how many there are', async () => {
    harbor.state.projects = Array.from({ length: 2150 }, (_, index) => fakeProject(`p${index}`));
    const { items, total } = await createHarborApi(client()).listProjects();
    expect([items.length, total]).toEqual([2000, 2150]);
  });

  it('takes what Harbor leaves out for empty', async () => {
    harbor.state.instead.set('GET /projects/team', { status: 200, body: '{"project_id":1,"name":"team"}' });
    expect(await createHarborApi(client()).getProject('team')).toMatchObject({
      registry_id: 0,
      metadata: { prevent_vul: false, auto_scan: false, reuse_sys_cve_allowlist: true },
      cve_allowlist: { expires_at: null, items: [] },
    });
  });

  it('takes no scanner for none', async () => {
    harbor.state.projects = [fakeProject('team')];
    expect(await createHarborApi(client()).scannerOfProject('team')).toBeNull();
  });

  const failures: readonly [what: string, answer: FakeAnswer, code: string, told: RegExp][] = [
    ['silence', 'silence', 'harbor-unreachable', /did not answer within 1\.5 s/],
    [
      'an endless answer',
      { status: 200, body: 'x'.repeat(17 * 1024 * 1024) },
      'harbor-unreachable',
      /too large/,
    ],
    ['no JSON', { status: 200, body: 'hello' }, 'harbor-misbehaved', /something that is not JSON/],
    [
      'a page',
      { status: 502, type: 'text/html', body: '<html>Bad Gateway' },
      'harbor-misbehaved',
      /with 502: a web page/,
    ],
    ['a redirect without address', { status: 302 }, 'harbor-refused', /302 to no address/],
    [
      'terminal codes',
      { status: 400, body: '{"errors":[{"message":"\\u001b[2Jbad"}]}' },
      'harbor-refused',
      /400: \?\[2Jbad/,
    ],
    ['nothing', { status: 200 }, 'harbor-misbehaved', /not what its API describes/],
  ];
  it.each(failures)('names what is wrong: %s', async (_what, answer, code, told) => {
    harbor.state.instead.set('GET /systeminfo', answer);
    const asking = createHarborApi(client('Harbor12345', 1500)).systemInfo();
    await expect(asking).rejects.toMatchObject({ code, message: expect.stringMatching(told) });
  });

  it('lets no password out with its errors', async () => {
    const failure: unknown = await createHarborClient(
      { url: 'http://127.0.0.1:1', username: 'admin', password: 'very-secret', ca: null },
      300,
    )('GET', '/systeminfo').catch((error: unknown) => error);
    const basic = Buffer.from('admin:very-secret').toString('base64');
    const text = JSON.stringify(failure, Object.getOwnPropertyNames(failure));
    expect(text).toContain('nothing listens there');
    expect(text).not.toContain('very-secret');
    expect(text).not.toContain(basic);
  });
});

type FakeAnswer = Parameters<FakeHarbor['state']['instead']['set']>[1];

it('asks the proxy of the environment for a Harbor elsewhere, and not for one on this machine', async () => {
  const proxy = await startConnectProxy();
  const proxies = proxiesOf({ HTTP_PROXY: proxy.url });
  const { port } = new URL(harbor.url);
  for (const host of ['harbor.test', '127.0.0.1']) {
    const url = `http://${host}:${port}`;
    const connection = { url, username: 'admin', password: 'Harbor12345', ca: null, proxies };
    await createHarborApi(createHarborClient(connection)).listProjects();
  }
  expect(new Set(proxy.tunnels)).toEqual(new Set([`harbor.test:${port}`]));
  await proxy.close();
});

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { selfSignedCertificate } from '../../test/support/tls.ts';
import { clusterAccess } from './access.ts';
import { clusterClient } from './client.ts';

const { cert, key } = selfSignedCertificate();
const folder = temporaryDirectory();
const asked: string[] = [];
const server = createServer({ cert, key }, (request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
  response.setHeader('Content-Type', request.url === '/page' ? 'text/html' : 'application/json');
  response.setHeader('Warning', ['299 - "one \\"quoted\\"", 299 - "two"', '299 - "three"']);
  response.end(request.url === '/page' ? '<p>hello</p>' : request.url === '/broken' ? '{' : '{"a":1}');
});
let env: Record<string, string> = {};
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  env = { KUBERNETES_SERVICE_HOST: 'localhost', KUBERNETES_SERVICE_PORT: String(port), HOME: folder };
  writeFileSync(join(folder, 'token'), 'secret\n');
  writeFileSync(join(folder, 'ca.crt'), cert);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const inside = async (more: Record<string, string> = {}) =>
  clusterClient(
    await clusterAccess({ file: null, setting: 'webhook.register', env: { ...env, ...more }, folder }),
  );

describe('an API server', () => {
  it('is reached from inside a cluster by the files of the service account', async () => {
    const client = await inside();
    const { status, body, warnings, date } = await client.call({ method: 'GET', path: '/x' });
    expect([status, body, warnings]).toEqual([200, { a: 1 }, ['one "quoted"', 'two', 'three']]);
    expect(Math.abs((date ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(asked).toEqual(['GET /x Bearer secret']);
  });

  it("is not trusted with another certificate than its own authority's", async () => {
    const other = selfSignedCertificate();
    writeFileSync(join(folder, 'ca.crt'), other.cert);
    const client = await inside();
    await expect(client.call({ method: 'GET', path: '/x' })).rejects.toMatchObject({
      code: 'upstream-unreachable',
    });
    writeFileSync(join(folder, 'ca.crt'), cert);
  });

  it('may pass on what is no JSON; what says that it is JSON has to be', async () => {
    const client = await inside();
    expect((await client.call({ method: 'GET', path: '/page' })).body).toBe('<p>hello</p>');
    await expect(client.call({ method: 'GET', path: '/broken' })).rejects.toMatchObject({
      code: 'upstream-misbehaved',
    });
  });

  it('is not looked for inside a cluster where KUBECONFIG names another', async () => {
    const before = process.env.KUBECONFIG;
    process.env.KUBECONFIG = '/nowhere';
    await expect(inside({ KUBECONFIG: '/nowhere' })).rejects.toMatchObject({ code: 'config-invalid' });
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
  });
});

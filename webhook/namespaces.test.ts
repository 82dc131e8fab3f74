import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { clusterClient } from './cluster/client.ts';
import { readNamespaceLabels } from './namespaces.ts';

/** An API server that has one namespace. */
let server: Server;
const asked: string[] = [];
let mode: 'well' | 'forbidden' | 'broken' | 'hang up' = 'well';

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (mode === 'hang up') return response.destroy();
    const shop = request.url === '/api/v1/namespaces/shop';
    const status = mode === 'forbidden' ? 403 : shop ? 200 : 404;
    const body = shop
      ? { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'shop', labels: { tier: 'web' } } }
      : { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status };
    return response
      .writeHead(status, { 'Content-Type': 'application/json' })
      .end(mode === 'broken' ? '{' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  mode = 'well';
});

function reader() {
  const { port } = server.address() as AddressInfo;
  const access = { server: `http://127.0.0.1:${port}`, options: () => Promise.resolve({}) };
  const warned: string[] = [];
  const quiet = () => undefined;
  const logger = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: (_: object, text: string) => warned.push(text),
  };
  return { access, labels: readNamespaceLabels({ client: clusterClient(access), logger }), warned };
}

describe('labels of namespaces', () => {
  it('are asked for once, by however many reviews', async () => {
    const { labels } = reader();
    const all = await Promise.all([labels.labelsOf('shop'), labels.labelsOf('shop')]);
    expect([...all, await labels.labelsOf('shop')].map((one) => one?.tier)).toEqual(['web', 'web', 'web']);
    expect(asked).toEqual(['GET /api/v1/namespaces/shop']);
  });

  it('are asked for again after half a minute', async () => {
    const { labels } = reader();
    await labels.labelsOf('shop');
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 31_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await labels.labelsOf('shop');
    clock.mockRestore();
    expect(asked).toHaveLength(2);
  });

  it.each(['forbidden', 'broken', 'hang up'] as const)(
    'are null when the API server is %s, which is told',
    async (how) => {
      mode = how;
      const { labels, warned } = reader();
      expect(await labels.labelsOf('shop')).toBeNull();
      expect(warned).toEqual(["a namespace's labels cannot be read"]);
    },
  );

  it('are null for a namespace that is not there, and for one with a name of another path', async () => {
    const { labels } = reader();
    expect(await labels.labelsOf('none')).toBeNull();
    expect(await labels.labelsOf('../namespaces/shop')).toBeNull();
    expect(asked[1]).toBe('GET /api/v1/namespaces/..%2Fnamespaces%2Fshop');
  });
});

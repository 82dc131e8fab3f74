import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../test/support/temp.ts';
import { clientAuthority } from '../test/support/tls.ts';
import { ClientAuthority } from './client-certificates.ts';
import { review, startTestServer, type TestServer } from './samples.ts';

const ours = clientAuthority(temporaryDirectory());
const others = clientAuthority(temporaryDirectory());
type Shown = ReturnType<typeof ours.issue> | null;

let named: TestServer;
let any: TestServer;
beforeAll(async () => {
  named = await startTestServer({
    clients: new ClientAuthority(ours.ca, ['kube-apiserver', 'api.corp'], Date.now),
  });
  any = await startTestServer({ clients: new ClientAuthority(ours.ca, null, Date.now) });
});
afterAll(async () => {
  await named.close();
  await any.close();
});

function ask(at: TestServer, path: string, shown: Shown): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: '127.0.0.1', port: at.port, path, ca: at.tls.ca, servername: 'localhost', agent: false },
        method: path.endsWith('z') ? 'GET' : 'POST',
        headers: { 'Content-Type': 'application/json' },
        ...(shown ?? {}),
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    asked.on('error', reject);
    asked.end(path.endsWith('z') ? undefined : JSON.stringify(review()));
  });
}

describe('API servers that have to show a certificate', () => {
  const rows: readonly [what: string, shown: () => Shown, named: number, any: number][] = [
    ['of the authority, with the name', () => ours.issue('kube-apiserver'), 200, 200],
    ['with the name among others', () => ours.issue('x', 'DNS:y.corp,DNS:api.corp'), 200, 200],
    ['with another name', () => ours.issue('somebody'), 403, 200],
    ['with a name that begins so', () => ours.issue('kube-apiserver.evil'), 403, 200],
    ['of another authority, with the name', () => others.issue('kube-apiserver'), 403, 403],
    ['none', () => null, 403, 403],
  ];
  it.each(rows)('%s', async (_what, shown, withNames, withAny) => {
    const certificate = shown();
    for (const path of ['/validate', '/audit', '/mutate']) {
      expect([path, await ask(named, path, certificate), await ask(any, path, certificate)]).toEqual([
        ...[path, withNames, withAny],
      ]);
    }
  });

  it.each(['/healthz', '/readyz'])('%s is for everybody', async (path) => {
    expect(await ask(named, path, null)).toBe(200);
  });

  it('are asked for it still when the certificate was renewed', async () => {
    named.server.setSecureContext({ cert: named.tls.cert, key: named.tls.key });
    expect(await ask(named, '/validate', ours.issue('kube-apiserver'))).toBe(200);
    expect(await ask(named, '/validate', null)).toBe(403);
  });
});

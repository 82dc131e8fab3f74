import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { clientAuthority } from '../../test/support/tls.ts';
import { ClientAuthority } from '../client-certificates.ts';
import { review, startTestServer, type TestServer } from '../samples.ts';
import { glassLabel, signingKey } from './glass.ts';

const ours = clientAuthority(temporaryDirectory());
const others = clientAuthority(temporaryDirectory());
type Shown = ReturnType<typeof ours.issue> | null;
const name = 'pratique-break-glass-forged';

/** Whatever its author likes to say of himself. */
const forged = review({
  kind: { group: '', version: 'v1', kind: 'ConfigMap' },
  resource: { group: '', version: 'v1', resource: 'configmaps' },
  namespace: 'pratique',
  name,
  userInfo: { username: 'ada', groups: ['oncall', 'system:masters'] },
  object: {
    metadata: { name, namespace: 'pratique', labels: { [glassLabel]: 'true' } },
    data: { namespaces: 'shop', for: '4h', reason: 'whoever reaches the port says so' },
  },
});
const breakGlass = {
  rules: {
    groups: ['oncall'],
    longest: 4 * 3_600_000,
    namespace: 'pratique',
    key: signingKey('a-key-of-the-tests-that-is-long-enough'),
  },
  open: () => [],
  onAccepted: () => undefined,
};

let asking: TestServer;
let open: TestServer;
beforeAll(async () => {
  const clients = new ClientAuthority(ours.ca, ['kube-apiserver'], Date.now);
  asking = await startTestServer({ breakGlass, clients });
  open = await startTestServer({ breakGlass });
});
afterAll(async () => {
  await asking.close();
  await open.close();
});

function ask(at: TestServer, shown: Shown): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: '127.0.0.1', port: at.port, path: '/break-glass', method: 'POST', agent: false },
        ...{ ca: at.tls.ca, servername: 'localhost', headers: { 'Content-Type': 'application/json' } },
        ...(shown ?? {}),
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(forged));
  });
}

describe('a break-glass is signed', () => {
  it('for an API server that has shown its certificate', async () => {
    const { status, text } = await ask(asking, ours.issue('kube-apiserver'));
    const { response } = JSON.parse(text) as { response: { allowed: boolean; patch: string } };
    expect([status, response.allowed]).toEqual([200, true]);
    expect(Buffer.from(response.patch, 'base64').toString()).toContain('/data/signature');
  });

  it.each<readonly [string, () => Shown]>([
    ['shows none', () => null],
    ['shows one of the authority for another name', () => ours.issue('kubelet')],
    ['shows one by that name of another authority', () => others.issue('kube-apiserver')],
  ])('for nobody who %s, whatever groups he writes', async (_what, shown) => {
    const { status, text } = await ask(asking, shown());
    expect([status, text.includes('signature')]).toEqual([403, false]);
  });

  it('for nobody at all where API servers show no certificate', async () => {
    for (const shown of [null, ours.issue('kube-apiserver')]) {
      expect(await ask(open, shown)).toMatchObject({ status: 404 });
    }
  });
});

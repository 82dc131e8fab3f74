import { Agent, request } from 'node:https';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../test/support/temp.ts';
import { clientAuthority } from '../test/support/tls.ts';
import { ClientAuthority } from './client-certificates.ts';
import { review, startTestServer, type TestServer } from './samples.ts';

const before = clientAuthority(temporaryDirectory());
const after = clientAuthority(temporaryDirectory());
const old = before.issue('kube-apiserver');
const renewed = after.issue('kube-apiserver');
const day = 86_400_000;

let at: TestServer;
let authority: ClientAuthority;
let ahead = 0;
const agents: Agent[] = [];
beforeEach(async () => {
  ahead = 0;
  authority = new ClientAuthority(before.ca, ['kube-apiserver'], () => Date.now() + ahead);
  at = await startTestServer({ clients: authority });
});
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  await at.close();
});

function keeping(shown: typeof old): Agent {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    ca: at.tls.ca,
    servername: 'localhost',
    ...shown,
  });
  agents.push(agent);
  return agent;
}

function ask(agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        ...{ host: '127.0.0.1', port: at.port, path: '/validate', method: 'POST', agent },
        headers: { 'Content-Type': 'application/json' },
      },
      (response) => {
        response.resume();
        response.once('end', () =>
          resolve(`${response.statusCode ?? 0} ${asked.reusedSocket ? 'same' : 'new'} connection`),
        );
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(review()));
  });
}

describe('the authority of clients', () => {
  it('is another one at once, on connections that are open too, which then end', async () => {
    const agent = keeping(old);
    expect([await ask(agent), await ask(agent)]).toEqual(['200 new connection', '200 same connection']);
    authority.renew(after.ca);
    expect([await ask(agent), await ask(agent)]).toEqual(['403 same connection', '403 new connection']);
    expect(await ask(keeping(renewed))).toBe('200 new connection');
  });

  it('is followed by another without a refusal where both hold for a while', async () => {
    const agent = keeping(old);
    expect(await ask(agent)).toBe('200 new connection');
    authority.renew(`${before.ca}${after.ca}`);
    expect([await ask(agent), await ask(keeping(renewed))]).toEqual([
      '200 same connection',
      '200 new connection',
    ]);
  });

  it('stays when the certificate of the webhook is renewed', async () => {
    authority.renew(after.ca);
    at.server.setSecureContext({ cert: at.tls.cert, key: at.tls.key });
    expect([await ask(keeping(renewed)), await ask(keeping(old))]).toEqual([
      '200 new connection',
      '403 new connection',
    ]);
  });

  it.each(['', 'no PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'stays what it was where the next one is %j',
    async (pem) => {
      expect(() => authority.renew(pem)).toThrow();
      expect(await ask(keeping(old))).toBe('200 new connection');
    },
  );

  it('lets nobody in whose certificate has ended while his connection was open', async () => {
    const agent = keeping(old);
    expect(await ask(agent)).toBe('200 new connection');
    ahead = 3 * day;
    expect(await ask(agent)).toBe('403 same connection');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is asked for anew on each connection of %s', async (version) => {
    const open = (session?: Buffer): Promise<TLSSocket> =>
      new Promise((resolve, reject) => {
        const socket = tlsConnect({
          ...{ host: '127.0.0.1', port: at.port, ca: at.tls.ca, servername: 'localhost', ...old },
          ...{ minVersion: version, maxVersion: version },
          ...(session === undefined ? {} : { session }),
        });
        socket.once('error', reject);
        socket.once('secureConnect', () => resolve(socket));
      });
    const first = await open();
    const session = await new Promise<Buffer | undefined>((resolve) => {
      first.once('session', resolve);
      first.once('close', () => resolve(undefined));
      first.end('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      first.resume();
    });
    const second = await open(session);
    expect(second.isSessionReused()).toBe(false);
    second.destroy();
  });
});

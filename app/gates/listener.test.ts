import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identifyBy, type Required } from '../../proxy/gates/identity.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { clientAuthority } from '../../test/support/tls.ts';
import { watchClientAuthority } from '../client-authority.ts';
import { createGatesServer } from './listener.ts';

/** The port's TLS and who is told apart by it, over real sockets; what is answered is the cluster, or why there is none. */

const day = 86_400_000;
const ours = clientAuthority(temporaryDirectory());
const others = clientAuthority(temporaryDirectory());
const tokens = [
  { cluster: 'prod', secret: 'the-token-of-the-cluster-prod-which-is-long' },
  { cluster: 'test', secret: 'the-token-of-the-cluster-test-which-is-long' },
  { cluster: 'gone', secret: null },
];
const [prod, test] = tokens.map(({ secret }) => secret ?? '');
const shown = {
  prod: ours.issue('prod'),
  test: ours.issue('test'),
  'no name of a cluster': ours.issue('a b'),
  ended: ours.issue('prod', undefined, -1),
  'of another authority': others.issue('prod'),
};
type Shown = keyof typeof shown;

let ahead = 0;
let folder = '';
let clientCa = '';
const closers: (() => Promise<void> | void)[] = [];
const agents: Agent[] = [];
const logged: string[] = [];
const say = (_fields: object, message: string): void => {
  logged.push(message);
};
const logger = { debug: say, info: say, warn: say, error: say };
const now = (): number => Date.now() + ahead;
beforeEach(() => {
  ahead = 0;
  folder = temporaryDirectory();
  clientCa = join(folder, 'clients.crt');
  writeFileSync(clientCa, ours.ca);
});
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(required: Required): Promise<number> {
  const ending = { add: (close: () => Promise<void> | void) => closers.push(close) };
  const clients = watchClientAuthority({
    ...{ file: clientCa, setting: 'gates.clientCa', names: null, ending, now, logger },
  });
  const gates = { tokens: [], clientCa, required, tls: null, names: [] };
  const { server } = await createGatesServer({
    ...{ config: { gates }, certificates: join(folder, 'own'), clients, ending, now, logger, every: 50 },
  });
  const identify = identifyBy({
    ...{ tokens: () => tokens, hasSigned: (socket) => clients.hasSigned(socket), required },
  });
  server.on('request', (asked, answer) => {
    const identity = identify(asked);
    answer.end(typeof identity === 'string' ? identity : `cluster ${identity.cluster}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('the server has no port');
  return at.port;
}

function keeping(certificate: Shown | null): Agent {
  const ca = readFileSync(join(folder, 'own', 'ca.crt'));
  const pair = certificate === null ? {} : shown[certificate];
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca, servername: 'localhost', ...pair });
  agents.push(agent);
  return agent;
}

interface Told {
  readonly text: string;
  readonly reused: boolean;
  /** Of the certificate that the server has shown. */
  readonly serial: string;
}

function ask(port: number, agent: Agent, token: string | null): Promise<Told> {
  const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, agent, headers }, (response) => {
      const { socket } = response;
      const serial = socket instanceof TLSSocket ? socket.getPeerCertificate().serialNumber : '';
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.once('end', () => resolve({ text, reused: asked.reusedSocket, serial }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

const missing = /^this port answers other gates of Pratique alone/;
const noToken = /^a token of gates.tokens is missing or wrong/;
const noCertificate = /^a client certificate of gates.clientCa is missing or wrong/;
const different = /^the token and the client certificate are for different clusters/;
const isProd = /^cluster prod$/;
const rows: readonly [token: string | null, certificate: Shown | null, either: RegExp, both: RegExp][] = [
  [prod ?? '', 'prod', isProd, isProd],
  [prod ?? '', null, isProd, noCertificate],
  [prod ?? '', 'ended', isProd, noCertificate],
  [prod ?? '', 'of another authority', isProd, noCertificate],
  [prod ?? '', 'no name of a cluster', isProd, noCertificate],
  [prod ?? '', 'test', isProd, different],
  [test ?? '', 'prod', /^cluster test$/, different],
  [null, 'prod', isProd, noToken],
  ['a-token-that-nobody-has-been-given-at-all', 'prod', isProd, noToken],
  ['null', 'prod', isProd, noToken],
  [null, 'ended', missing, noToken],
  [null, 'of another authority', missing, noToken],
  [null, 'no name of a cluster', missing, noToken],
  [null, null, missing, noToken],
  ['', null, missing, noToken],
];

describe('who asks the port for gates', () => {
  it('shows a token or a certificate, and where both are asked for both, of one cluster', async () => {
    const [either, both] = [await open('either'), await open('both')];
    for (const [token, certificate, eitherSays, bothSay] of rows) {
      const what = `${token ?? 'no token'}, ${certificate ?? 'no certificate'}`;
      expect([what, (await ask(either, keeping(certificate), token)).text]).toEqual([
        what,
        expect.stringMatching(eitherSays),
      ]);
      expect([what, (await ask(both, keeping(certificate), token)).text]).toEqual([
        what,
        expect.stringMatching(bothSay),
      ]);
    }
  });

  it('is nobody any more when his certificate ends while he is connected', async () => {
    const port = await open('either');
    const agent = keeping('prod');
    expect(await ask(port, agent, null)).toMatchObject({ text: 'cluster prod', reused: false });
    ahead = 3 * day;
    expect(await ask(port, agent, null)).toMatchObject({
      text: expect.stringMatching(missing),
      reused: true,
    });
  });

  it('is told by other authorities as soon as their file is another, on open connections too', async () => {
    const port = await open('either');
    const [agent, stranger] = [keeping('prod'), keeping('of another authority')];
    const says = async (which: Agent): Promise<string> => (await ask(port, which, null)).text;
    expect([await says(agent), await says(stranger)]).toEqual([
      'cluster prod',
      expect.stringMatching(missing),
    ]);
    // What cannot be used changes nothing.
    writeFileSync(clientCa, 'no PEM');
    await until(() => logged.some((message) => message.startsWith('a certificate cannot be used')));
    expect(await says(agent)).toBe('cluster prod');
    writeFileSync(clientCa, others.ca);
    await until(async () => missing.test(await says(agent)));
    expect(await says(keeping('of another authority'))).toBe('cluster prod');
  });
});

describe('the certificate of the port', () => {
  it('is made again where it is gone, for those who come; who is connected stays so', async () => {
    const port = await open('either');
    const agent = keeping(null);
    const first = await ask(port, agent, prod ?? '');
    for (const name of ['tls.crt', 'tls.key']) rmSync(join(folder, 'own', name));
    await until(async () => (await ask(port, keeping(null), prod ?? '')).serial !== first.serial);
    expect(await ask(port, agent, prod ?? '')).toEqual({
      text: 'cluster prod',
      reused: true,
      serial: first.serial,
    });
    // Clients are asked for their certificates still.
    expect((await ask(port, keeping('test'), null)).text).toBe('cluster test');
  });
});

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let turn = 0; turn < 300; turn += 1) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error('it did not come to be');
}

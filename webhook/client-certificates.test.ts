import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../test/support/temp.ts';
import { ClientAuthority } from './client-certificates.ts';
import { startTestServer, type TestServer } from './samples.ts';

/** Doors that look at the client's certificate: one authority for API servers, another for Gatekeeper. */
interface Pair {
  readonly cert: string;
  readonly key: string;
}

const dir = temporaryDirectory();
const openssl = (...options: readonly string[]): void => {
  execFileSync('openssl', options, { cwd: dir, stdio: 'ignore' });
};
const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const file = (name: string): string => readFileSync(join(dir, name), 'utf8');

function makeCa(name: string): void {
  openssl(
    'req',
    '-x509',
    ...curve,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.crt`,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
  );
}

function makeClient(name: string, ca: string, days = '2'): Pair {
  openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
  openssl(
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial'],
    ...['-days', days, '-out', `${name}.crt`],
  );
  return { cert: file(`${name}.crt`), key: file(`${name}.key`) };
}

let at: TestServer;
let pairs: Readonly<Record<string, Pair | null>>;
beforeAll(async () => {
  for (const name of ['cluster', 'gatekeeper', 'stranger']) makeCa(name);
  pairs = {
    'the API server': makeClient('kube-apiserver', 'cluster'),
    'another of its cluster': makeClient('node', 'cluster'),
    Gatekeeper: makeClient('gatekeeper-webhook', 'gatekeeper'),
    'a stranger by the same name': makeClient('kube-apiserver', 'stranger'),
    nobody: null,
  };
  at = await startTestServer({
    clients: new ClientAuthority(file('cluster.crt'), ['kube-apiserver'], Date.now),
    gatekeeper: { within: 300, clients: new ClientAuthority(file('gatekeeper.crt'), null, Date.now) },
  });
});
afterAll(() => at.close());

function asked(path: string, pair: Pair | null, method = 'POST'): Promise<number> {
  return new Promise((resolve, reject) => {
    request(
      {
        ...{ host: '127.0.0.1', port: at.port, path, method, agent: false, ca: at.tls.ca, ...pair },
        ...{ servername: 'localhost', headers: { 'Content-Type': 'application/json' } },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    )
      .on('error', reject)
      .end();
  });
}

/** 400: it was let in, and has sent nothing. */
const rows: readonly [who: string, validate: number, gatekeeper: number][] = [
  ['the API server', 400, 403],
  ['another of its cluster', 403, 403],
  ['Gatekeeper', 403, 400],
  ['a stranger by the same name', 403, 403],
  ['nobody', 403, 403],
];

describe('with authorities of clients', () => {
  it.each(rows)('%s is answered %d at /validate and %d at /gatekeeper', async (who, validate, gatekeeper) => {
    const pair = pairs[who] ?? null;
    expect([await asked('/validate', pair), await asked('/mutate', pair)]).toEqual([validate, validate]);
    expect([await asked('/gatekeeper', pair), await asked('/gatekeeper/pin', pair)]).toEqual([
      gatekeeper,
      gatekeeper,
    ]);
  });

  it('everybody may ask for its health', async () => {
    expect(await asked('/healthz', null, 'GET')).toBe(200);
  });

  it('nobody is let in after the certificate was renewed who was not before', async () => {
    at.server.setSecureContext({ key: at.tls.key, cert: at.tls.cert });
    for (const [who, validate] of rows)
      expect([who, await asked('/validate', pairs[who] ?? null)]).toEqual([who, validate]);
  });
});

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { selfSignedCertificate } from '../../test/support/tls.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { type Readiness, readReadiness } from './health.ts';

const tls = selfSignedCertificate();
const noCluster = {} as ClusterClient;

describe('what a webhook says of itself at its own address', () => {
  it.each<readonly [string, number, string, Readiness | null]>([
    ['it is ready', 200, 'ok', { ready: true, text: 'ok' }],
    [
      'it is ready, and something is wrong',
      200,
      'ok\nthe proxy is away\nthe replica is full',
      { ready: true, text: 'the proxy is away; the replica is full' },
    ],
    ['it is not ready', 503, 'it is stopping', { ready: false, text: 'it is stopping' }],
    ['nothing', 503, '', null],
    ['something else', 404, 'there are /validate', null],
    ['nothing that a terminal should show', 503, 'a\u001b[2Jb', { ready: false, text: 'a [2Jb' }],
  ])('is read: %s', async (_what, status, body, read) => {
    const server = createServer(tls, (_request, response) => {
      response.writeHead(status).end(body);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    try {
      const place = { kind: 'url', url: `https://127.0.0.1:${port}` } as const;
      expect(await readReadiness(noCluster, place)).toEqual(read);
    } finally {
      server.close();
    }
    expect(await readReadiness(noCluster, { kind: 'url', url: `https://127.0.0.1:${port}` })).toBeNull();
  });
});

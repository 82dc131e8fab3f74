import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { noProxies } from '../../core/http-proxy.ts';
import { digest, manifestType, metadata, report } from './samples.ts';
import { createHarborScanner } from './scanner.ts';

const looked = { system: null, types: [] } as const;
const pull = {
  registry: 'http://127.0.0.1:5001',
  repository: 'docker-io/library/app',
  digest,
  mediaType: manifestType,
  username: 'scan',
  password: 'secret-token',
};

/** What an adapter answers to its n-th poll, and what it was asked. */
interface Behaviour {
  scan: (response: ServerResponse) => void;
  poll: (response: ServerResponse, count: number) => void;
}

describe('a scanner with an adapter for Harbor', () => {
  let server: Server;
  let url = '';
  let behaviour: Behaviour;
  let asked: {
    readonly line: string;
    readonly headers: NodeJS.Dict<string | string[]>;
    readonly body: string;
  }[];

  const json = (response: ServerResponse, status: number, value: unknown): void => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  beforeEach(async () => {
    asked = [];
    let polls = 0;
    behaviour = {
      scan: (response) => json(response, 202, { id: 'one' }),
      poll: (response) => json(response, 200, report),
    };
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
        if (request.url === '/api/v1/metadata') json(response, 200, metadata);
        else if (request.method === 'POST') behaviour.scan(response);
        else {
          polls += 1;
          behaviour.poll(response, polls);
        }
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `http://127.0.0.1:${address.port}`;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });
  const scan = (timeout = 20_000, mediaType: string = manifestType) =>
    createHarborScanner({ url, login: { kind: 'bearer', token: 'mine' }, ca: null }, looked, {
      timeout,
      folder: '/nowhere',
      env: {},
      proxies: noProxies,
    }).scan({ ...pull, mediaType });

  it('is asked as Harbor asks, and again until the report is there', async () => {
    behaviour.poll = (response, count) => {
      if (count > 1) return json(response, 200, report);
      response.writeHead(302, { 'Refresh-After': '1' });
      response.end();
    };
    const { findings, databaseAt } = await scan();
    expect([findings.length, databaseAt]).toEqual([1, '2026-06-01T06:00:00.000Z']);
    expect(asked.map(({ line }) => line)).toEqual([
      'GET /api/v1/metadata',
      'POST /api/v1/scan',
      'GET /api/v1/scan/one/report',
      'GET /api/v1/scan/one/report',
    ]);
    expect(asked.every(({ headers }) => headers.authorization === 'Bearer mine')).toBe(true);
    expect(asked[1]?.headers['content-type']).toBe(
      'application/vnd.scanner.adapter.scan.request+json; version=1.1',
    );
    expect(JSON.parse(asked[1]?.body ?? '')).toMatchObject({
      registry: {
        url: 'http://127.0.0.1:5001',
        authorization: `Basic ${Buffer.from('scan:secret-token').toString('base64')}`,
      },
      artifact: { repository: 'docker-io/library/app', digest, mime_type: manifestType },
    });
    expect(asked[2]?.headers.accept).toBe('application/vnd.security.vulnerability.report; version=1.1');
  });

  it.each<[what: string, change: (b: Behaviour) => void, why: RegExp]>([
    [
      'refuses the scan',
      (b) => {
        b.scan = (r) => json(r, 422, { error: { message: 'no such image' } });
      },
      /answered 422: no such image/,
    ],
    [
      'has forgotten the scan',
      (b) => {
        b.poll = (r) => json(r, 404, { error: { message: 'gone' } });
      },
      /answered 404: gone/,
    ],
    [
      'fails with a page',
      (b) => {
        b.poll = (r) => r.writeHead(500).end('<html>');
      },
      /answered 500 and did not say why/,
    ],
    [
      'answers with what is no id',
      (b) => {
        b.scan = (r) => json(r, 202, { id: '../metadata' });
      },
      /id: an id that can be no part/,
    ],
    [
      'reports of another image',
      (b) => {
        b.poll = (r) => json(r, 200, { ...report, artifact: { digest: 'sha256:0' } });
      },
      /it is about/,
    ],
    [
      'sends elsewhere',
      (b) => {
        b.scan = (r) => r.writeHead(307, { Location: 'http://127.0.0.1:1/' }).end();
      },
      /answered 307/,
    ],
  ])('is told with its own words where it %s', async (_, change, why) => {
    change(behaviour);
    await expect(scan()).rejects.toMatchObject({
      code: 'scanner-failed',
      message: expect.stringMatching(why),
    });
  });

  it('is given up when the time is over', async () => {
    behaviour.poll = (response) => response.writeHead(302, { 'Refresh-After': '60' }).end();
    await expect(scan(1500)).rejects.toMatchObject({ message: expect.stringContaining('no report after') });
  });

  it('is not asked about what it does not read', async () => {
    await expect(scan(20_000, 'application/vnd.other')).rejects.toMatchObject({
      message: expect.stringContaining('reports no vulnerabilities'),
    });
    expect(asked).toHaveLength(1);
  });

  it('is named where nothing answers', async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await expect(scan()).rejects.toMatchObject({ code: 'scanner-unavailable' });
  });
});

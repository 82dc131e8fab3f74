import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Gate } from '../core/ports/gate.ts';
import { createAddressing } from '../registry/addressing.ts';
import { BlobLeases } from '../registry/blob-leases.ts';
import { openBlobStore } from '../registry/blob-store.ts';
import { createUpstreamClient, type UpstreamClient } from '../registry/upstream/client.ts';
import { buildImage } from '../test/support/images.ts';
import { noPushes } from '../test/support/no-pushes.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { type Fault, startUpstream, type Upstream } from '../test/support/upstream.ts';
import type { AnswerOutcome } from './context.ts';
import { createPassThrough, type PassThrough } from './pass-through.ts';
import { serveRegistry } from './registry.ts';
import { wholeList } from './tag-list.ts';

const image = buildImage({ layers: [] });
const listed = '/v2/team/app/tags/list';

let upstream: Upstream;
let client: UpstreamClient;
let passThrough: PassThrough;
let server: Server;
let outcomes: AnswerOutcome[] = [];

beforeEach(async () => {
  upstream = await startUpstream({
    repositories: {
      'team/app': { one: image, two: image, three: image },
      'library/app': { one: image, two: image },
    },
    auth: { kind: 'token' },
  });
  client = createUpstreamClient({
    name: 'corp',
    namespace: 'corp.test',
    url: upstream.url,
    credentials: null,
  });
  const logger = { debug: silent, info: silent, warn: silent, error: silent };
  passThrough = createPassThrough({ upstreamUrl: upstream.url, ca: null, client, logger });
  outcomes = [];
  const context = {
    ...noPushes,
    gate: shut,
    addressing: createAddressing({
      upstreams: [
        { name: 'corp', namespace: 'corp.test' },
        { name: 'hub', namespace: 'docker.io' },
      ],
      publicNames: [],
    }),
    store: openBlobStore(temporaryDirectory()),
    inUse: new BlobLeases(),
    logger,
    holds: { ordinary: 1000, docker: 1000 },
    reportUrl: () => null,
    onHold: () => () => undefined,
    onAnswer: (outcome: AnswerOutcome) => outcomes.push(outcome),
    onDecision: () => undefined,
    passThrough: passThrough.pass,
  };
  server = createServer((request, response) => {
    serveRegistry(context, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  passThrough.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await client.close();
  await upstream.close();
});

/** More than is read before it is answered. */
const long = JSON.stringify({ name: 'team/app', tags: ['x'.repeat(wholeList + 1000)] });

describe('a list', () => {
  it('comes back with what a list needs, and no other header', async () => {
    upstream.fault(listed, {
      headers: {
        'set-cookie': 'a=b',
        location: 'http://elsewhere.test/',
        'oci-filters-applied': 'artifactType',
      },
    });
    const answer = await ask('/v2/corp/team/app/tags/list');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ name: 'team/app', tags: ['one', 'three', 'two'] });
    expect(Object.keys(answer.headers).sort()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'date',
      'keep-alive',
      'oci-filters-applied',
    ]);
  });

  it('is asked for with a token of the upstream; nothing that the client proves itself with leaves', async () => {
    const secrets = {
      authorization: 'Basic c2VjcmV0',
      cookie: 'session=secret',
      'x-forwarded-for': '10.0.0.1',
    };
    for (const headers of [secrets, { ...secrets, expect: '100-continue' }]) {
      upstream.forgetRequests();
      expect((await ask('/v2/corp/team/app/tags/list', { headers })).status).toBe(200);
      const seen = upstream.requests.filter(({ path }) => path === listed).at(-1);
      expect(seen?.headers.authorization).toMatch(/^Bearer token-/);
      expect(JSON.stringify(seen?.headers)).not.toMatch(/secret|c2VjcmV0|10\.0\.0\.1/);
    }
  });

  it('is counted once it is out, with its status', async () => {
    await ask('/v2/corp/team/app/tags/list');
    upstream.fault(listed, { status: 500 });
    await ask('/v2/corp/team/app/tags/list');
    await counted(2);
    expect(outcomes.map(({ status, upstream: name }) => [status, name])).toEqual([
      [200, 'corp'],
      [403, 'corp'],
    ]);
  });

  it('is counted when the client leaves before the upstream has answered', async () => {
    await ask('/v2/corp/team/app/tags/list');
    upstream.fault(listed, { delay: 10_000 });
    await expect(ask('/v2/corp/team/app/tags/list', { leaveAfter: 100 })).rejects.toThrow();
    await counted(2);
    expect(outcomes).toHaveLength(2);
  });

  it('that is cut short at the upstream is refused, and a long one is cut short here', async () => {
    await ask('/v2/corp/team/app/tags/list');
    const restore = upstream.fault(listed, { cutAfter: 5 });
    expect((await ask('/v2/corp/team/app/tags/list')).status).toBe(403);
    restore();
    upstream.fault(listed, { body: long, cutAfter: wholeList + 10 });
    await expect(ask('/v2/corp/team/app/tags/list')).rejects.toThrow();
  });

  it('that is long is passed on as it comes', async () => {
    upstream.fault(listed, { body: long });
    const { status, body } = await ask('/v2/corp/team/app/tags/list?n=1');
    expect([status, body.length, body === long]).toEqual([200, long.length, true]);
  });

  it('of an upstream that knows no pages is parted here', async () => {
    const tags = ['one', 'three', 'two'];
    upstream.fault(listed, { body: JSON.stringify({ name: 'team/app', tags }), headers: { link: '' } });
    const pages: unknown[] = [];
    for (let next: string | undefined = '/v2/corp/team/app/tags/list?n=2'; next !== undefined; ) {
      const { body, headers } = await ask(next);
      pages.push(JSON.parse(body));
      next = /^<([^>]*)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
    }
    const name = 'corp/team/app';
    expect(pages).toEqual([
      { name, tags: ['one', 'three'] },
      { name, tags: ['two'] },
    ]);
  });

  it('with a body in the request is not asked for', async () => {
    const answer = await ask('/v2/corp/team/app/tags/list', { body: 'GET /v2/ HTTP/1.1\r\n\r\n' });
    expect(answer.status).toBe(400);
    expect(upstream.requests).toEqual([]);
  });
});

describe('the next page', () => {
  const next = (url: string): string => `<${url}>; rel="next"`;
  const here = '</v2/corp/team/app/tags/list?n=1&last=one>; rel="next"';
  const rows: [string, (origin: string) => string, string | undefined][] = [
    ['relative', () => next('/v2/team/app/tags/list?n=1&last=one'), here],
    ['absolute', (origin) => next(`${origin}/v2/team/app/tags/list?n=1&last=one`), here],
    ['only a query', () => next('?n=1&last=one'), here],
    ['without quotes', () => '</v2/team/app/tags/list?n=1&last=one>;rel=next', here],
    ['behind another', () => `</x>; rel="prev", ${next('/v2/team/app/tags/list?n=1&last=one')}`, here],
    ['at another host', () => next('http://elsewhere.test/v2/team/app/tags/list'), undefined],
    ['at another host, without scheme', () => next('//elsewhere.test/v2/team/app/tags/list'), undefined],
    ['in another repository', () => next('/v2/team/other/tags/list'), undefined],
    ['in another repository, by dots', () => next('/v2/team/app/../other/tags/list'), undefined],
    ['in a repository of like name', () => next('/v2/team/app2/tags/list'), undefined],
    ['no address', () => next('http://['), undefined],
    ['of another relation', () => '</v2/team/app/tags/list>; rel="last"', undefined],
  ];
  it.each(rows)('%s', async (_what, link, expected) => {
    upstream.fault(listed, { headers: { link: link(upstream.url) } });
    const answer = await ask('/v2/corp/team/app/tags/list');
    expect([answer.status, answer.headers.link]).toEqual([200, expected]);
  });

  it('of an official image stays below the name by which the client asked', async () => {
    const answer = await ask('/v2/hub/app/tags/list?n=1');
    expect(answer.headers.link).toBe('</v2/hub/app/tags/list?n=1&last=one>; rel="next"');
  });
});

describe('what is no list', () => {
  const rows: [string, Fault, number, string][] = [
    ['absent', { status: 404 }, 404, 'NAME_UNKNOWN'],
    ['too often', { status: 429, headers: { 'retry-after': '17' } }, 429, 'TOOMANYREQUESTS'],
    ['a challenge', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }, 403, 'DENIED'],
    ['forbidden', { status: 403 }, 403, 'DENIED'],
    ['a server error', { status: 500 }, 403, 'DENIED'],
    ['a redirect', { redirect: 'http://elsewhere.test/' }, 403, 'DENIED'],
    ['another 2xx', { status: 206 }, 403, 'DENIED'],
    ['nothing new', { status: 304 }, 403, 'DENIED'],
    ['a web page', { html: true }, 403, 'DENIED'],
    ['no JSON', { body: 'nothing' }, 403, 'DENIED'],
    ['JSON that is no list', { body: '{"name":"team/app"}' }, 403, 'DENIED'],
    ['a list of something else', { body: '{"tags":[1]}' }, 403, 'DENIED'],
    [
      'a long web page',
      { body: 'x'.repeat(wholeList + 1), headers: { 'content-type': 'text/html' } },
      403,
      'DENIED',
    ],
    ['an unasked encoding', { headers: { 'content-encoding': 'gzip' } }, 403, 'DENIED'],
    ['no answer', { reset: true }, 403, 'DENIED'],
  ];
  it.each(rows)('%s', async (_what, fault, status, code) => {
    // The token is fetched by the same path, so it is had before anything goes wrong.
    await ask('/v2/corp/team/app/tags/list');
    upstream.fault(listed, fault);
    const answer = await ask('/v2/corp/team/app/tags/list');
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ code }] });
    expect(answer.body).toContain('corp');
    expect(answer.headers).not.toHaveProperty('www-authenticate');
    expect(answer.headers).not.toHaveProperty('location');
    expect(answer.headers['retry-after']).toBe(status === 429 ? '17' : undefined);
  });
});

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(
  path: string,
  how: {
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly leaveAfter?: number;
  } = {},
): Promise<Answered> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: '127.0.0.1', port, path, headers: how.headers ?? {} }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    outgoing.on('error', reject);
    if (how.body !== undefined) outgoing.setHeader('Content-Length', how.body.length);
    outgoing.end(how.body);
    if (how.leaveAfter !== undefined) setTimeout(() => outgoing.destroy(), how.leaveAfter);
  });
}

/** Waits until so many answers were counted: that happens after the client has the last byte. */
async function counted(count: number): Promise<void> {
  for (let tries = 0; tries < 100 && outcomes.length < count; tries += 1) await sleep(20);
}

/** Lists are not gated; whoever asks this gate is wrong. */
const shut: Gate = {
  resolve: unasked,
  tag: unasked,
  heldTag: unasked,
  held: unasked,
  clearance: unasked,
  settled: unasked,
  blob: unasked,
};

function unasked(): never {
  throw new Error('a list asks no gate');
}

function silent(): void {
  // Nothing is logged here.
}

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../support/upstream.ts';
import { ask } from './client.ts';
import { clean, debian, noise, openStage, type Stage } from './stage.ts';

/**
 * What a client is told of an upstream that misbehaves. Each answer is of the specification's, nothing wrong is in the
 * store, and the first honest answer is served.
 */

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    repositories: { 'team/app': { clean }, 'secret/app': { clean } },
    upstreamKeys: {
      timeouts: { headers: '2s', idle: '2s', manifest: '3s', blob: '3s' },
      limits: { concurrency: 2 },
      repositories: { allow: [], deny: ['secret/**'] },
    },
  });
});
afterAll(() => stage.close());

interface Row {
  readonly what: string;
  readonly of: 'manifest' | 'layer';
  readonly is: Fault;
  readonly status?: 403 | 404 | 429;
  readonly code?: string;
  readonly retryAfter?: string;
  readonly message: RegExp;
}
const here = 'http://169.254.169.254/latest/meta-data';
const rows: readonly Row[] = [
  { what: 'cuts a manifest', of: 'manifest', is: { cutAfter: 30 }, message: /could not be reached/ },
  {
    what: 'sends another manifest',
    of: 'manifest',
    is: { corrupt: true },
    message: /gave content with the digest/,
  },
  { what: 'sends a web page', of: 'manifest', is: { html: true }, message: /a web page instead of content/ },
  {
    what: 'leads to where clouds keep secrets',
    of: 'manifest',
    is: { redirect: here },
    message: /link-local address/,
  },
  { what: 'drips', of: 'manifest', is: { bytesPerSecond: 100 }, message: /no whole answer within 3000 ms/ },
  { what: 'says nothing', of: 'manifest', is: { delay: 8000 }, message: /could not be reached/ },
  { what: 'is broken', of: 'manifest', is: { status: 503 }, message: /answered 503/ },
  {
    what: 'throttles',
    of: 'manifest',
    is: { status: 429, headers: { 'retry-after': '17' } },
    status: 429,
    code: 'TOOMANYREQUESTS',
    retryAfter: '17',
    message: /come back later/,
  },
  {
    what: 'throttles without saying for how long',
    of: 'manifest',
    is: { status: 429 },
    status: 429,
    code: 'TOOMANYREQUESTS',
    retryAfter: '5',
    message: /come back later/,
  },
  {
    what: 'cuts a layer again and again',
    of: 'layer',
    is: { cutAfter: 1000 },
    message: /broke off after \d+ bytes/,
  },
  { what: 'sends another layer', of: 'layer', is: { corrupt: true }, message: /digest/ },
  {
    what: 'sends too much',
    of: 'layer',
    is: { append: Buffer.from('more') },
    message: /more than the \d+ bytes/,
  },
  { what: 'sends too little', of: 'layer', is: { body: 'less' }, message: /announced 4 bytes for the blob/ },
  {
    what: 'sends too little, unannounced',
    of: 'layer',
    is: { body: 'less', chunked: true },
    message: /ended after 4 of/,
  },
  {
    what: 'sends a web page for a layer',
    of: 'layer',
    is: { html: true },
    message: /a web page instead of content/,
  },
  {
    what: 'leads a layer to where clouds keep secrets',
    of: 'layer',
    is: { redirect: here },
    message: /link-local/,
  },
  { what: 'drips a layer', of: 'layer', is: { bytesPerSecond: 2000 }, message: /too slowly/ },
  {
    what: 'throttles a layer',
    of: 'layer',
    is: { status: 429, headers: { 'retry-after': '7' } },
    status: 429,
    code: 'TOOMANYREQUESTS',
    retryAfter: '7',
    message: /come back later/,
  },
];

describe('an upstream that', () => {
  it.each(rows.map((row, position) => [row.what, row, position] as const))(
    '%s',
    async (_what, row, position) => {
      const { of, is, status = 403, code = 'DENIED', retryAfter, message } = row;
      const image = debian('curl', '7.88-1', `${position}`, {
        layers: [{ files: [{ path: 'noise', content: noise(60_000 + position) }] }],
      });
      const tag = `row-${position}`;
      stage.upstream.put('team/app', tag, image);
      const layer = image.kind === 'image' ? (image.layers[1]?.digest ?? '') : '';
      const place = of === 'manifest' ? /\/manifests\/(?:row-|sha256)/ : `/v2/team/app/blobs/${layer}`;
      const release = stage.upstream.fault(place, is, { method: 'GET' });
      const answer = await stage.get(`team/app/manifests/${tag}`);
      expect(answer).toMatchObject({ status, code, message: expect.stringMatching(message) });
      if (retryAfter !== undefined) expect(answer.headers['retry-after']).toBe(retryAfter);
      const store = join(stage.pratique.dataDir, 'store');
      const [algorithm = '', hex = ''] = layer.split(':');
      expect(existsSync(join(store, 'blobs', algorithm, hex.slice(0, 2), hex))).toBe(false);
      for (let again = 0; again < 50 && readdirSync(join(store, 'tmp')).length > 0; again += 1)
        await sleep(100);
      expect(readdirSync(join(store, 'tmp'))).toEqual([]);
      release();
      // A failure is remembered for two seconds.
      let honest = await stage.pull('team/app', tag);
      for (let again = 0; again < 50 && honest.status !== 200; again += 1) {
        await sleep(200);
        honest = await stage.pull('team/app', tag);
      }
      expect(honest.status).toBe(200);
    },
  );

  it('cuts a layer once is taken at its word from there on', async () => {
    const image = debian('curl', '7.88-1', 'once', {
      layers: [{ files: [{ path: 'noise', content: noise(300_000) }] }],
    });
    stage.upstream.put('team/app', 'once', image);
    const layer = image.kind === 'image' ? (image.layers[1]?.digest ?? '') : '';
    stage.upstream.fault(`/v2/team/app/blobs/${layer}`, { cutAfter: 100_000 }, { times: 1, method: 'GET' });
    const resumed = async (): Promise<number> => {
      const { body } = await ask(stage.pratique.management, '/metrics');
      return Number(/pratique_upstream_resumed_total\{[^}]*\} (\d+)/.exec(body.toString())?.[1] ?? 0);
    };
    const before = await resumed();
    const pulled = await stage.pull('team/app', 'once');
    expect([pulled.status, pulled.status === 200 ? '' : pulled.message]).toEqual([200, '']);
    expect((await resumed()) - before).toBe(1);
    const metrics = await ask(stage.pratique.management, '/metrics');
    expect(metrics.body.toString()).toMatch(/pratique_upstream_received_bytes_total\{[^}]*\} \d{6}/);
  });

  it('has what is not to be had here is not asked for it', async () => {
    stage.upstream.forgetRequests();
    for (const path of [
      'manifests/clean',
      `manifests/${clean.manifest.digest}`,
      `blobs/${clean.config.digest}`,
      'tags/list',
    ]) {
      const answer = await stage.get(`secret/app/${path}`);
      expect(answer).toMatchObject({
        status: 403,
        code: 'DENIED',
        message: expect.stringMatching(/deny list names "secret\/\*\*"/),
      });
    }
    expect(stage.upstream.requests).toEqual([]);
  });
});

it('no more requests are in flight than the upstream may have, whichever threads make them', async () => {
  const images = Array.from({ length: 6 }, (_, each) =>
    debian('curl', '7.88-1', `many ${each}`, {
      layers: [{ files: [{ path: 'noise', content: noise(40_000 + each) }] }],
    }),
  );
  for (const [each, image] of images.entries()) stage.upstream.put('team/app', `many-${each}`, image);
  const release = stage.upstream.fault(/\/blobs\//, { delay: 150 }, { method: 'GET' });
  stage.upstream.forgetRequests();
  const pulls = await Promise.all(images.map((_, each) => stage.pull('team/app', `many-${each}`)));
  release();
  expect(pulls.map(({ status }) => status)).toEqual(images.map(() => 200));
  expect(stage.upstream.mostAtOnce()).toBe(2);
});

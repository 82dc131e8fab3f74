import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.ts';
import { type Built, buildIndex } from '../support/images.ts';
import { importFeeds } from '../support/pratique.ts';
import { type Answer, type Asking, ask } from './client.ts';
import { bad, blobsIn, clean, debian, laterFeeds, noise, openStage, type Stage } from './stage.ts';

/**
 * Every door by every way of asking, for everything that leads to a refused image. The numbers are those of
 * docs/ways-round.md.
 */

/** With a layer that no other image has, and something that makes an image look like none. */
const decoy = debian('openssl', '3.0.1-1', 'decoy', {
  layers: [
    {
      blob: Buffer.from('{"signature":""}'),
      diffId: bad.config.digest,
      mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    },
  ],
});
const embedded = debian('openssl', '3.0.1-1', 'embedded', {
  descriptors: { 0: { data: Buffer.from('other').toString('base64') } },
});
const elsewhere = debian('openssl', '3.0.1-1', 'elsewhere', {
  descriptors: { 0: { urls: ['https://layers.example/1'] } },
});
const slow = debian('curl', '7.88-1', 'slow', {
  layers: [{ files: [{ path: 'big', content: noise(50_000) }] }],
});
const inner = buildIndex([bad]);
const refused: Readonly<Record<string, Built>> = {
  bad,
  again: bad,
  nested: inner,
  deeper: buildIndex([bad], {
    manifest: {
      manifests: [
        {
          mediaType: inner.manifest.mediaType,
          digest: inner.manifest.digest,
          size: inner.manifest.bytes.length,
        },
      ],
    },
  }),
  decoy,
  embedded,
  elsewhere,
};
/** Clean until the advisories change. */
const turning = debian('curl', '7.88-1', 'turning', { layers: [{ files: [{ path: 'app', content: 't' }] }] });

const hub = 'hub.proxy.corp';
let stage: Stage;
let bound = '';
beforeAll(async () => {
  const ports = {
    registry: await freePort(),
    management: await freePort(),
    webhook: await freePort(),
    harborAdapter: await freePort(),
  };
  const own = await freePort();
  bound = `http://127.0.0.1:${own}`;
  const listen = Object.fromEntries(Object.entries(ports).map(([key, port]) => [key, `127.0.0.1:${port}`]));
  stage = await openStage({
    repositories: { 'team/app': { ...refused, turning, clean, slow }, 'team/other': { clean } },
    ports: { ...ports, gates: await freePort() },
    config: {
      gate: { hold: '1s' },
      listen: { ...listen, bound: [{ upstream: 'corp', at: `127.0.0.1:${own}`, hosts: [hub] }] },
    },
  });
});
afterAll(() => stage.close());

type Door = (path: string, asking?: Asking) => Promise<Answer>;
const doors: Readonly<Record<string, Door>> = {
  path: (path, asking) => ask(stage.pratique.registry, `/v2/corp/${path}`, asking),
  ns: (path, asking) => ask(stage.pratique.registry, `/v2/${path}?ns=registry.corp`, asking),
  host: (path, asking) =>
    ask(stage.pratique.registry, `/v2/${path}`, { ...asking, headers: { ...asking?.headers, Host: hub } }),
  port: (path, asking) => ask(bound, `/v2/${path}`, asking),
};
const askings = (digest: string): readonly Asking[] => [
  {},
  { method: 'HEAD' },
  { headers: { Range: 'bytes=0-3' } },
  { headers: { Range: 'bytes=-1' } },
  { headers: { 'If-None-Match': `"${digest}"` } },
  { method: 'HEAD', headers: { 'If-None-Match': '*' } },
  { headers: { 'User-Agent': 'containerd/2.3.4', Accept: '*/*' } },
  { headers: { Accept: 'application/octet-stream', 'Accept-Encoding': 'gzip' } },
];

/** Everything that leads to these images: manifests by tag and by digest, children, configs, layers. */
function placesOf(images: Readonly<Record<string, Built>>): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const [tag, built] of Object.entries(images)) {
    places.set(`manifests/${tag}`, built.manifest.digest);
    places.set(`manifests/${built.manifest.digest}`, built.manifest.digest);
    for (const blob of blobsIn(built)) places.set(`blobs/${blob}`, blob);
    for (const child of built.kind === 'index' ? built.children : []) {
      places.set(`manifests/${child.manifest.digest}`, child.manifest.digest);
    }
  }
  return places;
}

/** What was not refused, of all that was asked for. */
async function leaks(
  places: ReadonlyMap<string, string>,
  statuses: readonly number[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [door, through] of Object.entries(doors)) {
    for (const [place, digest] of places) {
      const asked = askings(digest);
      const answers = await Promise.all(asked.map((asking) => through(`team/app/${place}`, asking)));
      answers.forEach(({ status, headers }, index) => {
        const told = headers['content-type'] === 'application/json' || status === 429;
        if (!statuses.includes(status) || !told)
          found.push(`${door} ${place} ${JSON.stringify(asked[index])}: ${status}`);
      });
    }
  }
  return found;
}

describe('every door', () => {
  it('113: gives nothing of a refused image, however it is asked', async () => {
    const places = placesOf(refused);
    expect(places.size).toBeGreaterThan(15);
    expect(await leaks(places, [403])).toEqual([]);
  });

  it('113: nor of one whose repository has another that is served', async () => {
    expect((await stage.pull('team/app', 'clean')).status).toBe(200);
    expect(await leaks(placesOf({ bad, decoy }), [403])).toEqual([]);
  });

  it('114: gives nothing when a wait has ended, and serves when the inspection has', async () => {
    const layer = slow.layers[1]?.digest ?? '';
    const release = stage.upstream.fault(`/v2/team/app/blobs/${layer}`, { stall: 6000 });
    const early = await Promise.all(
      Object.values(doors).map((through) => through('team/app/manifests/slow')),
    );
    expect(early.map(({ status }) => status)).toEqual([429, 429, 429, 429]);
    const blobs = await Promise.all(
      Object.values(doors).map((through) => through(`team/app/blobs/${layer}`)),
    );
    expect(blobs.map(({ status }) => status)).toEqual([429, 429, 429, 429]);
    release();
    const late = async (): Promise<number> => (await doors.path?.('team/app/manifests/slow'))?.status ?? 0;
    for (let tries = 0; tries < 60 && (await late()) !== 200; tries += 1) await sleep(250);
    expect(await late()).toBe(200);
  });

  it('115: closes what was served before, when its verdict turns bad: cached, by tag and by digest, over a restart', async () => {
    for (const through of Object.values(doors)) {
      expect((await through('team/app/manifests/turning')).status).toBe(200);
      for (const blob of blobsIn(turning)) expect((await through(`team/app/blobs/${blob}`)).status).toBe(200);
    }
    await importFeeds(stage.dir, laterFeeds);
    const status = async (): Promise<number> => (await stage.head('team/app/manifests/turning')).status;
    for (let tries = 0; tries < 100 && (await status()) !== 403; tries += 1) await sleep(100);
    expect(await leaks(placesOf({ turning }), [403])).toEqual([]);
    await stage.restart('SIGKILL');
    expect(await leaks(placesOf({ turning }), [403])).toEqual([]);
    // Nobody is asked any more, and nothing is older news than the refusal.
    stage.upstream.fault(/./, { reset: true });
    expect(await leaks(placesOf({ turning }), [403, 429])).toEqual([]);
  });
});

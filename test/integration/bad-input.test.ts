import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Built, buildImage, debianRoot, sha256, writeTar } from '../support/images.ts';
import { importFeeds, runCli } from '../support/pratique.ts';
import type { Fault } from '../support/upstream.ts';
import { ask } from './client.ts';
import { clean, debian, feeds, openStage, reviewOf, type Stage } from './stage.ts';

/**
 * What a person is told of broken input: each names the thing, leaves nothing half-written, and opens no gate.
 * Configuration, ports and archives of advisories that are none: cli.test.ts and app/.
 */

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ repositories: { 'team/app': { clean } } });
  await stage.pull('team/app', 'clean');
});
afterAll(() => stage.close());

const root = debianRoot({ release: '12', packages: [{ name: 'curl', version: '7.88-1' }] });
const withManifest = (text: string): Built => {
  const image = debian('curl', '7.88-1', text);
  const bytes = Buffer.from(text);
  return { ...image, manifest: { ...image.manifest, bytes, digest: sha256(bytes) } };
};
/** A size field that says more than the archive holds. */
const lying = writeTar([
  ...root,
  { path: 'huge', content: 'x', patchHeader: (header) => header.write('77777777777\0', 124, 12, 'latin1') },
]);

interface Row {
  readonly what: string;
  readonly image: Built;
  /** Of which request, by what it asks for. */
  readonly fault?: { readonly of: 'manifest' | 'layer'; readonly is: Fault };
  readonly message: RegExp;
}
const rows: readonly Row[] = [
  {
    what: 'a manifest that is not JSON',
    image: withManifest('{"schemaVersion":2,'),
    message: /manifest.*is not JSON/,
  },
  {
    what: 'a manifest of neither shape',
    image: withManifest('{"schemaVersion":2}'),
    message: /neither "manifests" nor/,
  },
  {
    what: 'a manifest with a digest that is none',
    image: withManifest(clean.manifest.bytes.toString().replace(clean.config.digest, 'sha256:abc')),
    message: /config\.digest: "sha256:abc" is not a sha256/,
  },
  {
    what: 'a layer with the wrong digest',
    image: debian('curl', '7.88-1', 'wrong digest'),
    fault: { of: 'layer', is: { corrupt: true } },
    message: /sha256:[0-9a-f]{64}/,
  },
  {
    what: 'a layer that is cut',
    image: debian('curl', '7.88-1', 'cut'),
    fault: { of: 'layer', is: { cutAfter: 30 } },
    message: /corp.*broke off after \d+ bytes of the blob sha256:/,
  },
  {
    what: 'a layer that is not what diff_ids say',
    image: buildImage({ layers: [{ files: root, diffId: sha256('other') }] }),
    message: /layer sha256:.* unpacks to sha256:.*, but the config's diff_ids say sha256:/,
  },
  {
    what: 'a layer whose tar lies about a size',
    image: buildImage({ layers: [{ tar: lying }] }),
    message: /layer sha256:.* cannot be read/,
  },
  {
    what: 'a layer whose tar ends in the middle',
    image: buildImage({ layers: [{ tar: writeTar(root).subarray(0, 550) }] }),
    message: /layer sha256:.* cannot be read/,
  },
  {
    what: 'a layer that is no archive',
    image: buildImage({ layers: [{ blob: Buffer.from('hello'), diffId: sha256('hello') }] }),
    message: /layer sha256:.* is no tar archive/,
  },
];

/** What stays in the store's temporary folder once whatever else was on its way has landed. */
async function leftBehind(): Promise<readonly string[]> {
  const folder = join(stage.pratique.dataDir, 'store', 'tmp');
  for (let attempt = 0; attempt < 50 && readdirSync(folder).length > 0; attempt += 1) await sleep(100);
  return readdirSync(folder);
}

describe('an image', () => {
  it.each(rows.map((row, position) => [row.what, position] as const))('with %s', async (_what, position) => {
    const row = rows[position];
    if (row === undefined) throw new Error('no such row');
    const { image, fault } = row;
    const tag = `row-${position}`;
    stage.upstream.put('team/app', tag, image);
    const layer = image.kind === 'image' ? (image.layers[0]?.digest ?? '') : '';
    const release = stage.upstream.fault(`/v2/team/app/blobs/${layer}`, fault?.is ?? {});
    const answer = await stage.get(`team/app/manifests/${tag}`);
    expect(answer).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: expect.stringMatching(row.message),
    });
    expect((await stage.get(`team/app/blobs/${layer}`)).status).toBe(403);
    expect(await leftBehind()).toEqual([]);
    expect((await stage.get('team/app/manifests/clean')).status).toBe(200);
    release();
  });
});

it('an AdmissionReview without a request is told so', async () => {
  const { request: _request, ...without } = reviewOf('registry.corp/team/app:clean') as { request: object };
  expect(await stage.pratique.review(without)).toEqual({
    status: 400,
    body: expect.stringMatching(/request/),
  });
});

it('one broken advisory among good ones is counted and named; the good ones hold', async () => {
  const Debian = [...(feeds.Debian ?? []), '{"id":'];
  await importFeeds(stage.dir, { ...feeds, Debian });
  const { out } = await runCli(['advisories', 'status', '--data', stage.pratique.dataDir]);
  expect(out).toMatch(/Debian.*\b2\b.*\b1\b/);
  expect((await stage.get('team/app/manifests/clean')).status).toBe(200);
});

/** Last: the upstream does not come back. */
it('an upstream that cannot be reached is named, with what was found', async () => {
  await stage.upstream.close();
  // What it said of other tags before is served on (ADR 0025).
  const answer = await stage.get('team/app/manifests/never-asked-for');
  expect(answer).toMatchObject({
    status: 403,
    code: 'DENIED',
    message: expect.stringMatching(
      /upstream corp could not be reached at http:\/\/127\.0\.0\.1:\d+.*ECONNREFUSED/,
    ),
  });
  const list = await ask(stage.pratique.registry, '/v2/corp/team/app/tags/list');
  expect(list).toMatchObject({ status: 403, code: 'DENIED', message: expect.stringContaining('corp') });
});

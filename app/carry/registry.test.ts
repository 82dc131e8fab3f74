import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { buildImage, buildIndex, sha256 } from '../../test/support/images.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import {
  type Fault,
  startUpstream,
  type Upstream,
  type UpstreamOptions,
} from '../../test/support/upstream.ts';
import { artifactType, layerType } from './artifact.ts';
import { fetchExport } from './fetch.ts';
import { ociPlace } from './oci-place.ts';
import { type Packed, packAdvisories } from './pack.ts';
import { pushExport } from './registry.ts';
import { exportOfFile, makeAdvisories, revisionIn } from './samples.ts';

const dir = temporaryDirectory();
const file = join(dir, 'export.zst');
const quiet = () => undefined;
const me = { username: 'me', password: 'pw' };
let source = '';
let packed: Packed;
let upstream: Upstream;

beforeAll(async () => {
  source = makeAdvisories(join(dir, 'source'), { day: '2026-05-02' });
  packed = await packAdvisories(source, file);
});
afterEach(() => upstream.close());

async function start(options: UpstreamOptions = {}): Promise<Upstream> {
  upstream = await startUpstream(options);
  return upstream;
}
const placeOf = (rest: string, credentials: typeof me | null = null) =>
  ociPlace(`oci://${upstream.host}/${rest}`, {
    upstreams: [],
    env: { DOCKER_CONFIG: '/nowhere' },
    credentials,
    plainHttp: false,
  });
let sites = 0;
const emptySite = (): string => {
  sites += 1;
  return makeAdvisories(join(dir, `site-${sites}`), { day: '2026-01-01' });
};
const fetchTo = (site: string, rest: string, onlyChanged = false, credentials: typeof me | null = null) =>
  fetchExport(placeOf(rest, credentials), {
    file: site,
    swap: { keep: 3, by: 'hand' },
    older: false,
    now: Date.now,
    onDownload: quiet,
    onlyChanged,
  });

describe('an export in a registry', () => {
  const doors: readonly [what: string, options: UpstreamOptions][] = [
    ['anybody', {}],
    ['basic', { auth: { kind: 'basic', credentials: me } }],
    ['token', { auth: { kind: 'token', credentials: me } }],
  ];
  it.each(doors)('goes there and comes back, as it was: %s', async (_what, options) => {
    await start(options);
    const credentials = options.auth === undefined ? null : me;
    const digest = await pushExport(placeOf('corp/advisories:latest', credentials), file, packed, quiet);
    const site = emptySite();
    const fetched = await fetchTo(site, 'corp/advisories:latest', false, credentials);
    expect(fetched).toMatchObject({ digest, taken: { changed: true } });
    expect(revisionIn(site)).toBe(revisionIn(source));
    // By digest, and with what is pushed already left where it is.
    upstream.forgetRequests();
    expect(await pushExport(placeOf('corp/advisories:latest', credentials), file, packed, quiet)).toBe(
      digest,
    );
    expect(upstream.requests.filter(({ method }) => method === 'PATCH')).toEqual([]);
    await fetchTo(emptySite(), `corp/advisories@${digest}`, false, credentials);
  });

  it('is an artifact that says what it is', async () => {
    await start();
    const digest = await pushExport(placeOf('a:1'), file, packed, quiet);
    const answer = await fetch(`${upstream.url}/v2/a/manifests/1`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(sha256(bytes)).toBe(digest);
    expect(JSON.parse(bytes.toString())).toMatchObject({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', size: 2 },
      layers: [{ mediaType: layerType, digest: packed.digest, size: packed.bytes }],
      annotations: {
        'org.opencontainers.image.created': packed.header.created,
        'io.pratique.advisories.revision': packed.header.revision,
        'io.pratique.advisories.schema': String(packed.header.schemaVersion),
      },
    });
  });

  it('is fetched by the schedule when its tag means something else, and not before', async () => {
    await start();
    await pushExport(placeOf('a:latest'), file, packed, quiet);
    const site = emptySite();
    await fetchTo(site, 'a:latest', true);
    upstream.forgetRequests();
    expect(await fetchTo(site, 'a:latest', true)).toMatchObject({ taken: null });
    expect(upstream.count(/blobs/)).toBe(0);
    const next = makeAdvisories(join(dir, 'next'), { day: '2026-05-03' });
    const nextFile = join(dir, 'next.zst');
    const nextPacked = await packAdvisories(next, nextFile);
    await pushExport(placeOf('a:latest'), nextFile, nextPacked, quiet);
    expect(await fetchTo(site, 'a:latest', true)).toMatchObject({ taken: { changed: true } });
    expect(revisionIn(site)).toBe(revisionIn(next));
    // Somebody puts the old one back under the tag.
    await pushExport(placeOf('a:latest'), file, packed, quiet);
    await expect(fetchTo(site, 'a:latest', true)).rejects.toThrow(/older than what is in force/);
    expect(revisionIn(site)).toBe(revisionIn(next));
  });

  const layer = (blob: Uint8Array, mediaType = layerType) => ({ blob, diffId: sha256(blob), mediaType });
  const artifact = (layers: readonly ReturnType<typeof layer>[], manifest: object = { artifactType }) =>
    buildImage({
      layers,
      rawConfig: { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') },
      manifest: { ...manifest },
    });
  const image = buildImage({ layers: [{ files: [{ path: 'a', content: 'a' }] }] });
  const bytes = () => exportOfFile(source);
  const wrong: readonly [what: string, built: () => Parameters<Upstream['put']>[2], told: RegExp][] = [
    [
      'an image',
      () => image,
      /is no export of advisories: it is of type "application\/vnd\.oci\.image\.config/,
    ],
    ['an index', () => buildIndex([image]), /is an index/],
    ['two layers', () => artifact([layer(bytes()), layer(Buffer.from('x'))]), /no export/],
    ['no layer', () => artifact([]), /no export/],
    ['a layer of another type', () => artifact([layer(bytes(), 'text/plain')]), /no export/],
    [
      'another artifact',
      () => artifact([layer(bytes())], { artifactType: 'text/plain' }),
      /type "text\/plain"/,
    ],
    [
      'a layer from elsewhere',
      () =>
        buildImage({
          layers: [layer(bytes())],
          manifest: { artifactType },
          descriptors: { 0: { urls: ['http://127.0.0.1:1/'] } },
        }),
      /names other places/,
    ],
    [
      'a layer of another size',
      () =>
        buildImage({
          layers: [layer(bytes())],
          manifest: { artifactType },
          descriptors: { 0: { size: 100 } },
        }),
      /other bytes for the blob/,
    ],
    [
      'a layer without an end',
      () =>
        buildImage({
          layers: [layer(bytes())],
          manifest: { artifactType },
          descriptors: { 0: { size: 1e15 } },
        }),
      /where \d+ are allowed/,
    ],
    ['nothing in it', () => artifact([layer(Buffer.from('nothing'))]), /is no export of advisories/],
  ];
  it.each(wrong)('is refused where it is %s', async (_what, built, told) => {
    await start();
    upstream.put('a', '1', built());
    const site = emptySite();
    const before = revisionIn(site);
    await expect(fetchTo(site, 'a:1')).rejects.toThrow(told);
    expect(revisionIn(site)).toBe(before);
  });

  it('is refused where the registry gives other bytes than the manifest says, or breaks off', async () => {
    await start();
    await pushExport(placeOf('a:1'), file, packed, quiet);
    const site = emptySite();
    for (const [fault, told] of [
      [{ body: 'other' }, /no export|other bytes/],
      [{ corrupt: true }, /other bytes|sha256|cannot be unpacked/],
      [{ append: Buffer.from('x') }, /other bytes|cannot be unpacked/],
      // More often than it is gone on with.
      [{ cutAfter: 50 }, /broke off/],
    ] satisfies readonly [Fault, RegExp][]) {
      const end = upstream.fault(/blobs/, fault);
      await expect(fetchTo(site, 'a:1')).rejects.toThrow(told);
      end();
    }
    await fetchTo(site, 'a:1');
  });

  it.each([
    [{ status: 403 }, 'POST', /answered 403.*check the credentials/],
    [{ status: 413 }, 'PATCH', /did not take the blob \(413\)/],
    [{ status: 429 }, 'PUT', /come back later/],
    [{ status: 500 }, 'PATCH', /answered 500/],
  ])('is told of where the registry does not take it: %j', async (fault, method, told) => {
    await start();
    upstream.fault(/.*/, fault, { method });
    await expect(pushExport(placeOf('a:1'), file, packed, quiet)).rejects.toThrow(told);
  });

  it.each(['http://127.0.0.1:1/elsewhere', 'https://user@other.test/', 'http://'])(
    'goes on at the registry itself or not at all: %s',
    async (location) => {
      await start();
      upstream.fault(/uploads/, { headers: { location } }, { method: 'POST' });
      await expect(pushExport(placeOf('a:1'), file, packed, quiet)).rejects.toThrow(/not its own address/);
      expect(upstream.count(/uploads/, 'PATCH')).toBe(0);
    },
  );
});

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Built,
  type BuiltImage,
  buildImage,
  buildIndex,
  debianRoot,
  type ImageSpec,
  linuxArm64,
  npmPackages,
  sha256,
  writeTar,
} from '../support/images.ts';
import { admit, bad, clean, debian, openStage, type Stage } from './stage.ts';

/** Ways round the gate that lie in how an image is built. The numbers are those of docs/ways-round.md. */

const cosign = 'application/vnd.dev.cosign.simplesigning.v1+json';
const files = debianRoot({ release: '12', packages: [{ name: 'openssl', version: '3.0.1-1' }] });
const tar = writeTar(files);
const half = Math.floor(tar.length / 2);

/** The bad image with something changed. */
const badWith = (spec: Partial<ImageSpec>): BuiltImage => buildImage({ layers: [{ files }], ...spec });
const blobOf = (blob: Uint8Array, mediaType?: string): BuiltImage =>
  buildImage({ layers: [{ blob, diffId: sha256(tar), ...(mediaType === undefined ? {} : { mediaType }) }] });

/** The same image with other bytes for a manifest. */
function rewritten<Image extends Built>(image: Image, change: (text: string) => string): Image {
  const bytes = Buffer.from(change(image.manifest.bytes.toString()));
  return { ...image, manifest: { ...image.manifest, bytes, digest: sha256(bytes) } };
}

function configured(config: string | object): BuiltImage {
  const bytes = Buffer.from(typeof config === 'string' ? config : JSON.stringify(config));
  const mediaType = 'application/vnd.oci.image.config.v1+json';
  return badWith({ rawConfig: { mediaType, bytes } });
}
const diffIds = (...ids: string[]): object => ({
  os: 'linux',
  architecture: 'amd64',
  rootfs: { type: 'layers', diff_ids: ids },
});

const layersOf = (image: BuiltImage): string =>
  JSON.stringify((JSON.parse(image.manifest.bytes.toString()) as { layers: unknown }).layers);

const elsewhere = { os: 'linux', architecture: 'riscv64' };
/** An index whose second entry, the bad image, says something else of its platform. */
function indexSaying(platform: object | undefined): Built {
  const index = buildIndex([clean, bad]);
  return rewritten(index, (text) => {
    const content = JSON.parse(text) as { manifests: { platform?: object }[] };
    const entry = content.manifests[1];
    if (entry !== undefined) {
      delete entry.platform;
      if (platform !== undefined) entry.platform = platform;
    }
    return JSON.stringify(content);
  });
}

/** An index of an index and so on, `depth` of them, around an image. */
function nested(depth: number, image: BuiltImage): readonly Built[] {
  const levels: Built[] = [image];
  for (let level = 0; level < depth; level += 1) {
    const below = levels.at(-1) ?? image;
    levels.push(buildIndex([{ ...image, manifest: below.manifest }]));
  }
  return levels;
}

const tooLarge = badWith({ manifest: { annotations: { much: 'x'.repeat(4 * 1024 ** 2) } } });

/** Way, image, what the refusal says. */
const refused: readonly (readonly [string, Built, RegExp])[] = [
  [
    '13: every layer called a signature',
    badWith({ descriptors: { 0: { mediaType: cosign } } }),
    /CVE-2026-1001/,
  ],
  [
    '13: a signature beside the layer',
    badWith({ layers: [{ files }, { blob: Buffer.from('{}'), diffId: sha256('{}'), mediaType: cosign }] }),
    /no tar archive/,
  ],
  [
    '13: called an artifact, with a subject',
    badWith({
      manifest: {
        artifactType: 'application/vnd.example.sbom',
        subject: { mediaType: clean.manifest.mediaType, digest: clean.manifest.digest, size: 1 },
      },
    }),
    /CVE-2026-1001/,
  ],
  [
    '13: a layer said to be encrypted',
    badWith({ descriptors: { 0: { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted' } } }),
    /CVE-2026-1001/,
  ],
  [
    '13: a layer that is encrypted',
    blobOf(Buffer.from('neither tar nor gzip'), 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted'),
    /no tar archive|cannot be read/,
  ],
  ['14: image and index at once', badWith({ manifest: { manifests: [] } }), /image and an index at once/],
  [
    '14: an index with the layers of another',
    rewritten(buildIndex([clean]), (text) =>
      text.replace('"manifests"', `"layers":${layersOf(bad)},"manifests"`),
    ),
    /no "config"|image and an index/,
  ],
  [
    '15: content from elsewhere (urls)',
    badWith({ descriptors: { 0: { urls: ['http://127.0.0.1:1/layer'] } } }),
    /other places to fetch it from/,
  ],
  [
    '15: a foreign layer',
    badWith({
      descriptors: { 0: { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' } },
    }),
    /comes from elsewhere/,
  ],
  [
    '15: other content embedded (data)',
    rewritten(clean, (text) =>
      text.replace('"config":{', `"config":{"data":${JSON.stringify(bad.config.bytes.toString('base64'))},`),
    ),
    /other content embedded/,
  ],
  [
    '16: a key twice',
    rewritten(clean, (text) => text.replace('"layers"', `"layers":${layersOf(bad)},"layers"`)),
    /twice/,
  ],
  [
    '16: a key in two spellings',
    rewritten(clean, (text) => text.replace('"layers"', `"Layers":${layersOf(bad)},"layers"`)),
    /twice|spells/,
  ],
  [
    '16: a key of the config in two spellings',
    configured(JSON.stringify(diffIds(sha256(tar))).replace('"rootfs"', '"Rootfs":{"diff_ids":[]},"rootfs"')),
    /config cannot be read/,
  ],
  ['17: another layer’s diff_id', configured(diffIds(sha256('other'))), /unpacks to .* diff_ids say/],
  ['17: too few diff_ids', configured(diffIds()), /0 diff_ids for 1 layers/],
  ['17: too many diff_ids', configured(diffIds(sha256(tar), sha256(tar))), /2 diff_ids for 1 layers/],
  ['17: no diff_ids', configured({ os: 'linux', architecture: 'amd64' }), /no image config/],
  ['17: an empty config', configured('{}'), /no image config/],
  ['17: a config that is no JSON', configured('not JSON'), /config cannot be read/],
  [
    '18: packages in a second gzip member',
    blobOf(Buffer.concat([gzipSync(tar.subarray(0, half)), gzipSync(tar.subarray(half))])),
    /CVE-2026-1001/,
  ],
  [
    '18: bytes behind the gzip stream',
    blobOf(Buffer.concat([gzipSync(tar), Buffer.from('more')])),
    /cannot be read/,
  ],
  ['19: packed with zstd', badWith({ layers: [{ files, compression: 'zstd' }] }), /CVE-2026-1001/],
  [
    '19: packed, and called plain',
    blobOf(gzipSync(tar), 'application/vnd.oci.image.layer.v1.tar'),
    /CVE-2026-1001/,
  ],
  [
    '19: plain, and called packed',
    badWith({
      layers: [{ files, compression: 'none' }],
      descriptors: { 0: { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' } },
    }),
    /CVE-2026-1001/,
  ],
  [
    '20: the package list taken away',
    badWith({ layers: [{ files }, { files: [{ path: 'var/lib/dpkg/.wh.status' }] }] }),
    /package/,
  ],
  [
    '20: the folder of the package list made opaque',
    badWith({ layers: [{ files }, { files: [{ path: 'var/lib/dpkg/.wh..wh..opq' }] }] }),
    /package/,
  ],
  [
    '20: the release file taken away',
    badWith({ layers: [{ files }, { files: [{ path: 'etc/.wh.os-release' }] }] }),
    /os-release|advisories cover/,
  ],
  [
    '20: both taken away, so that programs seem to lie on an empty root',
    badWith({
      layers: [
        { files: [...files, { path: 'lib/libc.so.6', content: '\x7fELF\x02\x01\x01\0' }] },
        {
          files: [
            { path: 'etc/.wh.os-release', content: '' },
            { path: 'var/lib/.wh.dpkg', content: '' },
            ...npmPackages([{ name: 'a', version: '1.0.0' }]),
          ],
        },
      ],
    }),
    /no os-release was found/,
  ],
  ['21: a manifest of more than 4 MiB', tooLarge, /4194304 bytes/],
  ['22: five indexes around it', nested(5, clean).at(-1) ?? clean, /deeper than 4/],
  ['22: three indexes around a bad one', nested(3, bad).at(-1) ?? bad, /CVE-2026-1001/],
];

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    repositories: { 'team/app': { clean, bad } },
    // So that what is wrongly told to be no image is seen to be let through.
    policy: `
version: 1
name: artifacts are wanted
rules: [{ id: critical, action: deny, when: { severity: { atLeast: critical, unknown: false } } }]
artifacts: allow
`,
  });
  for (const [position, [, image]] of refused.entries())
    stage.upstream.put('team/app', `way-${position}`, image);
  for (const level of [...nested(5, clean), ...nested(3, bad)]) stage.upstream.put('team/app', null, level);
});
afterAll(() => stage.close());

describe('an image that is built to deceive', () => {
  it.each(refused.map(([way], position) => [way, position] as const))('%s', async (_way, position) => {
    const image = refused[position]?.[1] ?? clean;
    const answer = await stage.get(`team/app/manifests/way-${position}`);
    expect(answer).toMatchObject({
      status: 403,
      message: expect.stringMatching(refused[position]?.[2] ?? /never/),
    });
    expect((await stage.head(`team/app/manifests/${image.manifest.digest}`)).status).toBe(403);
    expect(stage.pratique.child.exitCode).toBeNull();
  });

  it('is told from one that is just nested', async () => {
    const reference = nested(3, clean).at(-1)?.manifest.digest;
    expect((await stage.get(`team/app/manifests/${reference}`)).status).toBe(200);
  });

  it('22: indexes that name more than a thousand manifests together', async () => {
    const riscv = debian('curl', '7.88-1', 'riscv', { platform: { ...elsewhere, variant: null } });
    const inner = Array.from({ length: 4 }, (_, index) =>
      buildIndex(Array.from({ length: 300 - index }, () => riscv)),
    );
    for (const index of inner) stage.upstream.put('team/app', null, index);
    const outer = buildIndex(inner.map((index) => ({ ...clean, manifest: index.manifest })));
    stage.upstream.put('team/app', 'many', outer);
    const answer = await stage.get('team/app/manifests/many');
    expect(answer).toMatchObject({
      status: 403,
      message: expect.stringContaining('more than 1000 manifests'),
    });
  });

  it.each([
    ['23: says nothing of its platform', undefined],
    ['23: says half of it', { os: 'linux', architecture: '' }],
    ['24: spells it as runtimes do not', { os: 'linux', architecture: 'x86_64' }],
    ['24: says another platform', { os: 'linux', architecture: 'arm64' }],
  ])('an index entry that %s', async (_way, platform) => {
    const index = indexSaying(platform);
    stage.upstream.put('team/app', 'index', index);
    expect((await stage.get(`team/app/manifests/${bad.manifest.digest}`)).status).toBe(403);
    const { allowed, message } = await admit(stage, `registry.corp/team/app@${index.manifest.digest}`);
    expect([allowed, message]).toEqual([false, expect.stringContaining('CVE-2026-1001')]);
  });

  it('24: an index entry that says it is for nobody: its digest is refused all the same', async () => {
    stage.upstream.put('team/app', 'index', indexSaying(elsewhere));
    expect((await stage.get('team/app/manifests/index')).status).toBe(200);
    expect((await stage.get(`team/app/manifests/${bad.manifest.digest}`)).status).toBe(403);
  });

  it('24: a 32-bit image, which a 64-bit node runs where there is no other', async () => {
    const old = debian('openssl', '3.0.1-1', 'old', {
      platform: { os: 'linux', architecture: '386', variant: null },
    });
    const arm = debian('curl', '7.88-1', 'arm', { platform: linuxArm64 });
    const index = buildIndex([arm, old]);
    stage.upstream.put('team/app', '32-bit', index);
    const { allowed, message } = await admit(stage, 'registry.corp/team/app:32-bit');
    expect([allowed, message]).toEqual([false, expect.stringContaining('CVE-2026-1001')]);
  });
});

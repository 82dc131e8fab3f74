import { describe, expect, it } from '@jest/globals';
import { buildImage, buildIndex, linuxArm64, sha256, sha512 } from '../test/support/images.ts';
import {
  blobsOf,
  childLimit,
  layerLimit,
  manifestLimit,
  parseImageConfig,
  parseManifest,
} from './manifest.ts';
import { dockerListType, dockerManifestType, ociIndexType, ociManifestType } from './media-types.ts';

const content = Buffer.from('{}');
const descriptor = {
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
  digest: sha256(content),
  size: 2,
};
const image = { schemaVersion: 2, mediaType: ociManifestType, config: descriptor, layers: [descriptor] };
const index = { schemaVersion: 2, mediaType: ociIndexType, manifests: [descriptor] };
const parse = (value: unknown, contentType: string | null = null) =>
  parseManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), contentType);

describe('what is read', () => {
  it.each(['oci', 'docker'] as const)('an image in the %s dialect', (dialect) => {
    const built = buildImage({ dialect, layers: [{ files: [] }, { files: [], compression: 'zstd' }] });
    const manifest = parseManifest(built.manifest.bytes, `${built.manifest.mediaType}; charset=utf-8`);
    expect(manifest).toMatchObject({
      kind: 'image',
      mediaType: built.manifest.mediaType,
      hazards: [],
      subject: null,
      config: { digest: built.config.digest, size: built.config.bytes.length },
      layers: built.layers.map(({ digest, mediaType, bytes }) => ({ digest, mediaType, size: bytes.length })),
    });
    expect(blobsOf(manifest).map(({ digest }) => digest)).toEqual([...built.blobs.keys()]);
  });

  it.each(['oci', 'docker'] as const)('an index in the %s dialect', (dialect) => {
    const children = [
      buildImage({ dialect, layers: [] }),
      buildImage({ dialect, layers: [], platform: { ...linuxArm64, variant: 'v8' } }),
    ];
    const built = buildIndex(children, { dialect });
    const manifest = parseManifest(built.manifest.bytes, built.manifest.mediaType);
    expect(manifest).toMatchObject({
      kind: 'index',
      hazards: [],
      manifests: [
        {
          digest: children[0]?.manifest.digest,
          platform: { os: 'linux', architecture: 'amd64', variant: null },
        },
        { digest: children[1]?.manifest.digest, platform: { architecture: 'arm64', variant: 'v8' } },
      ],
    });
    expect(blobsOf(manifest)).toEqual([]);
  });

  it.each([
    [
      'no mediaType, and a Content-Type',
      { ...image, mediaType: undefined },
      dockerManifestType,
      dockerManifestType,
    ],
    ['neither', { ...image, mediaType: undefined }, null, ociManifestType],
    ['neither, an index', { ...index, mediaType: undefined }, 'application/json', ociIndexType],
    ['no layers at all', { ...image, layers: [] }, null, ociManifestType],
    ['null for no layers, as Go writes it', { ...image, layers: null }, null, ociManifestType],
    ['empty urls', { ...image, layers: [{ ...descriptor, urls: [] }] }, null, ociManifestType],
    [
      'right data',
      { ...image, config: { ...descriptor, data: content.toString('base64') } },
      null,
      ociManifestType,
    ],
    [
      'free keys in annotations',
      { ...image, annotations: { a: '1', A: '2', Layers: 'x' } },
      null,
      ociManifestType,
    ],
  ])('%s', (_what, value, contentType, mediaType) => {
    expect(parse(value, contentType)).toMatchObject({ hazards: [], mediaType });
  });

  it('the subject', () => {
    expect(parse({ ...image, subject: descriptor }).subject).toBe(descriptor.digest);
  });

  it('a blob that is named twice, once', () => {
    expect(blobsOf(parse({ ...image, layers: [descriptor, descriptor] }))).toHaveLength(1);
  });
});

describe('what is read, but must not be judged', () => {
  const withLayer = (fields: object) => ({ ...image, layers: [{ ...descriptor, ...fields }] });
  it.each([
    ['an image with an empty "manifests"', { ...image, manifests: [] }, null, 'image and an index'],
    ['an image with "manifests": null', { ...image, manifests: null }, null, 'image and an index'],
    ['an index with a config', { ...index, config: descriptor, layers: [] }, null, 'image and an index'],
    ['an image that says it is an index', { ...image, mediaType: ociIndexType }, null, 'says of itself'],
    [
      'an index that says it is an image',
      { ...index, mediaType: dockerManifestType },
      null,
      'says of itself',
    ],
    ['an image of an unknown type', { ...image, mediaType: 'text/plain' }, null, 'says of itself'],
    ['a layer from elsewhere', withLayer({ urls: ['https://x.example/l'] }), null, 'urls'],
    ['a config from elsewhere', { ...image, config: { ...descriptor, urls: ['x'] } }, null, 'urls'],
    [
      'a child that is embedded, though rightly',
      { ...index, manifests: [{ ...descriptor, data: content.toString('base64') }] },
      null,
      'embedded in its index',
    ],
    ['a subject from elsewhere', { ...index, subject: { ...descriptor, urls: ['x'] } }, null, 'urls'],
    ['a child from elsewhere', { ...index, manifests: [{ ...descriptor, urls: ['x'] }] }, null, 'urls'],
    [
      'a foreign layer',
      withLayer({ mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }),
      null,
      'elsewhere',
    ],
    [
      'a layer that may not be distributed',
      withLayer({ mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip' }),
      null,
      'elsewhere',
    ],
    ['other content embedded', withLayer({ data: Buffer.from('[]').toString('base64') }), null, 'embedded'],
    ['more content embedded', withLayer({ data: Buffer.from('{} ').toString('base64') }), null, 'embedded'],
    ['embedded content with a line break', withLayer({ data: 'e3\n0=' }), null, 'embedded'],
    ['nothing embedded', withLayer({ data: '' }), null, 'embedded'],
  ])('%s', (_what, value, contentType, words) => {
    const { hazards } = parse(value, contentType);
    expect(hazards.join('\n')).toContain(words);
  });
});

describe('what is refused', () => {
  const text = JSON.stringify(image);
  it.each([
    ['not JSON', 'hello', 'not JSON'],
    ['a byte order mark', `\uFEFF${text}`, 'not JSON'],
    ['something after it', `${text} {}`, 'not JSON'],
    ['a list', '[]', 'it: '],
    ['nothing in it', { schemaVersion: 2 }, 'neither'],
    ['null for both', { schemaVersion: 2, config: null }, 'neither'],
    ['layers alone', { schemaVersion: 2, layers: [] }, 'no "config"'],
    ['a config alone', { schemaVersion: 2, config: descriptor }, 'no "layers"'],
    ['schema 1', { schemaVersion: 1, fsLayers: [] }, 'schema 1'],
    ['schema 1 with layers', { ...image, fsLayers: [] }, 'schema 1'],
    ['schema 3', { ...image, schemaVersion: 3 }, 'schemaVersion'],
    ['a digest of another kind', { ...image, config: { ...descriptor, digest: 'md5:abc' } }, 'config.digest'],
    ['a negative size', { ...image, layers: [{ ...descriptor, size: -1 }] }, 'layers.0.size'],
    ['half a byte', { ...image, layers: [{ ...descriptor, size: 0.5 }] }, 'layers.0.size'],
    ['a size beyond whole numbers', text.replace('"size":2', '"size":1e300'), 'size'],
    ['a size that is a text', { ...image, layers: [{ ...descriptor, size: '2' }] }, 'layers.0.size'],
    ['layers twice', text.replace('{', '{"layers":[],'), 'twice'],
    ['layers twice, escaped', text.replace('{', '{"l\\u0061yers":[],'), 'twice'],
    ['layers twice, in another case', text.replace('{', '{"Layers":[],'), 'spells "layers"'],
    ['layers twice, with a long s', text.replace('{', '{"layerſ":[],'), 'spells "layers"'],
    ['only in another case', { ...index, Layers: [], Config: descriptor }, 'spells "layers"'],
    ['urls in another case', { ...image, layers: [{ ...descriptor, URLs: ['x'] }] }, 'spells "urls"'],
    ['a digest twice', text.replace('"size"', '"digest":"x","size"'), 'twice'],
    ['brackets without end', '['.repeat(100_000), 'deeper'],
    ['objects without end', '{"a":'.repeat(100_000), 'deeper'],
  ])('%s', (_what, value, words) => {
    expect(() => parse(value)).toThrow(words);
    expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'manifest-invalid' }));
  });

  it.each([
    ['an image announced as an index', image, dockerListType],
    ['an index announced as an image', index, `${ociManifestType};x=y`],
  ])('%s', (_what, value, contentType) => {
    expect(() => parse(value, contentType)).toThrow('announced');
    expect(() => parse(value, contentType)).toThrow(expect.objectContaining({ code: 'manifest-invalid' }));
  });

  it('what is not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(() => parseManifest(bytes, null)).toThrow('not UTF-8');
  });

  it('schema 1 by its Content-Type', () => {
    const type = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
    expect(() => parse(image, type)).toThrow('schema 1');
  });

  it.each([
    [
      'layers',
      { ...image, layers: Array.from({ length: layerLimit + 1 }, () => descriptor) },
      'limit-exceeded',
    ],
    [
      'children',
      { ...index, manifests: Array.from({ length: childLimit + 1 }, () => descriptor) },
      'limit-exceeded',
    ],
    ['bytes', ' '.repeat(manifestLimit + 1), 'manifest-too-large'],
  ])('too many %s', (_what, value, code) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code }));
  });

  it('no key reaches the prototype', () => {
    const manifest = parse(`{"__proto__":{"hazards":["x"]},${JSON.stringify(image).slice(1)}`);
    expect(manifest.hazards).toEqual([]);
    expect(Object.getPrototypeOf(manifest)).toBe(Object.prototype);
  });
});

describe('parseImageConfig', () => {
  const diffId = sha256('x');
  const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [diffId] } };
  const read = (value: unknown) =>
    parseImageConfig(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

  it('reads what will run', () => {
    const built = buildImage({
      layers: [{ files: [] }],
      config: {
        User: '1000',
        Labels: { a: 'b', A: 'c' },
        Env: ['PATH=/bin'],
        ExposedPorts: { '22/tcp': {} },
        Healthcheck: { Test: ['CMD', 'true'] },
      },
    });
    expect(parseImageConfig(built.config.bytes)).toMatchObject({
      platform: { os: 'linux', architecture: 'amd64', variant: null },
      created: '2026-01-01T00:00:00Z',
      user: '1000',
      labels: { a: 'b', A: 'c' },
      exposedPorts: ['22/tcp'],
      healthcheck: true,
      diffIds: [built.layers[0]?.diffId],
    });
  });

  it.each([
    ['the least', { rootfs: { diff_ids: [] } }, { user: null, created: null, diffIds: [] }],
    ['sha512', { ...config, rootfs: { diff_ids: [sha512('x')] } }, { diffIds: [sha512('x')] }],
    [
      'an empty platform, as signatures have',
      { ...config, os: '' },
      { platform: { os: '', architecture: 'amd64' } },
    ],
    ...[undefined, null, {}, 'x', { Test: null }, { Test: [] }, { Test: ['NONE'] }, { Test: 'x' }].map(
      (Healthcheck): [string, object, object] => [
        `no health check: ${JSON.stringify(Healthcheck)}`,
        { ...config, config: { Healthcheck } },
        { healthcheck: false, exposedPorts: [] },
      ],
    ),
    [
      'nulls, as Go writes them',
      { ...config, config: { User: null, Labels: null } },
      { user: null, labels: {} },
    ],
    [
      'history with keys of its own',
      { ...config, history: [{ Created: 1, created: 2 }] },
      { diffIds: [diffId] },
    ],
  ])('takes %s', (_what, value, expected) => {
    expect(read(value)).toMatchObject(expected);
  });

  it.each([
    ['an empty object', {}],
    ['a chart', { name: 'chart', version: '1.0.0' }],
    ['a rootfs without diff_ids', { rootfs: { type: 'layers' } }],
    ['a text', '"hello"'],
    ['null', 'null'],
  ])('%s is no image config', (_what, value) => {
    expect(read(value)).toBeNull();
  });

  it.each([
    ['not JSON', 'hello'],
    ['diff_ids that are no digests', { rootfs: { diff_ids: ['x'] } }],
    ['two rootfs', JSON.stringify(config).replace('{', '{"rootfs":{"diff_ids":[]},')],
    ['a rootfs in another case', { Rootfs: config.rootfs }],
    ['a label that is no text', { ...config, config: { Labels: { a: 1 } } }],
    ['a user in another case', { ...config, config: { USER: 'root', User: 'x' } }],
    ['too many layers', { rootfs: { diff_ids: Array.from({ length: 513 }, () => diffId) } }],
  ])('refuses %s', (_what, value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ code: 'image-config-invalid' }));
  });

  it('keeps a label named __proto__ a label', () => {
    const labels = read(
      JSON.stringify(config).replace('{', '{"config":{"Labels":{"__proto__":"x"}},'),
    )?.labels;
    expect(Object.entries(labels ?? {})).toEqual([['__proto__', 'x']]);
  });
});

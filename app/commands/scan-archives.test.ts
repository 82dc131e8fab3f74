import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { compress as zstdCompress } from 'zstd-napi';
import { dockerArchive, ociArchive, withOtherLayer } from '../../test/support/archives.ts';
import { recordConsole } from '../../test/support/console.ts';
import {
  buildImage,
  buildIndex,
  type Compression,
  debianRoot,
  linuxArm64,
  type TarEntry,
  writeTar,
} from '../../test/support/images.ts';
import { osvRecord, writeOsvDirectory } from '../../test/support/osv.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { updateAdvisories } from './advisories-update.ts';
import { runCommandLine } from './program.ts';

const dir = temporaryDirectory();
const data = join(dir, 'data');
const clean = debianRoot({ release: '12', packages: [{ name: 'openssl', version: '3.0.15-1' }] });
const bad = debianRoot({ release: '12', packages: [{ name: 'openssl', version: '3.0.1-1' }] });
const filler: TarEntry[] = [{ path: 'usr/share/filler', content: 'x'.repeat(100_000) }];
/** Of one layer: further ones are read in threads, which only the built program has. */
const image = (files: readonly TarEntry[], compression: Compression = 'none', arm = false) =>
  buildImage({
    layers: [{ files: [...filler, ...files], compression }],
    ...(arm ? { platform: linuxArm64 } : {}),
  });
/** Of two, for compressed archives, whose layers are read one after the other. */
const layered = (files: readonly TarEntry[], compression: Compression = 'none') =>
  buildImage({
    layers: [
      { files, compression },
      { files: filler, compression },
    ],
  });

async function scan(target: string, ...flags: string[]) {
  const console = recordConsole();
  const place = target.replaceAll('DIR', dir);
  const code = await runCommandLine(['scan', place, '--data', data, ...flags], {
    console,
    env: {},
    stopped: () => Promise.resolve('test'),
  });
  return { code, output: console.output(), errors: console.errors() };
}

const put = (name: string, bytes: Uint8Array): void => writeFileSync(join(dir, name), bytes);
const one = (files: readonly TarEntry[], compression: Compression = 'none') => [
  { image: image(files, compression), tags: ['corp/app:1'] },
];
const two = [
  { image: image(clean), tags: ['docker.io/library/app:clean', 'app:good'] },
  { image: image(bad), tags: ['registry.corp:5000/app:bad'] },
];

beforeAll(async () => {
  await writeOsvDirectory(join(dir, 'osv'), {
    Debian: [
      osvRecord({
        id: 'DEBIAN-CVE-2099-1',
        ecosystem: 'Debian:12',
        package: 'openssl',
        fixed: '3.0.15-1',
        cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
        upstream: ['CVE-2099-1'],
      }),
    ],
    kev: [{ cveID: 'CVE-2099-9', dateAdded: '2026-01-01' }],
  });
  const sources = { file: null, data, env: {} };
  await updateAdvisories({ from: join(dir, 'osv'), kev: null, sources }, recordConsole());
  put('old.tar', dockerArchive(one(bad)));
  put('new.tar', dockerArchive(one(bad), 'new'));
  put('packed-layers.tar', dockerArchive(one(bad, 'gzip'), 'new'));
  put('old.tar.gz', gzipSync(dockerArchive([{ image: layered(bad), tags: [] }])));
  put('old.tar.zst', zstdCompress(dockerArchive([{ image: layered(bad, 'gzip'), tags: [] }], 'new')));
  put('two.tar', dockerArchive(two));
  put('a:b.tar', dockerArchive(two));
  put('oci.tar', ociArchive({ clean: image(clean, 'gzip'), 'corp/app:bad': image(bad, 'gzip') }));
  put(
    'oci.tar.gz',
    gzipSync(ociArchive({ latest: buildIndex([image(clean, 'gzip'), image(bad, 'zstd', true)]) })),
  );
});

describe('archives of images', () => {
  it.each<[target: string, code: number, told: RegExp]>([
    ['docker-archive:DIR/old.tar', 1, /critical +CVE-2099-1 +openssl +3\.0\.1-1 +3\.0\.15-1/],
    ['docker-archive:DIR/old.tar:corp/app:1', 1, /verdict: fail/],
    ['docker-archive:DIR/new.tar', 1, /verdict: fail/],
    ['docker-archive:DIR/new.tar:1', 1, /verdict: fail/],
    ['docker-archive:DIR/packed-layers.tar', 1, /verdict: fail/],
    ['docker-archive:DIR/old.tar.gz', 1, /verdict: fail/],
    ['docker-archive:DIR/old.tar.zst', 1, /verdict: fail/],
    ['docker-archive:DIR/two.tar:clean', 0, /verdict: pass/],
    ['docker-archive:DIR/two.tar:app:clean', 0, /verdict: pass/],
    ['docker-archive:DIR/two.tar:library/app:clean', 0, /verdict: pass/],
    ['docker-archive:DIR/two.tar:app:good', 0, /verdict: pass/],
    ['docker-archive:DIR/two.tar:@0', 0, /verdict: pass/],
    ['docker-archive:DIR/two.tar:registry.corp:5000/app:bad', 1, /verdict: fail/],
    ['docker-archive:DIR/a:b.tar:good', 0, /verdict: pass/],
    ['oci-archive:DIR/oci.tar:clean', 0, /verdict: pass/],
    ['oci-archive:DIR/oci.tar:corp/app:bad', 1, /verdict: fail/],
    ['oci-archive:DIR/new.tar:corp/app:1', 1, /verdict: fail/],
    ['oci-archive:DIR/oci.tar.gz', 1, /verdict: fail[\s\S]*verdict: pass/],
  ])('%s ends with %d', async (target, code, told) => {
    const result = await scan(target);
    expect(result.errors).toBe('');
    expect(result.code).toBe(code);
    expect(result.output).toMatch(told);
  });

  it('have no digest where nobody has made a manifest, and that of the manifest where one is there', async () => {
    const digestOf = async (target: string): Promise<unknown> =>
      (JSON.parse((await scan(target, '--format', 'json')).output) as { image: { digest: unknown } }).image
        .digest;
    expect(await digestOf('docker-archive:DIR/new.tar')).toBeNull();
    expect(await digestOf('oci-archive:DIR/new.tar')).toBe(image(bad).manifest.digest);
  });

  it('take one platform of an index', async () => {
    expect((await scan('oci-archive:DIR/oci.tar.gz', '--platform', 'linux/amd64')).code).toBe(0);
  });

  it('have layers that links lead to', async () => {
    const built = layered(bad);
    const name = (at: number): string => `${built.layers[at]?.digest.slice(7) ?? ''}/layer.tar`;
    const layers = ['first/layer.tar', 'second/layer.tar'];
    put(
      'links.tar.gz',
      gzipSync(
        dockerArchive([{ image: built, tags: [], layers }], 'old', [
          { path: 'first/layer.tar', link: `../${name(0)}` },
          { path: 'second/layer.tar', link: name(1), type: 'hardlink' },
        ]),
      ),
    );
    expect((await scan('docker-archive:DIR/links.tar.gz')).code).toBe(1);
  });

  it('cannot be judged where a layer is not what the config says', async () => {
    const other = withOtherLayer(image(clean), writeTar([{ path: 'other', content: 'x' }]));
    put('other.tar', dockerArchive([{ image: other, tags: [] }]));
    const { code, output } = await scan('docker-archive:DIR/other.tar');
    expect(code).toBe(3);
    expect(output).toMatch(/unpacks to sha256:[0-9a-f]{64}, but the config's diff_ids say/);
  });

  it('are wrong where a blob is not what its digest says', async () => {
    // Not scanned before: what was once found under a digest is not read again.
    const built = image([...clean, { path: 'new', content: 'new' }], 'gzip');
    const blobs = new Map([...built.blobs].map(([digest, bytes]) => [digest, Buffer.from(bytes)]));
    const last = built.layers[0]?.digest;
    const bytes = last === undefined ? undefined : blobs.get(last);
    if (bytes === undefined) throw new Error('no layer');
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    put('wrong.tar', ociArchive({ latest: { ...built, blobs } }));
    const { code, errors } = await scan('oci-archive:DIR/wrong.tar');
    expect(code).toBe(3);
    expect(errors).toContain('has other content');
  });
});

describe('an archive that is none, or lies', () => {
  const manifest = (value: unknown): TarEntry => ({ path: 'manifest.json', content: JSON.stringify(value) });
  const good = { Config: 'c.json', RepoTags: null, Layers: [] };
  const config: TarEntry = { path: 'c.json', content: '{"rootfs":{"diff_ids":[]}}' };
  const rows: readonly [what: string, bytes: () => Uint8Array, told: RegExp][] = [
    ['nothing', () => Buffer.alloc(0), /ends inside a header/],
    ['no archive', () => Buffer.alloc(5000, 'x'), /is no tar archive/],
    ['another compression', () => Buffer.from('BZh91AY&SY0000000000'), /compressed with bzip2/],
    ['broken gzip', () => gzipSync(dockerArchive(one(bad))).subarray(0, -100), /gzip stream is broken/],
    [
      'no manifest.json',
      () => writeTar([config]),
      /has no manifest\.json; it is no archive that docker save/,
    ],
    ['an OCI archive', () => ociArchive({ a: image(clean) }), /it is an OCI archive: oci-archive:/],
    [
      'one of a very old Docker',
      () => writeTar([{ path: 'repositories', content: '{}' }]),
      /older than 1\.10/,
    ],
    [
      'no JSON',
      () => writeTar([{ path: 'manifest.json', content: 'x' }]),
      /its manifest\.json: it is not JSON/,
    ],
    ['no list', () => writeTar([manifest({})]), /its manifest\.json/],
    [
      'a manifest of another spelling',
      () => writeTar([manifest([{ ...good, layers: [] }])]),
      /manifest\.json/,
    ],
    [
      'two manifests',
      () => writeTar([config, manifest([good]), manifest([good])]),
      /has "manifest\.json" twice/,
    ],
    ['no image', () => writeTar([manifest([])]), /holds 0 images/],
    ['a config that is not there', () => writeTar([manifest([good])]), /has no "c\.json"/],
    [
      'a layer that is not there',
      () => writeTar([config, manifest([{ ...good, Layers: ['a/layer.tar'] }])]),
      /names 0 diff_ids for 1 layers/,
    ],
    [
      'a path that climbs',
      () => writeTar([config, { path: 'a/../../etc/x', content: 'x' }]),
      /would lie outside/,
    ],
    [
      'a link that climbs',
      () => writeTar([{ path: 'c.json', link: '../../c.json' }, manifest([good])]),
      /leads out of the archive/,
    ],
    [
      'links in a circle',
      () => writeTar([{ path: 'c.json', link: 'd' }, { path: 'd', link: 'c.json' }, manifest([good])]),
      /link to a link/,
    ],
    [
      'a device',
      () => writeTar([{ path: 'c.json', type: 'character-device' }, manifest([good])]),
      /neither a file/,
    ],
    [
      'a config of gigabytes that are not there',
      () =>
        writeTar([
          manifest([good]),
          { path: 'c.json', content: 'x', patchHeader: (header) => void header.write('77777777777\0', 124) },
        ]),
      /ends inside "c\.json"/,
    ],
    [
      'a sparse file',
      () =>
        writeTar([
          manifest([good]),
          { path: 'c.json', content: 'x', patchHeader: (h) => void h.write('S', 156) },
        ]),
      /sparse file/,
    ],
  ];
  it.each(rows)('%s', async (_what, bytes, told) => {
    put('broken.tar', bytes());
    const { code, output, errors } = await scan('docker-archive:DIR/broken.tar');
    expect([code, output]).toEqual([3, '']);
    expect(errors).toMatch(told);
    expect(errors).toContain(join(dir, 'broken.tar'));
    expect(errors).not.toContain('    at ');
  });

  it.each([1, 511, 600, 3000, 104_000])('cut after %d bytes', async (length) => {
    put('cut.tar', dockerArchive(one(bad)));
    truncateSync(join(dir, 'cut.tar'), length);
    const { code, errors } = await scan('docker-archive:DIR/cut.tar');
    expect(code).toBe(3);
    expect(errors).toMatch(/cut\.tar cannot be read: it ends inside/);
  });

  it.each<[target: string, code: number, told: RegExp]>([
    [
      'docker-archive:DIR/two.tar',
      3,
      /holds 2 images \(docker\.io\/library\/app:clean app:good, registry\.corp/,
    ],
    ['docker-archive:DIR/two.tar:none', 3, /holds 0 images named "none"/],
    ['oci-archive:DIR/oci.tar', 3, /holds 2 images \(clean, corp\/app:bad\)/],
    ['oci-archive:DIR/old.tar', 3, /it is a Docker archive: docker-archive:/],
    ['docker-archive:DIR/gone.tar', 2, /is not a file/],
    ['docker-archive:', 2, /is not a file/],
    ['docker-archive:DIR', 2, /is not a file/],
    ['docker-daemon:app:1', 2, /docker-daemon: is not supported/],
    ['DIR/old.tar', 2, /docker-archive:/],
    ['DIR', 2, /a folder is named with what it is/],
    ['docker-archive:DIR/old.tar --platform', 2, /is for linux\/amd64, not for linux\/arm64/],
  ])('%s is refused', async (target, code, told) => {
    const [place = '', flag] = target.split(' ');
    const result = await scan(place, ...(flag === undefined ? [] : [flag, 'linux/arm64']));
    expect([result.code, result.output]).toEqual([code, '']);
    expect(result.errors).toMatch(told);
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compress as zstdCompress } from 'zstd-napi';
import { clean, openStage, type Stage } from '../integration/stage.ts';
import { type Built, buildImage, debianRoot, sha256, type TarEntry, writeTar } from '../support/images.ts';
import { jarOf, zipOf } from '../support/zip.ts';

/** Images that are made to hurt whoever looks into them, on their first pull: refused with a reason, in bounded memory and time. */

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ repositories: { 'team/app': { clean } } });
  await stage.pull('team/app', 'clean');
});
afterAll(() => stage.close());

const mebi = 1024 ** 2;
/** Bytes that the process may hold resident, whatever comes; at rest it holds some 170 MB. */
const mostResident = 700_000_000;

const root = debianRoot({ release: '12', packages: [{ name: 'curl', version: '7.88-1' }] });
const rootTar = writeTar(root, { end: false });
const zeros = Buffer.alloc(64 * mebi);
const ofFiles = (...files: readonly TarEntry[]): Built =>
  buildImage({ layers: [{ files: [...root, ...files] }] });
/** A layer of a blob that nobody could unpack to know its digest. */
const ofBlob = (blob: Uint8Array, mediaType?: string): Built =>
  buildImage({
    layers: [{ blob, diffId: sha256('unknown'), ...(mediaType === undefined ? {} : { mediaType }) }],
  });
const times = (count: number, part: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: count }, () => part);
/** A header alone, of a file that is said to have so many bytes. */
const headerOf = (path: string, size: number): Buffer =>
  writeTar(
    [
      {
        path,
        patchHeader: (header) => header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 12, 'latin1'),
      },
    ],
    { end: false },
  );
const nested = (depth: number): Buffer =>
  depth === 0
    ? jarOf([{ group: 'g', artifact: 'a', version: '1' }])
    : zipOf([{ name: 'lib/inner.jar', content: nested(depth - 1) }]);

interface Row {
  readonly what: string;
  readonly image: () => Built;
  /** null: it is served, because nothing is wrong with it. */
  readonly message: RegExp | null;
}

const rows: readonly Row[] = [
  {
    what: 'gzip that unpacks to 12 GiB',
    image: () =>
      ofBlob(
        Buffer.concat([
          gzipSync(rootTar),
          gzipSync(headerOf('big', 12 * 1024 ** 3 - 1)),
          ...times(192, gzipSync(zeros)),
        ]),
      ),
    message: /layer sha256:.* cannot be read: it unpacks to more than 500 times its size/,
  },
  {
    what: 'zstd that unpacks to 12 GiB',
    image: () => ofBlob(Buffer.concat([...times(192, Buffer.from(zstdCompress(zeros)))])),
    message: /layer sha256:.* cannot be read: it unpacks to more than 500 times its size/,
  },
  {
    what: 'millions of entries',
    image: () => {
      const entries = writeTar(
        Array.from({ length: 2000 }, (_, nth) => ({ path: `d${nth}/` })),
        { end: false },
      );
      return ofBlob(Buffer.concat(times(3000, gzipSync(entries))));
    },
    message:
      /layer sha256:.* cannot be read: it (?:has more than \d+ archive entries|unpacks to more than 500 times its size)/,
  },
  {
    what: 'links, more than anybody has',
    image: () => {
      const links = Array.from({ length: 2000 }, (_, nth) => ({ path: `l${nth}`, link: `${nth * 7919}` }));
      return ofBlob(Buffer.concat(times(300, writeTar(links, { end: false }))));
    },
    message: /layer sha256:.* cannot be read: it has more than 500000 links and files of note/,
  },
  {
    what: 'archives in archives, twenty deep',
    image: () => ofFiles({ path: 'opt/a.jar', content: nested(20) }),
    message: /opt\/a\.jar.*deep/,
  },
  {
    what: 'an archive that unpacks to gigabytes',
    image: () =>
      ofFiles({
        path: 'opt/b.jar',
        content: zipOf(Array.from({ length: 6 }, (_, nth) => ({ name: `lib/${nth}.jar`, content: zeros }))),
      }),
    message: /opt\/b\.jar/,
  },
  {
    what: 'a package.json that nests ten million levels',
    image: () => ofFiles({ path: 'app/node_modules/a/package.json', content: '['.repeat(10_000_000) }),
    message: /node_modules\/a\/package\.json/,
  },
  {
    what: 'a package.json of 4 GB',
    image: () => {
      const size = 4 * 1024 ** 3;
      // Some of it does not compress, so that it is no bomb.
      const noisy = Buffer.from(zeros);
      for (let at = 0, state = 1; at < noisy.length; at += 97) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        noisy[at] = state >>> 24;
      }
      const blob = Buffer.concat([
        gzipSync(rootTar),
        gzipSync(headerOf('app/node_modules/a/package.json', size)),
        ...times(64, gzipSync(noisy, { level: 1 })),
        gzipSync(Buffer.alloc(1024)),
      ]);
      return ofBlob(blob);
    },
    message: /layer sha256:.* unpacks to|package\.json/,
  },
  {
    what: 'a sparse file of exabytes',
    image: () => {
      const sparse = writeTar(
        [
          {
            path: 'usr/bin/app',
            patchHeader: (header) => {
              header.write('S', 156);
              header.write('77777777777\0', 483, 12, 'latin1');
            },
          },
        ],
        { end: false },
      );
      return buildImage({ layers: [{ tar: Buffer.concat([rootTar, sparse, Buffer.alloc(1024)]) }] });
    },
    message: null,
  },
  {
    what: 'paths that climb, links in circles, devices and fifos',
    image: () =>
      ofFiles(
        { path: '../../../../climbed', content: 'x' },
        { path: '/../absolute', content: 'x' },
        { path: 'a', link: 'b' },
        { path: 'b', link: 'a' },
        { path: 'dev/sda', type: 'block-device' },
        { path: 'dev/tty', type: 'character-device' },
        { path: 'run/fifo', type: 'fifo' },
      ),
    message: null,
  },
  {
    what: 'a file below links in a circle',
    image: () => ofFiles({ path: 'a', link: 'b' }, { path: 'b', link: 'a' }, { path: 'a/c', content: 'x' }),
    message: /layer sha256:.* cannot be read: the folder "a" is a circle of symbolic links/,
  },
  {
    what: 'an rpm database of broken pages',
    image: () =>
      ofFiles({
        path: 'var/lib/rpm/rpmdb.sqlite',
        content: Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8176, 0xff)]),
      }),
    message: /var\/lib\/rpm\/rpmdb\.sqlite/,
  },
  {
    what: 'a program whose headers lie',
    image: () =>
      ofFiles({
        path: 'usr/local/bin/app',
        content: Buffer.concat([
          Buffer.from('\u007fELF\u0002\u0001\u0001', 'latin1'),
          Buffer.alloc(5000, 0xff),
        ]),
      }),
    message: null,
  },
  {
    what: 'a layer that is encrypted',
    image: () =>
      ofBlob(Buffer.from('nobody can read this'), 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted'),
    message: /layer sha256:.* is no tar archive/,
  },
  {
    what: 'a layer of an unknown media type',
    image: () => ofBlob(Buffer.from('what may this be'), 'application/vnd.oci.image.layer.v9.squashfs'),
    message: /layer sha256:.* is no tar archive/,
  },
  {
    what: 'a layer whose gzip is cut',
    image: () => ofBlob(gzipSync(writeTar(root)).subarray(0, 200)),
    message: /layer sha256:.* cannot be read: its gzip stream is broken/,
  },
];

/** Where files would be that climb out of a folder of the store. */
const climbed = ['/climbed', '/absolute'];

/** The most that the process has held resident so far, bytes; Linux tells it. */
function highWater(): number | null {
  if (process.platform !== 'linux') return null;
  const status = readFileSync(`/proc/${stage.pratique.child.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

async function settled(tag: string): Promise<{ readonly status: number; readonly message: string }> {
  for (;;) {
    const { status, message } = await stage.get(`team/app/manifests/${tag}`);
    // Held as long as a client waits; then it is told to come again.
    if (status !== 429) return { status, message: message ?? '' };
  }
}

describe('on its first pull, an image with', () => {
  it.each(rows.map((row, position) => [row.what, position] as const))(
    '%s',
    async (_what, position) => {
      const row = rows[position];
      if (row === undefined) throw new Error('no such row');
      stage.upstream.put('team/app', `row-${position}`, row.image());
      const answer = await settled(`row-${position}`);
      if (row.message === null) expect(answer).toMatchObject({ status: 200 });
      else expect(answer).toMatchObject({ status: 403, message: expect.stringMatching(row.message) });
      expect(highWater() ?? 0).toBeLessThan(mostResident);
      expect((await stage.get('team/app/manifests/clean')).status).toBe(200);
    },
    120_000,
  );

  it('leaves nothing outside of the store', () => {
    expect(climbed.filter((path) => existsSync(path))).toEqual([]);
    expect(readdirSync(join(stage.pratique.dataDir, 'store', 'tmp'))).toEqual([]);
  });
});

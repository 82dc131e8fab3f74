import { describe, expect, it } from '@jest/globals';
import { rpm, rpmPending } from './index.ts';
import { headerOf, type SampleHeader, texts } from './samples.ts';
import { berkeleyOf } from './samples-berkeley.ts';
import { ndbOf } from './samples-ndb.ts';
import { sqliteOf } from './samples-sqlite.ts';
import { tags } from './tags.ts';

const path = 'var/lib/rpm/rpmdb.sqlite';
const parse = (...headers: readonly SampleHeader[]): ReturnType<typeof rpm.parse> =>
  rpm.parse(path, sqliteOf(headers.map(headerOf)));

describe('rpm match', () => {
  it.each<readonly [string, string | null]>([
    ['var/lib/rpm/Packages', 'content'],
    ['var/lib/rpm/Packages.db', 'content'],
    ['var/lib/rpm/rpmdb.sqlite', 'content'],
    ['usr/lib/sysimage/rpm/rpmdb.sqlite', 'content'],
    ['usr/share/rpm/rpmdb.sqlite', 'content'],
    ['var/lib/rpm/Basenames', 'trace'],
    ['var/lib/rpm/rpmdb.sqlite-shm', 'trace'],
    ['usr/lib/sysimage/rpm/Index.db', 'trace'],
    ['var/lib/rpm/rpmdb.sqlite-wal', null],
    ['var/lib/rpm/.rpm.lock', null],
    ['var/lib/rpm/sub/Packages', null],
    ['srv/var/lib/rpm/Packages', null],
    ['var/lib/apt/lists/Packages', null],
  ])('%s: %s', (one, kind) => {
    expect(rpm.match(one)?.kind ?? null).toBe(kind);
  });
});

const sizes = [0, 30, 400, 1500, 9000, 40] as const;
const many = sizes.map((padding, i) => headerOf({ name: `p${i}`, padding }));

describe('an rpm database', () => {
  it.each<readonly [string, Buffer]>([
    ['SQLite', sqliteOf(many)],
    ['SQLite of small pages', sqliteOf(many, { pageSize: 512 })],
    ['SQLite of the largest pages', sqliteOf(many, { pageSize: 65_536 })],
    ['SQLite with reserved bytes', sqliteOf(many, { pageSize: 1024, reserved: 32 })],
    ['ndb', ndbOf(many)],
    ['Berkeley DB', berkeleyOf(many)],
    ['Berkeley DB, big-endian', berkeleyOf(many, { order: 'big' })],
    ['Berkeley DB of old', berkeleyOf(many, { hashPage: 2, pageSize: 4096 })],
  ])('in the format %s gives every package', (_, bytes) => {
    const { packages, incomplete } = rpm.parse(path, bytes);
    expect(packages.map(({ name }) => name).sort()).toEqual(many.map((_one, i) => `p${i}`));
    expect(incomplete).toEqual([]);
  });

  it.each<readonly [string, Buffer]>([
    ['SQLite', sqliteOf([])],
    ['ndb', ndbOf([])],
    ['Berkeley DB', berkeleyOf([])],
  ])('in the format %s may be without a package', (_, bytes) => {
    expect(rpm.parse(path, bytes)).toEqual({ packages: [], os: null, incomplete: [] });
  });

  it.each<readonly [string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /it is empty/],
    ['text', Buffer.from('hello'.repeat(200)), /no rpm database of a known format/],
    ['zeros', Buffer.alloc(8192), /no rpm database of a known format/],
  ])('that holds %s is told', (_, bytes, why) => {
    expect(rpm.parse(path, bytes)).toMatchObject({
      packages: [],
      incomplete: [{ what: path, why: expect.stringMatching(why) }],
    });
  });

  it('of hundreds of packages with many files is read at once', () => {
    const files = Array.from({ length: 150 }, (_, i) => `/usr/share/doc/some/folder${i % 7}/file-${i}.html`);
    const blobs = Array.from({ length: 400 }, (_, i) => headerOf({ name: `p${i}`, files, padding: 20_000 }));
    const bytes = sqliteOf(blobs, { pageSize: 4096 });
    rpm.parse(path, bytes);
    const start = performance.now();
    expect(rpm.parse(path, bytes).packages).toHaveLength(400);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('a package', () => {
  it.each<readonly [string, SampleHeader, readonly unknown[]]>([
    [
      'with everything',
      {
        name: 'libssl',
        version: '3.0',
        release: '1.el9',
        epoch: 1,
        sourceRpm: 'openssl-3.0-1.el9.src.rpm',
        license: 'Apache-2.0',
      },
      ['libssl', '1:3.0-1.el9', 'x86_64', 'openssl', '3.0-1.el9', 'Apache-2.0'],
    ],
    ['of epoch 0', { epoch: 0 }, ['a', '1-2', 'x86_64', 'a', '1-2']],
    ['without a source', {}, ['a', '1-2', 'x86_64', 'a', '1-2']],
    [
      'whose source has dashes',
      { sourceRpm: 'x-y-z-1.0-2.src.rpm' },
      ['a', '1-2', 'x86_64', 'x-y-z', '1.0-2'],
    ],
    ['without sources to pass on', { sourceRpm: 'x-1-2.nosrc.rpm' }, ['a', '1-2', 'x86_64', 'x', '1-2']],
    ['with a source of another form', { sourceRpm: 'x.rpm' }, ['a', '1-2', 'x86_64', 'a', '1-2']],
    ['with text that is not ASCII', { license: 'Bücher' }, ['a', '1-2', 'x86_64', 'a', '1-2', 'Bücher']],
    [
      'with an endless licence',
      { license: 'x'.repeat(5000) },
      ['a', '1-2', 'x86_64', 'a', '1-2', `${'x'.repeat(999)}…`],
    ],
    ['without an architecture', { arch: '' }, ['a', '1-2', null, 'a', '1-2']],
    [
      'that calls itself gpg-pubkey',
      { name: 'gpg-pubkey' },
      ['gpg-pubkey', '1-2', 'x86_64', 'gpg-pubkey', '1-2'],
    ],
    [
      'with a name that was changed after the build',
      { extra: [texts(tags.name, ['renamed'])] },
      ['renamed', '1-2', 'x86_64', 'renamed', '1-2'],
    ],
  ])('%s', (_, header, expected) => {
    const { packages, incomplete } = parse(header);
    expect(
      packages.map((one) => [
        one.name,
        one.version,
        one.arch,
        one.source.name,
        one.source.version,
        ...one.licenses,
      ]),
    ).toEqual([expected]);
    expect(incomplete).toEqual([]);
  });

  it('of a module carries its label', () => {
    const label = 'nodejs:18:8090020240101:abc';
    expect(parse({ modularityLabel: label }).packages).toMatchObject([{ modularityLabel: label }]);
    expect(parse({}).packages[0]).not.toHaveProperty('modularityLabel');
  });

  it('is no signing key', () => {
    expect(parse({ name: 'gpg-pubkey', arch: '' }, { name: 'b' }).packages).toHaveLength(1);
  });

  it('owns what other catalogers would find', () => {
    const files = [
      '/usr/lib/python3/site-packages/six.dist-info/METADATA',
      '/usr/lib/node_modules/npm/package.json',
      '/usr/lib/replaced/package.json',
      '/usr/share/java/a.jar',
      '/usr/bin/a',
    ];
    const [python = '', node = '', , jar = '', program = ''] = files;
    const clean = (...paths: readonly string[]) => [{ by: 'a', paths: paths.map((one) => one.slice(1)) }];
    expect(parse({ files, fileStates: [0, 0, 1, 0, 0] }).owned).toEqual(clean(python, node, jar, program));
    expect(parse({ oldFileNames: files.slice(3) }).owned).toEqual(clean(jar, program));
    expect(parse({ files: ['/usr/share/doc/a/copyright'] })).not.toHaveProperty('owned');
  });

  it.each<readonly [string, SampleHeader, number, RegExp]>([
    ['no name', { name: '' }, 0, /no valid name, version and release/],
    ['no version', { version: '' }, 0, /no valid name, version and release \(name: "a"\)/],
    ['a release of two lines', { release: '1\n2' }, 0, /no valid name, version and release/],
    ['an epoch that is text', { extra: [texts(tags.epoch, ['1'])] }, 0, /epoch that is no number/],
    ['an empty modularity label', { modularityLabel: '' }, 0, /modularity label/],
    ['files in no folder', { extra: [texts(tags.baseNames, ['x'])] }, 1, /list of files of package "a"/],
    [
      'an endless list of files',
      { extra: [{ tag: tags.oldFileNames, type: 8, count: 4_000_000_000, bytes: Buffer.alloc(4) }] },
      1,
      /list of files/,
    ],
    [
      'a text without an end',
      { extra: [{ tag: tags.name, type: 6, count: 1, bytes: Buffer.from('abc') }] },
      0,
      /no valid name/,
    ],
    [
      'a name that is a number',
      { extra: [{ tag: tags.name, type: 4, count: 1, bytes: Buffer.alloc(4) }] },
      0,
      /no valid name/,
    ],
  ])('with %s is told, and those beside it are found', (_, header, more, why) => {
    const { packages, incomplete } = parse(header, { name: 'beside' });
    expect(packages).toHaveLength(1 + more);
    expect(incomplete).toEqual([{ what: path, why: expect.stringMatching(why) }]);
  });

  it.each<readonly [string, (header: Buffer) => Buffer]>([
    ['that is cut', (header) => header.subarray(0, header.length - 1)],
    ['of a few bytes', (header) => header.subarray(0, 7)],
    ['without an entry', () => Buffer.alloc(8)],
    [
      'with more entries than rpm allows',
      (header) => Buffer.concat([Buffer.from([0, 1, 0, 0]), header.subarray(4)]),
    ],
  ])('a header %s is told', (_, change) => {
    const { packages, incomplete } = rpm.parse(
      path,
      sqliteOf([change(headerOf({})), headerOf({ name: 'b' })]),
    );
    expect(packages.map(({ name }) => name)).toEqual(['b']);
    expect(incomplete).toHaveLength(1);
  });
});

describe('changes that SQLite keeps beside its file', () => {
  it.each([
    [`${path}-wal`, 'content'],
    [`${path}-journal`, 'content'],
    ['srv/rpmdb.sqlite-wal', null],
    [path, null],
  ])('are looked for: %s: %s', (at, kind) => {
    expect(rpmPending.match(at)?.kind ?? null).toBe(kind);
  });

  const wal = (salts: readonly [number, number], frames: number): Buffer => {
    const bytes = Buffer.alloc(32 + frames * (24 + 512));
    bytes.writeUInt32BE(0x377f0682, 0);
    bytes.writeUInt32BE(salts[0], 16);
    if (frames > 0) bytes.writeUInt32BE(salts[1], 40);
    return bytes;
  };
  it.each<readonly [string, string, Buffer, boolean]>([
    ['an empty log', `${path}-wal`, Buffer.alloc(0), true],
    ['a log without a frame', `${path}-wal`, wal([1, 1], 0), true],
    ['a log of frames that were taken over', `${path}-wal`, wal([2, 1], 3), true],
    ['a log with a frame', `${path}-wal`, wal([1, 1], 1), false],
    ['something else', `${path}-wal`, Buffer.from('x'), false],
    ['an empty journal', `${path}-journal`, Buffer.alloc(0), true],
    ['a journal', `${path}-journal`, Buffer.alloc(600, 1), false],
  ])('%s: nothing is pending: %s %s %s', (_, at, bytes, isComplete) => {
    const { packages, incomplete } = rpmPending.parse(at, bytes);
    expect(packages).toEqual([]);
    expect(incomplete).toEqual(
      isComplete ? [] : [{ what: at, why: expect.stringContaining('not in the database yet') }],
    );
  });
});

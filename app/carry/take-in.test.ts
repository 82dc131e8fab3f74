import { copyFileSync, createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { schemaVersion } from '../../db/advisories-check.ts';
import { AdvisoryHistory } from '../../db/advisories-history.ts';
import { lockAdvisories } from '../../db/advisories-lock.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { largestContent, writeHeader } from './header.ts';
import { packAdvisories } from './pack.ts';
import { exportOf, exportOfFile, makeAdvisories, revisionIn, written } from './samples.ts';
import { type TakeInOptions, takeIn } from './take-in.ts';

const dir = temporaryDirectory();
const source = join(dir, 'source');
const now = Date.parse('2026-06-01T00:00:00Z');
let newer = '';

beforeAll(() => {
  newer = makeAdvisories(source, { day: '2026-05-02' });
});

const take = (path: string, file: string, options: Partial<TakeInOptions> = {}) =>
  takeIn(
    { where: path, bytes: createReadStream(path) },
    { file, swap: { keep: 3, by: 'hand' }, older: false, now: () => now, ...options },
  );

/** Everything in a folder, so that litter is seen. */
const listing = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

describe('an export', () => {
  it('is put in force somewhere else, with its age', async () => {
    const path = join(dir, 'one.zst');
    const packed = await packAdvisories(newer, path);
    const site = join(dir, 'empty');
    makeAdvisories(site, { day: '2026-04-01' });
    const file = join(site, 'advisories.db');
    const before = revisionIn(file);
    // Written in this moment, which the sample clock takes for the future.
    const taken = await take(path, file, { now: Date.now });
    expect(taken).toMatchObject({ revision: revisionIn(newer), changed: true, feeds: 2, older: [] });
    expect(revisionIn(file)).toBe(revisionIn(newer));
    expect(statSync(file).mtime.toISOString()).toBe(packed.header.created);
    expect(readFileSync(file).equals(readFileSync(newer))).toBe(true);
    const kept = new AdvisoryHistory(file).list();
    expect(kept.map(({ revision }) => revision).sort()).toEqual([before, taken.revision].sort());
    // Once more: there is nothing to do.
    expect(await take(path, file, { now: Date.now })).toMatchObject({ changed: false });
  });

  it('of equal advisories is an equal file, and unpacks with zstd alone', async () => {
    const [one, two] = [join(dir, 'same-1.zst'), join(dir, 'same-2.zst')];
    const packed = await packAdvisories(newer, one);
    expect((await packAdvisories(newer, two)).digest).toBe(packed.digest);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    expect(packed.bytes).toBe(statSync(one).size);
  });

  it('is written aside: what cannot be written leaves nothing', async () => {
    const folder = join(dir, 'nowhere');
    await expect(packAdvisories(newer, join(folder, 'x.zst'))).rejects.toMatchObject({
      code: 'data-unusable',
      message: expect.stringContaining(join(folder, 'x.zst')),
    });
    const target = join(dir, 'a-folder');
    makeAdvisories(target, { day: '2026-01-01' });
    const before = listing(dir);
    await expect(packAdvisories(newer, target)).rejects.toMatchObject({ code: 'data-unusable' });
    expect(listing(dir)).toEqual(before);
  });
});

describe('what is wrong with an export', () => {
  const file = join(dir, 'site', 'advisories.db');
  beforeAll(() => {
    makeAdvisories(join(dir, 'site'), { day: '2026-05-01' });
  });

  const good = () => exportOfFile(newer);
  /** Its content with one byte in the middle changed. */
  const content = () => readFileSync(newer);
  const changed = () => {
    const bytes = content();
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
    return bytes;
  };
  const fake = (text: string): Buffer => {
    const json = Buffer.from(text);
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32LE(0x184d2a5a, 0);
    prefix.writeUInt32LE(json.length, 4);
    return Buffer.concat([prefix, json]);
  };
  const cases: readonly [what: string, bytes: () => Buffer | string, told: RegExp][] = [
    ['nothing', () => '', /is empty/],
    ['a web page', () => '<!doctype html><html>', /begins with "<!doctyp"/],
    ['a database', () => content(), /database as it lies in a data folder: `pratique advisories export/],
    [
      'zstd without a header',
      () => good().subarray(good().indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))),
      /is no export/,
    ],
    ['a cut header', () => good().subarray(0, 40), /ends inside its header/],
    [
      'a header without an end',
      () => Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 255, 255, 255, 255]),
      /header of 4294967295 bytes/,
    ],
    ['a header that is no JSON', () => fake('{'), /no JSON/],
    ['a header of something else', () => fake('{"format":"other"}'), /header of something else/],
    [
      'another format',
      () => fake('{"format":"pratique-advisories","formatVersion":2}'),
      /has format 2, this Pratique reads 1: export it/,
    ],
    [
      'a header with less',
      () => fake('{"format":"pratique-advisories","formatVersion":1}'),
      /header is not as it has to be|header that is not as it has to be/,
    ],
    ['a revision that climbs', () => exportOf(content(), { revision: '../../state' }), /\(revision\)/],
    [
      'another schema',
      () => exportOfFile(newer, { schemaVersion: schemaVersion + 1 }),
      new RegExp(
        `has schema ${schemaVersion + 1}, this Pratique reads ${schemaVersion}: export it with the version`,
      ),
    ],
    ['a cut content', () => good().subarray(0, -20), /cannot be unpacked|unpacks to \d+ bytes/],
    [
      'no content',
      () =>
        writeHeader({
          schemaVersion,
          revision: 'r',
          created: '2026-01-01T00:00:00Z',
          content: { bytes: 9, sha256: '0'.repeat(64) },
        }),
      /unpacks to 0 bytes/,
    ],
    ['something after the content', () => Buffer.concat([good(), Buffer.from('more')]), /cannot be unpacked/],
    [
      'a second content',
      () => Buffer.concat([good(), exportOf(content()).subarray(writeHeaderLength())]),
      /unpacks to more than/,
    ],
    [
      'other bytes than were hashed',
      () => exportOf(changed(), { revision: 'r', content: headerContent() }),
      /sha256 is another/,
    ],
    [
      'a bomb',
      () => exportOf(Buffer.alloc(64 * 1024 ** 2), { content: { bytes: 1024, sha256: '0'.repeat(64) } }),
      /unpacks to more than the 1024 bytes/,
    ],
    [
      'a size beyond the limit',
      () => exportOfFile(newer, { content: { bytes: largestContent + 1, sha256: '0'.repeat(64) } }),
      new RegExp(`where ${largestContent} are allowed`),
    ],
    [
      'a time to come',
      () => exportOfFile(newer, { created: '2027-01-01T00:00:00.000Z' }),
      /from the future: it was made at 2027.*here it is 2026-06-01.*clock/,
    ],
    [
      'a feed from the future',
      () => exportOfFile(makeAdvisories(join(dir, 'future'), { day: '2026-06-02' })),
      /from the future: its feed osv:Debian was changed at 2026-06-02/,
    ],
    [
      'another revision than it says',
      () => exportOfFile(newer, { revision: 'another' }),
      /says that it is revision another, but holds/,
    ],
    [
      'no database',
      () => exportOf(Buffer.from('no database at all')),
      /holds a file that is no SQLite database/,
    ],
    [
      'a damaged database',
      () => exportOf(changed().fill(0xff, 5000, 9000), { revision: 'r' }),
      /holds a file that (is damaged|cannot be read)/,
    ],
    [
      'older advisories',
      () => exportOfFile(makeAdvisories(join(dir, 'older'), { day: '2026-04-01' })),
      /is older than what is in force \(osv:Debian is of 2026-04-01.*--older/,
    ],
    [
      'a feed less',
      () => exportOfFile(makeAdvisories(join(dir, 'fewer'), { day: '2026-05-09', feeds: ['osv:npm'] })),
      /osv:Debian is not in it.*--older/,
    ],
  ];
  const headerContent = () => ({ bytes: content().length, sha256: 'a'.repeat(64) });
  const writeHeaderLength = () => exportOf(content()).indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));

  it.each(cases)('leaves the old ones and nothing else: %s', async (what, bytes, told) => {
    const path = written(dir, 'bad.zst', bytes());
    const before = listing(join(dir, 'site'));
    const revision = revisionIn(file);
    const error: unknown = await take(path, file).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect([what, error]).toEqual([what, expect.objectContaining({ name: 'PratiqueError' })]);
    expect(String(error)).toMatch(told);
    expect(String(error)).toContain(path);
    expect(revisionIn(file)).toBe(revision);
    expect(listing(join(dir, 'site')).filter((name) => !name.endsWith('.lock'))).toEqual(
      before.filter((name) => !name.endsWith('.lock')),
    );
  });

  it('is not looked at where the disk is too full for it', async () => {
    const path = written(dir, 'full.zst', good());
    await expect(take(path, file, { free: () => 1000 })).rejects.toMatchObject({
      code: 'data-unusable',
      message: expect.stringMatching(/needs \d+ bytes in .*site, where 1000 are free/),
    });
  });

  it('is refused while another import is under way', async () => {
    const path = written(dir, 'wait.zst', good());
    const unlock = lockAdvisories(join(dir, 'site', 'advisories'), 'import');
    await expect(take(path, file)).rejects.toMatchObject({ code: 'data-locked' });
    unlock();
  });

  it('may be older where that is meant, and may then be gone back from', async () => {
    const site = join(dir, 'back');
    const target = makeAdvisories(site, { day: '2026-05-01' });
    const was = revisionIn(target);
    const path = written(
      dir,
      'older.zst',
      exportOfFile(makeAdvisories(join(dir, 'much-older'), { day: '2026-01-01' })),
    );
    const taken = await take(path, target, { older: true });
    expect(taken.older).toHaveLength(2);
    const history = new AdvisoryHistory(target);
    expect(history.rollback(was, { at: '2026-06-01T00:00:00.000Z', by: 'ada' })).toEqual({
      from: taken.revision,
      to: was,
    });
    // Only a person brings in something now, and that ends the hold.
    const next = written(dir, 'next.zst', good());
    await expect(take(next, target, { swap: { keep: 3, by: 'schedule' } })).rejects.toMatchObject({
      code: 'advisories-held',
      message: expect.stringContaining('ada'),
    });
    expect(revisionIn(target)).toBe(was);
    await take(next, target);
    expect(history.hold()).toBeNull();
  });

  it('does not follow the name of a leftover, and removes it', async () => {
    const site = join(dir, 'leftover');
    const target = makeAdvisories(site, { day: '2026-05-01' });
    copyFileSync(target, `${target}.carried-0123456789abcdef`);
    await take(written(dir, 'l.zst', good()), target);
    expect(readdirSync(site).sort()).toEqual(['advisories', 'advisories.db']);
  });
});

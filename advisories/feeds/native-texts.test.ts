import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isPratiqueError } from '../../core/errors.ts';
import { readFeed } from '../../test/support/feed-files.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { nativeDefinitions } from './list.ts';
import { nativeNames } from './names.ts';

const directory = temporaryDirectory();

/** A file that each feed reads, to be spoilt. */
const whole: Readonly<Record<string, string>> = {
  'alpine-secdb':
    '{"distroversion":"v3.19","packages":[{"pkg":{"name":"xen","secfixes":{"4.9-r1":["CVE-2017-10921 XSA-224"]}}}]}',
  'wolfi-secdb': '{"packages":[{"pkg":{"name":"zlib","secfixes":{"1.2.12-r3":["CVE-2022-37434"]}}}]}',
  'chainguard-secdb': '{"packages":[{"pkg":{"name":"zlib","secfixes":{"0":["CVE-2022-37434"]}}}]}',
  'debian-tracker':
    '{"zlib":{"CVE-2023-45853":{"description":"x","releases":{"trixie":{"status":"open","urgency":"low","nodsa":"x"}}}}}',
  epss: '#model_version:v1\ncve,epss,percentile\nCVE-1999-0001,0.03351,0.88255\n',
  endoflife: '{"result":[{"name":"debian","releases":[{"name":"12","isEol":false,"eolFrom":"2026-07-11"}]}]}',
};

const pathOf = (feed: string) => (feed === 'alpine-secdb' ? 'v3.19/main.json' : 'file');

/** Any bytes; a good file with some of its bytes changed, taken out or put in; and each of them packed. */
function contents(text: string): fc.Arbitrary<Buffer> {
  const good = Buffer.from(text);
  const edit = fc.record({
    at: fc.nat({ max: good.length }),
    out: fc.nat({ max: 12 }),
    into: fc.oneof(
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom('{}', '[]', 'null', '"x"', '1e999', ',', '\\', '"').map((sign) => Buffer.from(sign)),
    ),
  });
  const spoilt = fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) =>
      edits.reduce(
        (bytes, { at, out, into }) => Buffer.concat([bytes.subarray(0, at), into, bytes.subarray(at + out)]),
        good,
      ),
    );
  const plain = fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 4, arbitrary: spoilt },
  );
  return fc.oneof(
    { weight: 3, arbitrary: plain },
    { weight: 1, arbitrary: plain.map((bytes) => gzipSync(bytes)) },
  );
}

const feeds = nativeDefinitions.filter(({ name }) => name in whole);

it('are all tried, here or in native-packed.test.ts', () => {
  expect(feeds).toHaveLength(Object.keys(whole).length);
  expect(nativeDefinitions).toHaveLength(feeds.length + 3);
  expect(nativeDefinitions.map(({ name }) => name)).toEqual(nativeNames);
});

describe.each(feeds.map((feed) => [feed.name, feed] as const))('the feed %s', (name, feed) => {
  it('tells whose it is, and where its files are', async () => {
    expect(feed.publisher).not.toBe('');
    expect(feed.licence).not.toBe('');
    const files = await feed.remote(async () => '');
    expect(files.length).toBeGreaterThan(0);
    expect(new Set(files.map((file) => file.path)).size).toBe(files.length);
    for (const file of files) {
      expect(file.path).toMatch(/^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/);
      expect(new URL(file.url).protocol).toBe('https:');
    }
  });

  it('throws nothing but what it names, whatever it reads', async () => {
    expect((await readFeed(feed, directory, { [pathOf(name)]: whole[name] ?? '' })).length).toBe(
      name === 'chainguard-secdb' ? 0 : 1,
    );
    const property = fc.asyncProperty(contents(whole[name] ?? ''), async (content) => {
      try {
        for (const record of await readFeed(feed, directory, { [pathOf(name)]: content })) {
          if (record.kind === 'rejected') expect(record.why).not.toBe('');
        }
      } catch (error) {
        expect(isPratiqueError(error)).toBe(true);
        expect(error).toMatchObject({ message: expect.stringContaining(`${name}/${pathOf(name)}`) });
      }
    });
    await fc.assert(property, { numRuns: 400 });
  });

  it.each([
    ['gone', join(directory, 'gone')],
    ['a folder', directory],
  ])('says that a file is %s', async (_name, file) => {
    const reading = async (): Promise<void> => {
      for await (const _record of feed.read([{ path: pathOf(name), file }])) break;
    };
    await expect(reading()).rejects.toMatchObject({
      code: 'advisories-unreadable',
      message: expect.stringContaining(`${name}/${pathOf(name)}`),
    });
  });
});

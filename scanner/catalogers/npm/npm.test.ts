import { describe, expect, it } from '@jest/globals';
import { zipOf } from '../../../test/support/zip.ts';
import { npm } from './index.ts';

const path = 'app/node_modules/a/package.json';
const parse = (text: string, at = path): ReturnType<typeof npm.parse> => npm.parse(at, Buffer.from(text));

describe('npm match', () => {
  it.each<readonly [string, 'of note' | 'candidate' | 'no']>([
    ['app/node_modules/a/package.json', 'of note'],
    ['node_modules/a/package.json', 'of note'],
    ['app/node_modules/@s/a/package.json', 'of note'],
    ['app/node_modules/a/node_modules/b/package.json', 'of note'],
    ['app/node_modules/.pnpm/a@1/node_modules/a/package.json', 'of note'],
    ['app/node_modules/a/dist/package.json', 'candidate'],
    ['app/node_modules/@s/package.json', 'candidate'],
    ['app/node_modules/.cache/package.json', 'candidate'],
    ['app/node_modules/package.json', 'candidate'],
    ['app/package.json', 'candidate'],
    ['package.json', 'candidate'],
    ['root/.local/share/pnpm/store/v3/files/0f/0123456789abcdef0123', 'candidate'],
    ['app/.yarn/cache/lodash-npm-4.17.21-6382451519-eb835a2e51.zip', 'of note'],
    ['root/.yarn/berry/cache/@s-a-npm-1.0.0-0123456789-10c0.zip', 'of note'],
    ['srv/cache/a-npm-1.0.0-beta.1-0123456789-10c0.zip', 'of note'],
    ['app/.yarn/unplugged/a-npm-1.0.0-0123456789/node_modules/a/package.json', 'of note'],
    ['srv/a.zip', 'no'],
    ['app/node_modules/.package-lock.json', 'no'],
    ['app/package-lock.json', 'no'],
    ['app/my-package.json', 'no'],
    ['app/node_modules/a/package.json5', 'no'],
    ['app/node_modules/a/index.js', 'no'],
  ])('%s: %s', (one, expected) => {
    const found = npm.match(one) !== null ? 'of note' : npm.isCandidate(one) ? 'candidate' : 'no';
    expect(found).toBe(expected);
  });
});

describe('npm parse', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['a name and a version', '{"name":"a","version":"1.2.3","license":"MIT"}', ['a 1.2.3 MIT']],
    ['a scope', '{"name":"@s/a","version":"1.2.3"}', ['@s/a 1.2.3']],
    [
      'a license with its address',
      '{"name":"a","version":"1","license":{"type":"BSD","url":"x"}}',
      ['a 1 BSD'],
    ],
    [
      'licenses of the old form',
      '{"name":"a","version":"1","licenses":[{"type":"MIT","url":"x"},"BSD"]}',
      ['a 1 MIT BSD'],
    ],
    ['one license of the old form', '{"name":"a","version":"1","licenses":{"type":"MIT"}}', ['a 1 MIT']],
    ['no license in its text', `{"name":"a","version":"1","license":"${'may '.repeat(99)}"}`, ['a 1']],
    ['its folder where it has no name', '{"version":"1"}', ['a 1']],
    ['its folder where its name is none', '{"name":{},"version":"1"}', ['a 1']],
    ['its folder where npm would take no such name', '{"name":"a\\ud800","version":"1"}', ['a 1']],
    ['its folder where it says nothing of itself', '{"type":"module"}', ['a unknown']],
    ['no name by inheritance', '{"__proto__":{"name":"b","version":"1"}}', ['a unknown']],
    ['a name without a version', '{"name":"b"}', ['b unknown']],
    ['a version that is no text', '{"name":"b","version":1}', ['b unknown']],
    ['a version of two words', '{"name":"b","version":"1 2"}', ['b unknown']],
    ['a version between blanks, as npm does', '{"name":"b","version":" 1.0.0 "}', ['b 1.0.0']],
    ['a byte order mark', '\ufeff{"name":"a","version":"1"}', ['a 1']],
    ['another name than the folder (an alias)', '{"name":"b","version":"1"}', ['b 1']],
    ['the last of two names, as Node does', '{"name":"a","version":"1","name":"b"}', ['b 1']],
    ['__proto__ as a plain key', '{"__proto__":{"name":"evil"},"name":"a","version":"1"}', ['a 1']],
  ])('reads %s', (_, text, expected) => {
    const { packages, incomplete } = parse(text);
    expect(packages.map((one) => [one.name, one.version, ...one.licenses].join(' '))).toEqual(expected);
    expect(incomplete).toEqual([]);
  });

  it.each([
    ['no JSON', '{"name":', 'it is not JSON'],
    ['nothing', '', 'it is not JSON'],
    ['a list', '[]', 'it is no JSON object'],
    ['null', 'null', 'it is no JSON object'],
    ['deep nesting', `${'['.repeat(200_000)}`, 'more than 200 deep'],
  ])('says so when there is %s', (_, text, why) => {
    expect(parse(text)).toMatchObject({ packages: [], incomplete: [{ what: path }] });
    expect(parse(text).incomplete[0]?.why).toContain(why);
  });

  it('calls a package with a scope by both its folders', () => {
    expect(parse('{}', 'node_modules/@s/a/package.json').packages).toMatchObject([
      { name: '@s/a', version: 'unknown' },
    ]);
    expect(parse('{}', 'node_modules/@s/a b/package.json')).toMatchObject({
      packages: [],
      incomplete: [{ why: expect.stringContaining('npm knows') }],
    });
  });

  it.each<readonly [string, string, string, number]>([
    ['a project without a version', 'srv/lib/package.json', '{"name":"a","private":true}', 0],
    ['a project without a name', 'srv/lib/package.json', '{"version":"1"}', 0],
    ["a folder's module type", 'app/node_modules/a/esm/package.json', '{"type":"module"}', 0],
    ['a project that is no JSON', 'srv/lib/package.json', '{', 1],
    ['code in a store', 'store/files/00/0123456789abcdef', 'module.exports = {}', 0],
    ['broken JSON in a store', 'store/files/00/0123456789abcdef', '{ "a": }', 0],
  ])('of a candidate tells nothing of %s', (_, at, text, incomplete) => {
    expect(parse(text, at).packages).toEqual([]);
    expect(parse(text, at).incomplete).toHaveLength(incomplete);
  });
});

describe("an archive of Yarn's Plug'n'Play", () => {
  const at = 'app/.yarn/cache/a-npm-1.0.0-0123456789-0123456789.zip';
  const manifest = { name: 'node_modules/@s/a/package.json', content: '{"name":"@s/a","version":"1.0.0"}' };
  const bundled = 'node_modules/@s/a/node_modules/b/package.json';

  it('tells the package in it, and those that it bundles', () => {
    const other = { name: 'node_modules/@s/a/test/package.json', content: '{"name":"c","version":"9"}' };
    const bytes = zipOf([manifest, { name: bundled, content: '{"name":"b","version":"2"}' }, other]);
    expect(npm.parse(at, bytes)).toMatchObject({
      packages: [
        { name: '@s/a', version: '1.0.0', within: manifest.name },
        { name: 'b', version: '2', within: bundled },
      ],
      incomplete: [],
    });
  });

  it.each<readonly [string, Buffer, string]>([
    ['no archive', Buffer.from('version https://git-lfs.example/spec/v1\n'), 'no ZIP archive'],
    ['encrypted', zipOf([{ ...manifest, flags: 1 }]), `"${manifest.name}": it is encrypted`],
    ['of no JSON', zipOf([{ ...manifest, content: '{' }]), `"${manifest.name}": it is not JSON`],
    [
      'of manifests beyond measure',
      zipOf([{ ...manifest, content: Buffer.alloc(3 * 1024 ** 2) }]),
      `"${manifest.name}": it has 3145728 bytes`,
    ],
  ])('that is %s: says so', (_, bytes, why) => {
    expect(npm.parse(at, bytes)).toMatchObject({ packages: [], incomplete: [{ what: at }] });
    expect(npm.parse(at, bytes).incomplete[0]?.why).toContain(why);
  });
});

import { describe, expect, it } from '@jest/globals';
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
      'a license of the old form',
      '{"name":"a","version":"1","license":{"type":"BSD","url":"x"}}',
      ['a 1 BSD'],
    ],
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
    ['no name', '{"version":"1"}', 'it has no name'],
    ['a name that is no text', '{"name":{},"version":"1"}', 'it has no name'],
    ['no version', '{"name":"a"}', 'package "a" has no version'],
    ['a version that is no text', '{"name":"a","version":1}', 'package "a" has no version'],
    ['a name by inheritance only', '{"__proto__":{"name":"a","version":"1"}}', 'it has no name'],
    ['a name that no URL can hold', '{"name":"a\\ud800","version":"1"}', 'none that npm knows'],
    ['a scope without a name', '{"name":"@s/","version":"1"}', 'none that npm knows'],
    ['deep nesting', `${'['.repeat(200_000)}`, 'it is not JSON'],
  ])('says so when there is %s', (_, text, why) => {
    expect(parse(text)).toMatchObject({ packages: [], incomplete: [{ what: path }] });
    expect(parse(text).incomplete[0]?.why).toContain(why);
  });

  it.each<readonly [string, string, string, number]>([
    ['a project without a version', 'srv/lib/package.json', '{"name":"a","private":true}', 0],
    ["a folder's module type", 'app/node_modules/a/esm/package.json', '{"type":"module"}', 0],
    ['a project that is no JSON', 'srv/lib/package.json', '{', 1],
    ['code in a store', 'store/files/00/0123456789abcdef', 'module.exports = {}', 0],
    ['broken JSON in a store', 'store/files/00/0123456789abcdef', '{ "a": }', 0],
  ])('of a candidate tells nothing of %s', (_, at, text, incomplete) => {
    expect(parse(text, at).packages).toEqual([]);
    expect(parse(text, at).incomplete).toHaveLength(incomplete);
  });
});

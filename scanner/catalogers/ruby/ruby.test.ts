import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../../../test/support/tar.ts';
import { file, inventoryOf, link, whiteout } from '../../samples.ts';
import { ruby } from './index.ts';

const folder = 'usr/local/bundle/specifications';
/** As RubyGems writes it. */
const spec = (...lines: readonly string[]): string =>
  [
    '# -*- encoding: utf-8 -*-',
    ...lines.filter((line) => line.startsWith('#')),
    '',
    'Gem::Specification.new do |s|',
    ...lines.filter((line) => !line.startsWith('#')).map((line) => `  s.${line}`),
    'end',
    '',
  ].join('\n');
const parse = (text: string, path = `${folder}/a-1.0.gemspec`): ReturnType<typeof ruby.parse> =>
  ruby.parse(path, Buffer.from(text));
const told = (facts: ReturnType<typeof ruby.parse>): string[] =>
  facts.packages.map(({ name, version, licenses, qualifiers = {} }) =>
    [name, version, ...licenses, ...Object.values(qualifiers)].join(' '),
  );

describe('ruby match', () => {
  it.each<readonly [string, 'of note' | 'candidate' | 'no']>([
    ['usr/lib/ruby/gems/3.1.0/specifications/rake-13.0.6.gemspec', 'of note'],
    ['usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec', 'of note'],
    ['usr/share/rubygems-integration/all/specifications/rack-2.2.6.gemspec', 'of note'],
    ['usr/local/bundle/bundler/gems/rails-0123456789ab/rails.gemspec', 'of note'],
    ['usr/local/bundle/bundler/gems/rails-0123456789ab/activerecord/activerecord.gemspec', 'of note'],
    ['usr/local/bundle/gems/rake-13.0.6/rake.gemspec', 'candidate'],
    ['usr/local/bundle/specifications/other/rake-13.0.6.gemspec', 'candidate'],
    ['app/a.gemspec', 'candidate'],
    ['app/Gemfile.lock', 'no'],
    ['usr/local/bundle/cache/rake-13.0.6.gem', 'no'],
  ])('%s: %s', (path, expected) => {
    const found = ruby.match(path) !== null ? 'of note' : ruby.isCandidate(path) ? 'candidate' : 'no';
    expect(found).toBe(expected);
  });
});

describe('the specification of a gem', () => {
  it.each<readonly [string, string, string]>([
    ['frozen texts', spec('name = "a".freeze', 'version = "1.0"'), 'a 1.0'],
    ['texts in single quotes', spec("name = 'a'", "version = '1.0'"), 'a 1.0'],
    ['texts of old', spec('name = %q{a}', 'version = %q{1.0}'), 'a 1.0'],
    ['a version in an object', spec('name = "a"', 'version = Gem::Version.new("1.0")'), 'a 1.0'],
    [
      'licenses',
      spec('name = "a"', 'version = "1.0"', 'licenses = ["MIT".freeze, "Ruby".freeze]'),
      'a 1.0 MIT Ruby',
    ],
    ['a license', spec('name = "a"', 'version = "1.0"', 'license = "MIT"'), 'a 1.0 MIT'],
    [
      'no platform where it runs anywhere',
      spec('name = "a"', 'version = "1.0"', 'platform = Gem::Platform::RUBY'),
      'a 1.0',
    ],
    [
      'the first lines, by which RubyGems knows it',
      spec('# stub: a 1.0 ruby lib', 'name = NAME', 'version = A::VERSION'),
      'a 1.0',
    ],
    ['its name where its text is a program', spec('name = NAME', 'version = A::VERSION'), 'a 1.0'],
    [
      'its name where its text is only known when it is run',
      spec('name = "#{x}"', 'version = "#{y}"'),
      'a 1.0',
    ],
    ['its name where it is empty', '', 'a 1.0'],
    ['the last of two, as Ruby does', spec('name = "b"', 'name = "a"', 'version = "1.0"'), 'a 1.0'],
    [
      'no remark',
      spec('name = "a"', 'version = "1.0"', '# name = "b"', 'summary = "\\n  s.name = \\"b\\""'),
      'a 1.0',
    ],
    ['no comparison', spec('name = "a"', 'version = "1.0"', 'version == "2.0"'), 'a 1.0'],
  ])('is read with %s', (_, text, expected) => {
    expect(told(parse(text))).toEqual([expected]);
    expect(parse(text).incomplete).toEqual([]);
  });

  it('has its platform beside its version', () => {
    const text = spec('name = "nokogiri".freeze', 'version = "1.15.4"', 'platform = "x86_64-linux".freeze');
    const facts = parse(text, `${folder}/nokogiri-1.15.4-x86_64-linux.gemspec`);
    expect([told(facts), facts.incomplete]).toEqual([['nokogiri 1.15.4 x86_64-linux'], []]);
  });

  it.each<readonly [string, string, string]>([
    ['aws-sdk-s3-1.2.3.gemspec', 'aws-sdk-s3', '1.2.3'],
    ['net-http2-0.18.pre.1-java.gemspec', 'net-http2', '0.18.pre.1'],
    ['a-2b-1.0.gemspec', 'a-2b', '1.0'],
  ])('that says nothing is called as its file: %s', (base, name, version) => {
    expect(parse('', `${folder}/${base}`).packages).toMatchObject([{ name, version }]);
  });

  it('that is of another gem than its name says is told, and said', () => {
    const facts = parse(spec('name = "b"', 'version = "2.0"'));
    expect(told(facts)).toEqual(['b 2.0']);
    expect(facts.incomplete).toMatchObject([{ why: expect.stringContaining('of b 2.0') }]);
  });

  it('that tells nothing is said', () => {
    expect(parse('', `${folder}/a.gemspec`)).toMatchObject({ packages: [], incomplete: [{}] });
  });

  it('from Git has the version that Bundler wrote into it, or none', () => {
    const path = 'bundle/bundler/gems/a-0123456789ab/a.gemspec';
    expect(told(parse(spec('name = "a"', 'version = "1.0"'), path))).toEqual(['a 1.0']);
    expect(told(parse(spec('name = "a"', 'version = A::VERSION'), path))).toEqual(['a unknown']);
  });

  it('takes no longer than its size, whatever its quotes are', () => {
    const lines = [`s.name = ${'%q('.repeat(20_000)}`, `s.version = ${'"\''.repeat(30_000)}`];
    expect(told(parse(lines.join('\n')))).toEqual(['a 1.0']);
    expect(told(parse(`${' '.repeat(60_000)}x\n`.repeat(50)))).toEqual(['a 1.0']);
  });
});

describe('gems in an image', () => {
  const gem = (name: string, version: string): string => spec(`name = "${name}"`, `version = "${version}"`);

  it('are those that are installed', async () => {
    const found = await inventoryOf([
      writeTar([
        file(`${folder}/a-1.0.gemspec`, gem('a', '1.0')),
        file('usr/local/bundle/gems/a-1.0/a.gemspec', gem('a', '9')),
        file('app/Gemfile.lock', 'GEM\n  specs:\n    c (1.0)\n'),
        file(`${folder}/b-2.gemspec`, gem('b', '2')),
      ]),
      writeTar([whiteout(`${folder}/b-2.gemspec`)]),
    ]);
    expect(found.packages).toMatchObject([{ type: 'gem', name: 'a', purl: 'pkg:gem/a@1.0' }]);
    expect(found.incomplete).toEqual([]);
  });

  it('are found once where links lead', async () => {
    const found = await inventoryOf([
      writeTar([
        file('store/x/a.gemspec', gem('a', '1.0')),
        link(`${folder}/a-1.0.gemspec`, '/store/x/a.gemspec'),
        link('other/specifications/a-1.0.gemspec', '/store/x/a.gemspec'),
        file('store/y', gem('b', '2')),
        link(`${folder}/b-2.gemspec`, '/store/y'),
        link(`${folder}/c-2.gemspec`, '/store/gone.gemspec'),
      ]),
    ]);
    expect(found.packages).toMatchObject([{ name: 'a', version: '1.0', paths: ['store/x/a.gemspec'] }]);
    expect(found.incomplete).toMatchObject([{ what: `${folder}/b-2.gemspec` }]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../../../test/support/tar.ts';
import { zipOf } from '../../../test/support/zip.ts';
import { file, folder, hard, inventoryOf, type Layer, link, names, whiteout } from '../../samples.ts';
import { python } from './index.ts';

const path = 'usr/lib/python3/site-packages/a-1.0.dist-info/METADATA';
const parse = (text: string): ReturnType<typeof python.parse> => python.parse(path, Buffer.from(text));

describe('python match', () => {
  it.each([
    ['usr/lib/python3.12/site-packages/a-1.0.dist-info/METADATA', true],
    ['a-1.0.dist-info/METADATA', true],
    ['opt/venv/lib/python3.12/site-packages/setuptools/_vendor/b-2.dist-info/METADATA', true],
    ['usr/lib/python3/dist-packages/a-1.0.egg-info/PKG-INFO', true],
    ['usr/lib/python3/dist-packages/a-1.0.egg-info', true],
    ['srv/a-1.0-py3.12.egg/EGG-INFO/PKG-INFO', true],
    ['srv/a-1.0-py2.7.egg', true],
    ['EGG-INFO/PKG-INFO', true],
    ['x/wheel-0.37.0.dist-info/METADATA', true],
    ['x/a.DIST-INFO/METADATA', true],
    ['x/a.dist-info/PKG-INFO', true],
    ['x/a.Egg-Info/METADATA', true],
    ['x/a.dist-info', true],
    ['x/a.EGG', true],
    ['usr/lib/python3.12/site-packages/pip/_vendor/vendor.txt', true],
    ['usr/lib/python3.12/site-packages/pipenv/vendor/vendor.txt', true],
    ['usr/lib/python3.12/site-packages/wheel/vendored/vendor.txt', true],
    ['usr/lib/python3.12/site-packages/pip/_vendor/urllib3/__init__.py', true],
    ['usr/lib/python3.12/site-packages/pip/_vendor/__init__.py', false],
    ['usr/lib/python3.12/site-packages/pip/_vendor/urllib3/util/__init__.py', false],
    ['srv/vendor/vendor.txt', false],
    ['srv/requirements.txt', false],
    ['x/a.egg-link', false],
    ['x/a.dist-info/metadata', false],
    ['x/a.dist-info/RECORD', false],
    ['x/a.dist-info/sub/METADATA', false],
    ['x/a-1.0/PKG-INFO', false],
    ['x/a-1.0/METADATA', false],
    ['x/NOTEGG-INFO/PKG-INFO', false],
    ['PKG-INFO', false],
  ])('%s: %s', (one, expected) => expect(python.match(one) !== null).toBe(expected));
});

describe('python parse', () => {
  it.each<readonly [string, string, string]>([
    ['a name and a version', 'Metadata-Version: 2.1\nName: a\nVersion: 1.2.3\n', 'a 1.2.3'],
    ['lines of Windows', 'Name: a\r\nVersion: 1\r\nLicense: MIT\r\n\r\nbody', 'a 1 MIT'],
    ['fields in any case', 'NAME: a\nversion:1\n', 'a 1'],
    ['a name as it is written', 'Name: Zope.Interface_X\nVersion: 1\n', 'Zope.Interface_X 1'],
    ['a byte order mark', '\ufeffName: a\nVersion: 1\n', 'a 1'],
    [
      'an expression before a license',
      'Name: a\nVersion: 1\nLicense: X\nLicense-Expression: MIT OR BSD\n',
      'a 1 MIT OR BSD',
    ],
    [
      'the classifiers where no license is named',
      'Name: a\nVersion: 1\nClassifier: License :: OSI Approved\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\nClassifier: Topic :: X\nClassifier: License :: Public Domain\n',
      'a 1 MIT License Public Domain',
    ],
    [
      'the classifiers beside the text of a license',
      'Name: a\nVersion: 1\nLicense: Copyright\n  you may\nClassifier: License :: OSI Approved :: BSD License\n',
      'a 1 BSD License',
    ],
    [
      'the name of a license before classifiers',
      'Name: a\nVersion: 1\nClassifier: License :: OSI Approved :: BSD License\nLicense: BSD-3-Clause\n',
      'a 1 BSD-3-Clause',
    ],
    ['no license in "UNKNOWN"', 'Name: a\nVersion: 1\nLicense: UNKNOWN\n', 'a 1'],
    ['no license in its text', 'Name: a\nVersion: 1\nLicense: Copyright\n  you may\n', 'a 1'],
    ['no body', 'Name: a\nVersion: 1\n\nName: b\nVersion: 2\n', 'a 1'],
    ['folded fields', 'Summary: x\n Version: 9\nName: a\nVersion:\n 1\n', 'a 1'],
    ['the first of two, as Python does', 'Name: a\nName: b\nVersion: 1\nVersion: 2\n', 'a 1'],
    ['a version from before PEP 440', 'Name: a\nVersion: 2004d-final\n', 'a 2004d-final'],
  ])('reads %s', (_, text, expected) => {
    const { packages, incomplete } = parse(text);
    expect(packages.map((one) => [one.name, one.version, ...one.licenses].join(' '))).toEqual([expected]);
    expect(packages[0]?.type).toBe('pypi');
    expect(incomplete).toEqual([]);
  });

  it.each([
    ['nothing', '', 'no Name'],
    ['no name', 'Version: 1\n', 'no Name'],
    ['a name behind the headers', 'Metadata-Version: 1\n\nName: a\nVersion: 1\n', 'no Name'],
    ['a name behind what is no header', 'Metadata-Version: 1\nSome text\nName: a\nVersion: 1\n', 'no Name'],
    ['a name that no project can have', 'Name: a/b\nVersion: 1\n', 'none that a Python project can have'],
    ['a name of dashes', 'Name: --\nVersion: 1\n', 'none that a Python project can have'],
    ['no version', 'Name: a\n', 'project "a" has no Version'],
    ['a version of two words', 'Name: a\nVersion: 1 2\n', 'Version of several words'],
  ])('says so when there is %s', (_, text, why) => {
    expect(parse(text)).toMatchObject({ packages: [], incomplete: [{ what: path }] });
    expect(parse(text).incomplete[0]?.why).toContain(why);
  });
});

describe('an egg', () => {
  const egg = 'srv/a-1.0-py2.7.egg';
  const found = (bytes: Buffer): string[] => {
    const { packages, incomplete } = python.parse(egg, bytes);
    return [
      ...packages.map(({ name, version }) => `${name} ${version}`),
      ...incomplete.map(({ why }) => why),
    ];
  };
  const info = { name: 'EGG-INFO/PKG-INFO', content: 'Name: a\nVersion: 1.0\n' };
  it.each<readonly [string, Buffer, readonly (string | RegExp)[]]>([
    ['an archive', zipOf([{ name: 'a/__init__.py' }, info]), ['a 1.0']],
    ['something else', Buffer.from('egg and spam'), []],
    ['an archive without metadata', zipOf([{ name: 'a/__init__.py' }]), [/no EGG-INFO/]],
    ['an encrypted one', zipOf([{ ...info, flags: 1 }]), [/is encrypted/]],
    ['a damaged one', zipOf([info]).subarray(0, 50), [/no central directory/]],
  ])('that is %s', (_, bytes, expected) => {
    expect(found(bytes)).toEqual(
      expected.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))),
    );
  });
});

describe('what pip has copied into its own code', () => {
  const at = 'usr/lib/python3.12/site-packages/pip/_vendor/vendor.txt';
  const list = [
    'CacheControl==0.14.0 # Make sure to update the license in pyproject.toml for this.',
    'requests==2.32.3',
    '    urllib3==1.26.20',
    'setuptools==70.3.0',
    'tomli[x] == 2.0.1 ; python_version < "3.11" \\',
    'idna>=3',
    '# rich==1',
    '-r other.txt',
    '',
  ];

  it('is told by the list that lies beside it', () => {
    const { packages, incomplete } = python.parse(at, Buffer.from(list.join('\r\n')));
    expect(packages.map(({ type, name, version }) => `${type} ${name} ${version}`)).toEqual([
      'pypi CacheControl 0.14.0',
      'pypi requests 2.32.3',
      'pypi urllib3 1.26.20',
      'pypi tomli 2.0.1',
    ]);
    expect(incomplete).toEqual([]);
  });

  const vendor = 'usr/lib/python3/dist-packages/pip/_vendor';
  const lines = file(`${vendor}/vendor.txt`, 'urllib3==1.26.20\n');
  const copies = file(`${vendor}/urllib3/__init__.py`, '# code');
  it.each<readonly [string, readonly Layer[], readonly string[]]>([
    ['the list and the copies are', [[lines, copies, file(`${vendor}/__init__.py`)]], ['urllib3 1.26.20']],
    ['one copy is a hard link', [[lines, file('x', '# code'), hard(copies.path, 'x')]], ['urllib3 1.26.20']],
    [
      'one copy lies behind a link',
      [[lines, link(`${vendor}/urllib3`, '/srv/urllib3')]],
      ['urllib3 1.26.20'],
    ],
    ['one of its files is a link', [[lines, link(copies.path, '/srv/x.py')]], ['urllib3 1.26.20']],
    // As Debian 11 and Ubuntu 22.04 have it.
    ['a distribution has taken the copies out', [[lines, file(`${vendor}/__init__.py`)]], []],
    ['a later layer has taken the copies out', [[lines, copies], [whiteout(`${vendor}/urllib3`)]], []],
    ['a later layer has taken the list out', [[lines, copies], [whiteout(lines.path)]], []],
  ])('is there where %s', async (_, layers, expected) => {
    const found = await inventoryOf(layers.map((layer) => writeTar(layer)));
    expect([names(found), found.incomplete]).toEqual([expected, []]);
  });
});

describe('python projects in an image', () => {
  const metadata = (name: string, version: string): string => `Name: ${name}\nVersion: ${version}\n\n`;
  const at = 'usr/lib/python3/site-packages';

  it('have a purl with the name that package indexes use', async () => {
    const found = await inventoryOf([
      writeTar([file(`${at}/A.B_c-1.0.dist-info/METADATA`, metadata('A.B_c', '1.0'))]),
    ]);
    expect(found.packages).toMatchObject([
      {
        type: 'pypi',
        name: 'A.B_c',
        version: '1.0',
        purl: 'pkg:pypi/a-b-c@1.0',
        paths: [`${at}/A.B_c-1.0.dist-info/METADATA`],
      },
    ]);
  });

  it('may have a folder where others have a file, and links to what is not there', async () => {
    const found = await inventoryOf([
      writeTar([
        folder(`${at}/a.egg-info`),
        file(`${at}/a.egg-info/PKG-INFO`, metadata('a', '1')),
        link(`${at}/b.egg-info`, 'a.egg-info'),
        link(`${at}/c.egg-info`, 'gone.egg-info'),
      ]),
    ]);
    expect([found.packages.map(({ name }) => name), found.incomplete]).toEqual([['a'], []]);
  });

  it('are told where a link leads to what was not read', async () => {
    const found = await inventoryOf([
      writeTar([file('srv/info', metadata('a', '1')), link(`${at}/a.egg-info`, '/srv/info')]),
    ]);
    expect(found.incomplete).toMatchObject([{ what: `${at}/a.egg-info` }]);
  });

  it('take no longer than their size, however their fields are folded', () => {
    const folded = `Name: a\nVersion: 1\nLicense: x\n${' y\n'.repeat(5_000_000)}`;
    const { packages, incomplete } = python.parse('a.dist-info/METADATA', Buffer.from(folded));
    expect([packages.map(({ name, version }) => `${name} ${version}`), incomplete]).toEqual([['a 1'], []]);
  });

  it('are told where their folder is a link to one of another name', async () => {
    const found = await inventoryOf([
      writeTar([file('srv/a/METADATA', metadata('a', '1')), link(`${at}/a-1.dist-info`, '/srv/a')]),
    ]);
    expect(found.incomplete).toMatchObject([{ what: `${at}/a-1.dist-info` }]);
  });

  it('may be installed where they are developed, which a file names', async () => {
    const found = await inventoryOf([
      writeTar([
        file('srv/a/a.egg-info/PKG-INFO', metadata('a', '1')),
        file(`${at}/a.egg-link`, '/srv/a\n.'),
        file(`${at}/b-2.dist-info/METADATA`, metadata('b', '2')),
        file(`${at}/b-2.dist-info/direct_url.json`, '{"dir_info":{"editable":true},"url":"file:///srv/b"}'),
      ]),
    ]);
    expect([found.packages.map(({ name }) => name), found.incomplete]).toEqual([['a', 'b'], []]);
  });

  it('go with their folder', async () => {
    const found = await inventoryOf([
      writeTar([file(`${at}/wheel-1.dist-info/METADATA`, metadata('wheel', '1'))]),
      writeTar([whiteout(`${at}/wheel-1.dist-info`)]),
    ]);
    expect(found.packages).toEqual([]);
  });
});

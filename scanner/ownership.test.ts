import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { alpineRoot, debianRoot, writeTar } from '../test/support/images.ts';
import { jarOf } from '../test/support/zip.ts';
import { goProgram } from './catalogers/golang/samples.ts';
import { headerOf } from './catalogers/rpm/samples.ts';
import { sqliteOf } from './catalogers/rpm/samples-sqlite.ts';
import { dpkg, file, inventoryOf, type Layer, link, type Sample, whiteout, whys } from './samples.ts';

const inventory = (...layers: readonly Layer[]): Promise<Inventory> =>
  inventoryOf(layers.map((layer) => writeTar(layer)));

/** `name of owner` of every package of a language; `of nobody`. */
async function owners(...layers: readonly Layer[]): Promise<string[]> {
  const { packages } = await inventory(...layers);
  return packages.flatMap(({ type, name, ownedBy }) =>
    ['deb', 'apk', 'rpm', 'alpm', 'opkg'].includes(type) ? [] : [`${name} of ${ownedBy ?? 'nobody'}`],
  );
}

const metadata = (name: string, version = '1.0'): string => `Name: ${name}\nVersion: ${version}\n`;
const site = 'usr/lib/python3/dist-packages';
const place = `${site}/six-1.0.dist-info/METADATA`;
const six = file(place, metadata('six'));
const debian = (...packages: readonly { name: string; version?: string; files?: string[] }[]): Layer =>
  debianRoot({ release: '12', packages: packages.map((one) => ({ version: '1.0-1', ...one })) });
const pythonSix = { name: 'python3-six', files: [place] };
const base = debian({ name: 'base-files' });
const status = (...parts: readonly string[]): Sample => file('var/lib/dpkg/status', parts.join('\n'));
const list = (name: string, ...paths: readonly string[]): Sample =>
  file(`var/lib/dpkg/info/${name}.list`, ['/.', ...paths.map((path) => `/${path}`), ''].join('\n'));

describe('a file that a package of Debian brought', () => {
  it.each<readonly [string, readonly Layer[], string]>([
    ['in one layer', [[...debian(pythonSix), six]], 'python3-six'],
    [
      'installed into a lower layer’s root',
      [base, [...debian({ name: 'base-files' }, pythonSix), six]],
      'python3-six',
    ],
    ['under a list with an architecture', [[...base, six, status(dpkg('a')), list('a:amd64', place)]], 'a'],
    [
      'of two architectures',
      [
        [
          ...base,
          six,
          status(dpkg('a'), dpkg('a').replace('amd64', 'i386')),
          list('a:amd64', place),
          list('a:i386', place),
        ],
      ],
      'a',
    ],
    [
      'upgraded with its file',
      [
        [...debian(pythonSix), six],
        [...debian({ ...pythonSix, version: '1.0-2' }), six],
      ],
      'python3-six',
    ],
    [
      'and that later layers leave alone',
      [[...debian(pythonSix), six], [file('x')], debian(pythonSix, { name: 'b' })],
      'python3-six',
    ],
    [
      'whose list was removed later',
      [[...debian(pythonSix), six], [whiteout('var/lib/dpkg/info/python3-six.list')]],
      'python3-six',
    ],
    [
      'that others divert away from themselves',
      [
        [
          ...debian(pythonSix),
          six,
          file('var/lib/dpkg/diversions', `/${place}\n/${place}.distrib\npython3-six\n`),
        ],
      ],
      'python3-six',
    ],
    [
      'where something else is diverted',
      [[...debian(pythonSix), six, file('var/lib/dpkg/diversions', '/bin/sh\n/bin/sh.distrib\ndash\n')]],
      'python3-six',
    ],
    ['that was written again by another layer', [[...debian(pythonSix), six], [six]], 'nobody'],
    [
      'that was written again while something else was installed',
      [
        [...debian(pythonSix), six],
        [...debian(pythonSix, { name: 'b' }), six],
      ],
      'nobody',
    ],
    ['that was there before the package', [[...base, six], debian(pythonSix)], 'nobody'],
    [
      'that was written again with its list',
      [
        [...debian(pythonSix), six],
        [six, list('python3-six', place)],
      ],
      'nobody',
    ],
    ['whose package was removed', [[...debian(pythonSix), six], [status(dpkg('base-files'))]], 'nobody'],
    ['whose package never was installed', [[...base, six, list('python3-six', place)]], 'nobody'],
    [
      'whose package left its configuration only',
      [
        [
          ...base,
          six,
          status(dpkg('a').replace('install ok installed', 'deinstall ok config-files')),
          list('a', place),
        ],
      ],
      'nobody',
    ],
    ['that two packages list', [[...debian(pythonSix, { name: 'b', files: [place] }), six]], 'nobody'],
    [
      'that no package lists',
      [[...debian({ name: 'python3-six', files: [`${site}/other/METADATA`] }), six]],
      'nobody',
    ],
    ['beside a list without its paths', [[...debian({ name: 'python3-six' }), six]], 'nobody'],
    [
      'that another package diverts',
      [[...debian(pythonSix), six, file('var/lib/dpkg/diversions', `/${place}\n/${place}.distrib\nb\n`)]],
      'nobody',
    ],
    [
      'that the administrator diverts',
      [[file('var/lib/dpkg/diversions', `/${place}\n/${place}.distrib\n:\n`)], [...debian(pythonSix), six]],
      'nobody',
    ],
    [
      'beside diversions that nobody can read',
      [[...debian(pythonSix), six, file('var/lib/dpkg/diversions', '/a\n/b\n')]],
      'nobody',
    ],
    [
      'beside very many diversions',
      [[...debian(pythonSix), six, file('var/lib/dpkg/diversions', '/a\n/b\nc\n'.repeat(1001))]],
      'nobody',
    ],
    [
      'by a database elsewhere',
      [[...base, six, file('srv/dpkg/status', dpkg('python3-six')), list('python3-six', place)]],
      'nobody',
    ],
  ])('%s', async (_, layers, owner) => {
    expect(await owners(...layers)).toEqual([`six of ${owner}`]);
  });

  const below = 'lib/python3/dist-packages/six-1.0.dist-info/METADATA';
  it.each<readonly [string, readonly Layer[], string]>([
    [
      'lists it below a link of its own layer',
      [[link('lib', 'usr/lib'), ...debian({ name: 'a', files: [below] }), six]],
      'a',
    ],
    [
      'lists it below a link of a lower layer',
      [
        [...base, link('lib', 'usr/lib')],
        [...debian({ name: 'a', files: [below] }), six],
      ],
      'a',
    ],
    [
      'lists it below usr/, the link leads there',
      [[link('usr/lib', '/lib'), file(below, metadata('six')), ...debian(pythonSix)]],
      'python3-six',
    ],
    ['lists it below a folder that is no link', [[...debian({ name: 'a', files: [below] }), six]], 'nobody'],
    [
      'lists a link to it',
      [
        [
          link('usr/lib/a.egg-info', `/${place}`),
          ...debian({ name: 'a', files: ['usr/lib/a.egg-info'] }),
          six,
        ],
      ],
      'nobody',
    ],
  ])('where the package %s', async (_, layers, owner) => {
    expect(await owners(...layers)).toEqual([`six of ${owner}`]);
  });

  it('is told from one that pip put elsewhere', async () => {
    const pip = file('usr/local/lib/python3.11/dist-packages/six-1.0.dist-info/METADATA', metadata('six'));
    expect(await owners([...debian(pythonSix), six], [pip])).toEqual(['six of python3-six', 'six of nobody']);
  });

  it('may be a Go program, or a jar with others in it', async () => {
    const inner = jarOf([{ group: 'g', artifact: 'inner', version: '2' }]);
    const brought = [
      { path: 'usr/bin/x', content: goProgram('go1.22.3', 'a.org/x@v1') },
      {
        path: 'usr/share/java/x-1.jar',
        content: jarOf(
          [{ group: 'g', artifact: 'x', version: '1' }],
          [{ name: 'lib/inner.jar', content: inner }],
        ),
      },
    ];
    const copied = [{ path: 'opt/x', content: goProgram('go1.22.3', 'a.org/copied@v1') }];
    const files = brought.map(({ path }) => path);
    expect((await owners([...debian({ name: 'a', files }), ...brought], copied)).sort()).toEqual([
      'a.org/copied of nobody',
      'a.org/x of a',
      'g:inner of a',
      'g:x of a',
      'stdlib of a',
      'stdlib of nobody',
    ]);
  });

  it('is told by distroless’ checksums', async () => {
    const folder = 'var/lib/dpkg/status.d';
    const sums = `${'0'.repeat(32)}  ${place}\n${'0'.repeat(32)}  usr/bin/x\nno checksum\n`;
    const layer = [
      file(`${folder}/six`, 'Package: python3-six\nVersion: 1.0\n'),
      file(`${folder}/six.md5sums`, sums),
    ];
    expect(await owners([...layer, six])).toEqual(['six of python3-six']);
    expect(await owners(layer, [six])).toEqual(['six of nobody']);
  });

  it('makes no image incomplete: a list that is too large, or none at all, names no owner', async () => {
    const large = file('var/lib/dpkg/info/a.list', `/${place}\n`.repeat(400_000));
    const layer = [...base, status(dpkg('a')), six];
    expect(await owners([...layer, large])).toEqual(['six of nobody']);
    expect(whys(await inventory([...layer, large, file('var/lib/dpkg/info/b.list', '\0\n\n/')]))).toBe('');
  });
});

describe('a file that a package of Alpine brought', () => {
  const alpine = (...files: readonly string[]): Layer =>
    alpineRoot({
      release: '3.19.4',
      packages: [
        { name: 'py3-six', version: '1.0-r0', files },
        { name: 'b', version: '1-r0' },
      ],
    });
  it('is listed by folder and name', async () => {
    expect(await owners([...alpine('bin/sh', place, 'usr/bin/x'), six])).toEqual(['six of py3-six']);
    expect(await owners([...alpine('bin/sh', 'usr/METADATA'), six])).toEqual(['six of nobody']);
    expect(await owners(alpine(place), [six])).toEqual(['six of nobody']);
  });
});

describe('a file that a package of Arch brought', () => {
  const folder = 'var/lib/pacman/local/python-six-1.0-1';
  const arch = (version: string, ...files: readonly string[]): Layer => [
    file(`${folder}/desc`, `%NAME%\npython-six\n\n%VERSION%\n${version}\n`),
    file(`${folder}/files`, `%FILES%\nusr/\n${files.join('\n')}\n`),
  ];
  it('is in the list beside its entry', async () => {
    expect(await owners([...arch('1.0-1', place), six])).toEqual(['six of python-six']);
    expect(await owners([...arch('1.0-1', 'usr/METADATA'), six])).toEqual(['six of nobody']);
    expect(await owners(arch('1.0-1', place), [six])).toEqual(['six of nobody']);
    expect(await owners([...arch('1.0-1', place), six], [...arch('1.0-2', place), six])).toEqual([
      'six of python-six',
    ]);
  });
});

describe('a file that a package of OpenWrt brought', () => {
  it('is in its list', async () => {
    const layer = [
      file('usr/lib/opkg/status', 'Package: python3-six\nVersion: 1\nStatus: install ok installed\n'),
      file('usr/lib/opkg/info/python3-six.list', `/${place}\n`),
    ];
    expect(await owners([...layer, six])).toEqual(['six of python3-six']);
    expect(await owners(layer, [six])).toEqual(['six of nobody']);
  });
});

describe('a file that an rpm package brought', () => {
  const folder = 'var/lib/rpm/rpmdb.sqlite';
  const database = (path: string, ...files: readonly (readonly [string, readonly string[]])[]): Sample => ({
    path,
    content: sqliteOf(files.map(([name, paths]) => headerOf({ name, files: paths.map((one) => `/${one}`) }))),
  });
  it('is in its header', async () => {
    expect(await owners([database(folder, ['python3-six', [place]], ['b', []]), six])).toEqual([
      'six of python3-six',
    ]);
  });
  it('is its file no longer when a layer wrote it that just holds the whole database again', async () => {
    const layers = [[database(folder, ['python3-six', [place]]), six]];
    const more = database(folder, ['python3-six', [place]], ['b', []]);
    expect(await owners(...layers, [more])).toEqual(['six of python3-six']);
    expect(await owners(...layers, [more, six])).toEqual(['six of nobody']);
  });
  it('is not told by a database that lies anywhere', async () => {
    const layer = [database(folder, ['b', []]), database('srv/rpmdb.sqlite', ['python3-six', [place]]), six];
    expect(await owners(layer)).toEqual(['six of nobody']);
  });
});

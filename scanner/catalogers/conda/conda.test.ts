import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../../../test/support/tar.ts';
import { file, inventoryOf, names, whiteout } from '../../samples.ts';
import { conda } from './index.ts';

const path = 'opt/conda/conda-meta/numpy-1.26.4-py311_0.json';
const numpy = {
  ...{
    name: 'numpy',
    version: '1.26.4',
    build: 'py311_0',
    build_number: 0,
    subdir: 'linux-64',
    arch: 'x86_64',
  },
  ...{ channel: 'https://conda.example.org/conda-forge/linux-64', fn: 'numpy-1.26.4-py311_0.conda' },
  ...{ license: 'BSD-3-Clause', files: [] as readonly string[] },
};
const metadata = 'lib/python3.11/site-packages/numpy-1.26.4.dist-info/METADATA';

describe('conda match', () => {
  it.each([
    ['opt/conda/conda-meta/numpy-1.26.4-py311_0.json', true],
    ['conda-meta/_libgcc_mutex-0.1-main.json', true],
    ['opt/conda/envs/x/conda-meta/a-b-1-0.json', true],
    ['opt/conda/conda-meta/history', false],
    ['opt/conda/conda-meta/state.json', false],
    ['opt/conda/pkgs/numpy-1.26.4-py311_0/info/index.json', false],
    ['opt/conda/pkgs/cache/a-b-c.json', false],
  ])('%s: %s', (one, expected) => expect(conda.match(one) !== null).toBe(expected));
});

describe('the record of a conda package', () => {
  it.each<readonly [string, unknown, string]>([
    [
      'as conda writes it',
      numpy,
      'pkg:conda/numpy@1.26.4?build=py311_0&channel=conda-forge&subdir=linux-64&type=conda',
    ],
    [
      'of a channel that is a name',
      { ...numpy, channel: 'defaults', fn: 'a.tar.bz2' },
      'pkg:conda/numpy@1.26.4?build=py311_0&channel=defaults&subdir=linux-64&type=tar.bz2',
    ],
    [
      'of a channel with a password',
      { ...numpy, channel: 'https://me:pass@host' },
      'pkg:conda/numpy@1.26.4?build=py311_0&subdir=linux-64&type=conda',
    ],
    ['with nothing but its name', { name: 'a', version: '1' }, 'pkg:conda/a@1'],
  ])('%s', async (_, record, purl) => {
    const { packages, incomplete } = await inventoryOf([writeTar([file(path, JSON.stringify(record))])]);
    expect([packages.map((one) => one.purl), incomplete]).toEqual([[purl], []]);
  });

  it('has a license and an architecture', () => {
    expect(conda.parse(path, Buffer.from(JSON.stringify(numpy))).packages).toMatchObject([
      { licenses: ['BSD-3-Clause'], arch: 'x86_64' },
    ]);
  });

  it.each([
    ['no JSON', '{', 'it is not JSON'],
    ['no name', '{"version":"1"}', 'it names no package'],
    ['no version', '{"name":"a"}', 'it names no package'],
    ['a name of two words', '{"name":"a b","version":"1"}', 'none that conda knows'],
  ])('with %s: says so', (_, text, why) => {
    expect(conda.parse(path, Buffer.from(text))).toMatchObject({
      packages: [],
      incomplete: [{ what: path, why: expect.stringContaining(why) }],
    });
  });
});

describe('a Python project that conda has installed', () => {
  const record = (more: object): ReturnType<typeof file> => file(path, JSON.stringify({ ...numpy, ...more }));
  const project = (name: string, version: string, at = metadata): ReturnType<typeof file> =>
    file(`opt/conda/${at}`, `Name: ${name}\nVersion: ${version}\n`);

  it.each<readonly [string, object, ReturnType<typeof file>, readonly string[]]>([
    ['once, as one of Python', { files: [metadata] }, project('numpy', '1.26.4'), ['pypi numpy 1.26.4']],
    [
      'once where it has another name there',
      { name: 'py-numpy', files: [metadata] },
      project('numpy', '1.26.4'),
      ['pypi numpy 1.26.4'],
    ],
    [
      'as both where the file is of another project',
      { files: [metadata] },
      project('scipy', '2'),
      ['conda numpy 1.26.4', 'pypi scipy 2'],
    ],
    [
      'as both where conda did not bring the file',
      {},
      project('numpy', '1.26.4'),
      ['conda numpy 1.26.4', 'pypi numpy 1.26.4'],
    ],
    [
      'as both where the file is of a project within it',
      { files: ['lib/python3.11/site-packages/numpy/_vendor/x.dist-info/METADATA'] },
      project('x', '1.26.4', 'lib/python3.11/site-packages/numpy/_vendor/x.dist-info/METADATA'),
      ['conda numpy 1.26.4', 'pypi x 1.26.4'],
    ],
  ])('is told %s', async (_, more, other, expected) => {
    const found = await inventoryOf([writeTar([record(more), other])]);
    expect(found.packages.map(({ type, name, version }) => `${type} ${name} ${version}`)).toEqual(expected);
  });

  it('is still told where its metadata was taken away', async () => {
    const found = await inventoryOf([
      writeTar([record({ files: [metadata] }), project('numpy', '1.26.4')]),
      writeTar([whiteout(`opt/conda/${metadata}`)]),
    ]);
    expect(names(found)).toEqual(['numpy 1.26.4']);
    expect(found.packages).toMatchObject([{ type: 'conda' }]);
  });
});

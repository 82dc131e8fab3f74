import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../../../test/support/tar.ts';
import { file, inventoryOf } from '../../samples.ts';
import { dotnet } from './index.ts';
import { publishedName } from './runtime-names.ts';

const path = 'app/App.deps.json';
const told = (value: unknown, at = path): string[] => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const { packages, incomplete } = dotnet.parse(at, Buffer.from(text));
  return [...packages.map(({ name, version }) => `${name} ${version}`), ...incomplete.map(({ why }) => why)];
};
/** As the SDK writes it, of what a program loads for one system. */
const deps = (
  assets: Readonly<Record<string, unknown>>,
  types: Readonly<Record<string, string>> = {},
): unknown => ({
  runtimeTarget: { name: '.NETCoreApp,Version=v8.0/linux-x64', signature: '' },
  targets: { '.NETCoreApp,Version=v8.0': {}, '.NETCoreApp,Version=v8.0/linux-x64': assets },
  libraries: Object.fromEntries(
    Object.keys(assets).map((key) => [key, { type: types[key] ?? 'package', serviceable: true, sha512: '' }]),
  ),
});
const dll = { runtime: { 'lib/net8.0/A.dll': { assemblyVersion: '1.0.0.0' } } };

describe('dotnet match', () => {
  it.each([
    ['app/App.deps.json', true],
    ['usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json', true],
    ['app/App.runtimeconfig.json', false],
    ['app/deps.json', false],
    ['src/packages.lock.json', false],
    ['src/obj/project.assets.json', false],
  ])('%s: %s', (one, expected) => expect(dotnet.match(one) !== null).toBe(expected));
});

describe('what a .NET program loads', () => {
  it.each<readonly [string, unknown, readonly string[]]>([
    ['packages with assemblies', deps({ 'Newtonsoft.Json/13.0.1': dll }), ['Newtonsoft.Json 13.0.1']],
    [
      'packages with files for some systems, native files or texts alone',
      deps({
        'A/1': { runtimeTargets: { 'runtimes/unix/lib/A.dll': { rid: 'unix' } } },
        'B/1': { native: { 'libb.so': {} } },
        'C/1': { resources: { 'lib/de/C.resources.dll': { locale: 'de' } } },
      }),
      ['A 1', 'B 1', 'C 1'],
    ],
    [
      'no package of which there is no file',
      deps({
        'Names/1': { dependencies: { A: '1' } },
        'Placeholder/1': { runtime: { 'lib/net8.0/_._': {} } },
      }),
      [],
    ],
    ['packages that no target names', { targets: {}, libraries: { 'A/1': { type: 'package' } } }, ['A 1']],
    [
      'not itself, nor other projects and files',
      deps({ 'App/1.0.0': dll, 'X/1': dll }, { 'App/1.0.0': 'project', 'X/1': 'reference' }),
      [],
    ],
    [
      'the framework that it brings',
      deps(
        { 'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': dll },
        { 'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': 'runtimepack' },
      ),
      ['Microsoft.NETCore.App.Runtime.linux-x64 8.0.1'],
    ],
    [
      'packages without a version',
      deps({ 'A/': dll, '/1': dll, 'A B/1': dll, 'C/1/2': dll, 'D/1': dll }),
      ['D 1', '4 of its packages have no name or version that NuGet would take'],
    ],
    ['nothing, in another program’s file', { a: 1 }, []],
    ['nothing, in a list', [], []],
    ['something else than it says', '{', ['it is not JSON']],
  ])('is %s', (_, value, expected) => expect(told(value)).toEqual(expected));
});

describe('a framework that programs share', () => {
  const at = (name: string, version: string): string =>
    `usr/lib/dotnet/shared/${name}/${version}/${name}.deps.json`;
  const core = 'Microsoft.NETCore.App';
  it.each<readonly [string, unknown, readonly string[]]>([
    [
      'is called as advisories call it',
      deps({ [`${core}.Runtime.linux-x64/8.0.1`]: dll }),
      [`${core}.Runtime.linux-x64 8.0.1`],
    ],
    ['as its folder, where it tells no package', deps({}), [`${core} 8.0.1`]],
    ['as its folder, where it tells others', deps({ 'A/1': dll }), ['A 1', `${core} 8.0.1`]],
    ['once', deps({ [`${core.toLowerCase()}/8.0.1`]: dll }), [`${core.toLowerCase()} 8.0.1`]],
  ])('%s', (_, value, expected) => expect(told(value, at(core, '8.0.1'))).toEqual(expected));

  it.each([
    ['Microsoft.NETCore.App.Runtime.linux-x64', 'Microsoft.NETCore.App.Runtime.linux-x64'],
    ['Microsoft.NETCore.App.Runtime.linux-musl-arm64', 'Microsoft.NETCore.App.Runtime.linux-musl-arm64'],
    ['Microsoft.NETCore.App.Runtime.ubuntu.24.04-x64', 'Microsoft.NETCore.App.Runtime.linux-x64'],
    ['Microsoft.AspNetCore.App.Runtime.alpine.3.19-x64', 'Microsoft.AspNetCore.App.Runtime.linux-musl-x64'],
    ['Microsoft.NETCore.App.Runtime.win10-x64', 'Microsoft.NETCore.App.Runtime.win10-x64'],
    ['My.Runtime.Library', 'My.Runtime.Library'],
  ])('%s is known as %s', (name, expected) => expect(publishedName(name)).toBe(expected));
});

it('packages of .NET are found in an image', async () => {
  const found = await inventoryOf([
    writeTar([file(path, JSON.stringify(deps({ 'Newtonsoft.Json/13.0.1': dll })))]),
  ]);
  expect(found.packages).toMatchObject([
    { type: 'nuget', purl: 'pkg:nuget/Newtonsoft.Json@13.0.1', paths: [path] },
  ]);
});

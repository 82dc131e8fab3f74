import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { elf, goProgram, heads, program } from './catalogers/golang/samples.ts';
import { analyseDirectory } from './directory.ts';
import { buildInventory } from './inventory.ts';
import { defaultLayerLimits } from './limits.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pratique-directory-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

async function inventory(): Promise<Inventory> {
  const analysis = await analyseDirectory(root);
  return buildInventory({ layers: [{ digest: null, analysis }], config: null, unfit: [] });
}

const names = ({ packages }: Inventory): string[] =>
  packages.map(({ name, version }) => `${name} ${version}`);
const dpkg = 'Package: a\nStatus: install ok installed\nVersion: 1\n';

describe('analyseDirectory', () => {
  it('reads databases and packages in their places', async () => {
    await put('var/lib/dpkg/status', dpkg);
    await put('etc/os-release', 'ID=debian\nVERSION_ID=12');
    await put('app/node_modules/b/package.json', '{"name":"b","version":"2"}');
    const found = await inventory();
    expect(found).toMatchObject({ os: { id: 'debian' }, incomplete: [], content: 'image' });
    expect(names(found)).toEqual(['a 1', 'b 2']);
    expect(found.packages.map(({ layer }) => layer)).toEqual([null, null]);
  });

  it('looks into programs, of any size and name', async () => {
    const small = goProgram('go1.22.3', 'example.org/a@v1.0.0');
    await put('usr/bin/a', small);
    await put('usr/bin/b', program(heads.elf, Buffer.alloc(700_001), small));
    await put('usr/bin/c', elf());
    await put('usr/bin/d', '#!');
    await put('usr/bin/e', '');
    const found = await inventory();
    expect(found.packages.map(({ name, version, paths }) => `${name} ${version} ${paths.join(' ')}`)).toEqual(
      [
        'example.org/a v1.0.0 usr/bin/a',
        'example.org/a v1.0.0 usr/bin/b',
        'stdlib 1.22.3 usr/bin/a',
        'stdlib 1.22.3 usr/bin/b',
      ],
    );
    expect(found.incomplete).toEqual([]);
  });

  it('tells of a program that cannot be read, and of no other file', async () => {
    for (const [name, mode] of [
      ['tool', 0o111],
      ['shadow', 0],
    ] as const) {
      await put(name, elf());
      await chmod(join(root, name), mode);
    }
    // The superuser reads them all the same.
    const expected = process.getuid?.() === 0 ? [] : ['tool'];
    expect((await inventory()).incomplete.map(({ what }) => what)).toEqual(expected);
  });

  it('never follows a link out of the folder', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'pratique-outside-'));
    try {
      await writeFile(join(outside, 'status'), dpkg);
      await mkdir(join(root, 'var/lib'), { recursive: true });
      await symlink(outside, join(root, 'var/lib/dpkg'));
      const found = await inventory();
      expect(found.packages).toEqual([]);
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  it('follows links within the folder as the root that it is', async () => {
    await put('opt/dpkg/status', dpkg);
    await mkdir(join(root, 'var/lib/dpkg'), { recursive: true });
    await symlink('/opt/dpkg/status', join(root, 'var/lib/dpkg/status'));
    expect(names(await inventory())).toEqual(['a 1']);
  });

  it('takes names that look like whiteouts for names', async () => {
    await put('app/node_modules/b/package.json', '{"name":"b","version":"2"}');
    await put('app/.wh.node_modules', '');
    await put('app/.wh..wh..opq', '');
    expect(names(await inventory())).toEqual(['b 2']);
  });

  it('does not open a pipe', async () => {
    await mkdir(join(root, 'var/lib/dpkg'), { recursive: true });
    execFileSync('mkfifo', [join(root, 'var/lib/dpkg/status')]);
    expect((await inventory()).incomplete).toEqual([
      { what: 'var/lib/dpkg/status', why: 'it is no regular file' },
    ]);
  });

  it('reads files whose names are no UTF-8, and tells them apart', async () => {
    const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
    for (const [name, called] of [
      ['caf\xe9', 'one'],
      ['caf\xff', 'other'],
    ] as const) {
      const folder = Buffer.concat([Buffer.from(root), bytes(`/node_modules/${name}`)]);
      await mkdir(folder, { recursive: true });
      await writeFile(Buffer.concat([folder, bytes('/package.json')]), `{"name":"${called}","version":"1"}`);
    }
    await put('x/\ud83d\ude00/package.json', '{"name":"third","version":"1"}');
    await symlink(bytes('../x/\xf0\x9f\x98\x80'), join(root, 'node_modules/third'));
    const found = await inventory();
    expect([names(found), found.incomplete]).toEqual([['one 1', 'other 1', 'third 1'], []]);
  });

  it('tells of what cannot be read', async () => {
    await put('var/lib/dpkg/status', dpkg);
    await chmod(join(root, 'var/lib/dpkg/status'), 0);
    const found = await inventory();
    // The superuser reads it all the same.
    if (process.getuid?.() === 0) expect(names(found)).toEqual(['a 1']);
    else expect(found.incomplete[0]?.why).toContain('cannot be read');
  });

  it('refuses what is no folder, and too many files', async () => {
    await put('a', '');
    await put('b', '');
    await expect(analyseDirectory(join(root, 'a'))).rejects.toMatchObject({ code: 'usage-invalid' });
    await expect(analyseDirectory(join(root, 'none'))).rejects.toMatchObject({ code: 'usage-invalid' });
    await expect(analyseDirectory(root, { ...defaultLayerLimits, entries: 1 })).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
  });
});

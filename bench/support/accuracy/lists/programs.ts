import { closeSync, lstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { inflateSync } from 'node:zlib';
import { libraryVersion } from '../../../../scanner/catalogers/golang/toolchain.ts';
import { must, run } from '../../../../test/e2e/support/run.ts';
import { isBelow, type Listed, type PackageList } from '../listed.ts';

/** Modules of every program below a folder, as the go command of this machine reads them. */
export const go: PackageList = {
  name: 'go',
  source: 'go version -m on every program',
  async read(root, folder) {
    const text = await must('go', ['version', '-m', join(root, folder)]);
    const listed = new Map<string, Listed>();
    let place = '';
    let last: string | null = null;
    const add = (name: string, version: string): void => {
      last = `${place}\t${name}\t${version}`;
      listed.set(last, { type: 'golang', name, version, detail: '', place });
    };
    for (const line of text.split('\n')) {
      const head = /^(\/.*): ((?:go|devel).*)$/.exec(line);
      const [, key, name = '', version = ''] = line.split('\t');
      if (head !== null) {
        place = relative(root, head[1] ?? '');
        add('stdlib', libraryVersion(head[2] ?? ''));
      } else if (key === 'path' && /^cmd(?:\/|$)/.test(name)) {
        add('toolchain', [...listed.values()].at(-1)?.version ?? '');
      } else if (key === 'mod' || key === 'dep') add(name, version === '' ? '(devel)' : version);
      else if (key === '=>' && last !== null) {
        // What came in a module's place counts, a folder excepted.
        const replaced = listed.get(last)?.name ?? '';
        listed.delete(last);
        if (/^[./]/.test(name)) add(replaced, '(devel)');
        else add(name, version);
      }
    }
    // The go command follows links to programs; the program is told at its own place.
    const isLink = (one: Listed): boolean => lstatSync(join(root, one.place)).isSymbolicLink();
    return [...listed.values()].filter((one) => one.name !== 'std' && one.name !== 'cmd' && !isLink(one));
  },
  ours: (packages, folder) => programsOf(packages, 'golang', folder),
};

interface AuditedCrate {
  readonly name: string;
  readonly version: string;
}

/** Crates in the section that cargo-auditable writes, taken out by objcopy. */
export const rust: PackageList = {
  name: 'rust',
  source: 'objcopy --dump-section .dep-v0, unpacked',
  async read(root, folder) {
    const listed: Listed[] = [];
    const entries = await readdir(join(root, folder), { withFileTypes: true, recursive: true });
    for (const entry of entries) {
      const file = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !isElf(file)) continue;
      const headers = await run('readelf', ['-SW', file]);
      if (!/\s\.dep-v0\s/.test(headers.out)) continue;
      const { packages } = JSON.parse(inflateSync(await sectionOf(file)).toString()) as {
        readonly packages: readonly AuditedCrate[];
      };
      const place = relative(root, file);
      for (const { name, version } of packages)
        listed.push({ type: 'cargo', name, version, detail: '', place });
    }
    return listed;
  },
  ours: (packages, folder) => programsOf(packages, 'cargo', folder),
};

function isElf(file: string): boolean {
  const head = Buffer.alloc(4);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, head, 0, head.length, 0);
  } finally {
    closeSync(handle);
  }
  return head.toString('latin1') === '\x7fELF';
}

async function sectionOf(file: string): Promise<Buffer> {
  const dir = mkdtempSync(join(tmpdir(), 'pratique-accuracy-'));
  try {
    const section = join(dir, 'section');
    await must('objcopy', ['--dump-section', `.dep-v0=${section}`, file, '/dev/null']);
    return await readFile(section);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function programsOf(
  packages: Parameters<PackageList['ours']>[0],
  type: 'golang' | 'cargo',
  folder: string,
): Listed[] {
  return packages
    .filter((one) => one.type === type)
    .flatMap(({ name, version, paths }) =>
      paths
        .filter((path) => isBelow(path, folder))
        .map((place) => ({ type, name, version, detail: '', place })),
    );
}

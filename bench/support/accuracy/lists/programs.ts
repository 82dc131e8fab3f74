import { execFileSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
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
    return [...listed.values()].filter(({ name }) => name !== 'std' && name !== 'cmd');
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
      if (!entry.isFile() || lstatSync(file).size < 10_000) continue;
      const headers = await run('readelf', ['-SW', file]);
      if (!/\s\.dep-v0\s/.test(headers.out)) continue;
      const section = execFileSync('objcopy', ['--dump-section', '.dep-v0=/dev/stdout', file, '/dev/null']);
      const { packages } = JSON.parse(inflateSync(section).toString()) as {
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

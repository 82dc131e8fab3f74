import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BuiltImage } from '../support/images.ts';
import { writeLayout } from '../support/layout.ts';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { applyingByDpkg, installedIn, newestByDpkg } from './support/dpkg-check.ts';
import { imageOfFolder, imageOfTar } from './support/folder-image.ts';
import { environmentPath, haveAptPrograms } from './support/programs.ts';
import { must } from './support/run.ts';

// Real advisories and root filesystems are no part of the project: whoever has them names their folder.
const data = environmentPath('PRATIQUE_REAL_DATA', 'real advisories and root filesystems');
const available = data !== null && haveAptPrograms('debootstrap', 'dpkg', 'dpkg-query', 'xz');

interface Finding {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly package: string;
  readonly version: string;
  readonly fixedVersion: string | null;
}

interface Scanned {
  readonly packages: readonly { readonly name: string; readonly source: { readonly name: string } }[];
  readonly findings: readonly Finding[];
  readonly incomplete: readonly unknown[];
}

/** What is expected of a root, with the columns of its table. */
const roots = [
  ['alpine-minirootfs-20240923-x86_64', 'tar.gz', /^ALPINE-/],
  ['alpine-minirootfs-3.7.3-x86_64', 'tar.gz', /^ALPINE-/],
  ['al8-20231122-almalinux-8-docker-s390x-micro', 'tar.xz', /^AL[SBE]A-/],
  ['al9-20231124-almalinux-9-docker-aarch64-micro', 'tar.xz', /^AL[SBE]A-/],
] as const;

const suites = [
  ['11', 'bullseye'],
  ['12', 'bookworm'],
  ['13', 'trixie'],
] as const;

(available ? describe : describe.skip)('findings of real systems (needs PRATIQUE_REAL_DATA)', () => {
  const folder = data ?? '';
  const scratch = temporaryDirectory();
  const place = ['--data', join(scratch, 'data')];
  const table: string[] = [
    'system  packages  pairs compared by dpkg  records that apply  findings  missing  extra',
  ];

  beforeAll(async () => {
    const imported = await runCli(['advisories', 'update', '--from', join(folder, 'osv'), ...place]);
    expect(imported).toMatchObject({ code: 0 });
  });
  afterAll(() => {
    process.stdout.write(`${table.join('\n')}\n`);
  });

  const scan = async (image: BuiltImage): Promise<Scanned> => {
    const layout = join(temporaryDirectory(), 'layout');
    await writeLayout(layout, { x: image });
    const { out } = await runCli(['scan', `oci:${layout}:x`, '--format', 'json', ...place]);
    return JSON.parse(out) as Scanned;
  };

  it.each(roots)('%s has the expected ones, ids, fixes and CVEs', async (name, ending, own) => {
    const archive = join(folder, 'rootfs', `${name}.${ending}`);
    const tar =
      ending === 'tar.gz'
        ? gunzipSync(readFileSync(archive))
        : readFileSync(await unpackXz(archive, join(scratch, `${name}.tar`)));
    const { findings, incomplete } = await scan(imageOfTar(tar));
    expect(incomplete).toEqual([]);
    const [head = '', ...rows] = readFileSync(join(folder, 'rootfs', `${name}.expected-findings.tsv`), 'utf8')
      .trimEnd()
      .split('\n');
    const columns = head.split('\t');
    const expected = rows.map((row) => {
      const cells = row.split('\t');
      const cell = (column: string): string => cells[columns.indexOf(column)] ?? '';
      return { package: cell('package'), id: cell('osv_id'), fixed: cell('fixed'), cves: cell('cves') };
    });
    const keys = (all: readonly { package: string; id: string }[]): string[] =>
      all.map((one) => `${one.package} ${one.id}`).sort();
    // Records about one and the same CVE are one finding, with all their ids and the highest fix of them.
    const told = findings.flatMap((finding) =>
      [finding.id, ...finding.aliases].flatMap((id) =>
        own.test(id) ? [{ package: finding.package, id, finding }] : [],
      ),
    );
    expect(keys(told)).toEqual(keys(expected));
    for (const finding of findings) {
      const those = expected.filter(
        (one) => one.package === finding.package && [finding.id, ...finding.aliases].includes(one.id),
      );
      expect(those.map(({ fixed }) => fixed)).toContain(finding.fixedVersion);
      const cves = new Set(those.flatMap((one) => (one.cves === '' ? [] : one.cves.split(','))));
      expect(finding.aliases.filter((id) => id.startsWith('CVE-')).sort()).toEqual([...cves].sort());
    }
    table.push(`${name}: ${expected.length} rows expected, ${findings.length} findings, 0 missing, 0 extra`);
  });

  it.each(suites)(
    'Debian %s has what dpkg --compare-versions says, and nothing else',
    async (release, suite) => {
      const root = join(scratch, suite);
      await must('debootstrap', ['--variant=minbase', suite, root]);
      const installed = await installedIn(root);
      const archive = join(folder, 'osv', 'Debian', 'all.zip');
      const { applying, compared } = await applyingByDpkg(archive, `Debian:${release}`, installed);
      const { findings, packages, incomplete } = await scan(await imageOfFolder(root, scratch));
      expect(incomplete).toEqual([]);
      expect(packages).toHaveLength(installed.length);
      const key = (name: string, id: string): string => `${name} ${id}`;
      const byDpkg = new Set(applying.map((one) => key(one.package, one.id)));
      const told = new Map(
        findings.flatMap((finding) =>
          [finding.id, ...finding.aliases].map((id) => [key(finding.package, id), finding] as const),
        ),
      );
      const missing = [...byDpkg].filter((one) => !told.has(one));
      const extra = findings.filter((finding) => !byDpkg.has(key(finding.package, finding.id)));
      table.push(
        `Debian ${release}  ${installed.length}  ${compared}  ${byDpkg.size}  ${findings.length}  ${missing.length}  ${extra.length}`,
      );
      expect({ missing, extra }).toEqual({ missing: [], extra: [] });
      for (const finding of findings) {
        const ids = new Set([finding.id, ...finding.aliases]);
        const fixes = applying.filter((one) => one.package === finding.package && ids.has(one.id));
        const newest = await newestByDpkg(fixes.flatMap(({ fixed }) => fixed ?? []));
        expect([finding.package, finding.id, finding.fixedVersion]).toEqual([
          finding.package,
          finding.id,
          newest,
        ]);
      }
      expect(existsSync(join(root, 'var', 'lib', 'dpkg', 'status'))).toBe(true);
    },
  );
});

async function unpackXz(archive: string, target: string): Promise<string> {
  await must('sh', ['-c', 'xz -dc "$0" > "$1"', archive, target]);
  return target;
}

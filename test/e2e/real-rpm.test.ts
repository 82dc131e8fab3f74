import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Platform } from '../../core/platform.ts';
import { type BuiltImage, buildIndex, linuxArm64 } from '../support/images.ts';
import { type RunningPratique, runCli, startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { type DockerRegistry, startDockerRegistry } from './support/docker-registry.ts';
import { imageOfTar } from './support/folder-image.ts';
import { environmentPath, haveAptPrograms } from './support/programs.ts';
import { must, run } from './support/run.ts';

// Real advisories and root filesystems are no part of the project: whoever has them names their folder.
const data = environmentPath('PRATIQUE_REAL_DATA', 'real advisories and root filesystems');
const available = data !== null && haveAptPrograms('docker-registry', 'skopeo', 'xz');

const policy = `
version: 1
name: any-fix
rules:
  - { id: any-fix, title: A fix exists, action: deny, when: { fixAvailable: true } }
`;

interface Report {
  readonly inventory: {
    readonly packages: readonly {
      readonly name: string;
      readonly version: string;
      readonly arch: string | null;
      readonly type: string;
      readonly source: { readonly name: string; readonly version: string };
    }[];
    readonly incomplete: readonly unknown[];
  };
  readonly findings: readonly {
    readonly id: string;
    readonly kind: string;
    readonly aliases: readonly string[];
    readonly package: string;
    readonly version: string;
    readonly fixedVersion: string | null;
  }[];
}

const linuxS390x: Platform = { os: 'linux', architecture: 's390x', variant: null };
/** The first has a database of Berkeley DB, written in big-endian order; the second one of SQLite. */
const systems = [
  ['almalinux:8', 'al8-'],
  ['almalinux:9', 'al9-'],
] as const;
const platforms = { 'almalinux:8': linuxS390x, 'almalinux:9': linuxArm64 } as const;

(available ? describe : describe.skip)(
  'real rpm systems (needs PRATIQUE_REAL_DATA and programs of apt)',
  () => {
    const roots = join(data ?? '', 'rootfs');
    const fileOf = (prefix: string, ending: string): string =>
      join(roots, readdirSync(roots).find((name) => name.startsWith(prefix) && name.endsWith(ending)) ?? '');
    const rowsOf = (prefix: string, ending: string): string[][] =>
      readFileSync(fileOf(prefix, ending), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t'));
    const images = new Map<string, BuiltImage>();
    let registry: DockerRegistry;
    let pratique: RunningPratique;

    beforeAll(async () => {
      const dir = temporaryDirectory();
      const from = join(data ?? '', 'osv');
      const imported = await runCli(['advisories', 'update', '--from', from, '--data', join(dir, 'data')]);
      expect(imported).toMatchObject({ code: 0 });
      registry = await startDockerRegistry(join(dir, 'registry'));
      for (const [name, prefix] of systems) {
        const archive = join(dir, 'root.tar');
        await must('sh', ['-c', 'xz -dc "$0" > "$1"', fileOf(prefix, '.tar.xz'), archive]);
        images.set(name, imageOfTar(readFileSync(archive), platforms[name]));
      }
      for (const [name, image] of images) {
        const [repository = '', tag = ''] = name.split(':');
        await registry.push(repository, tag, image);
      }
      await registry.push('almalinux', 'both', buildIndex([...images.values()]));
      pratique = await startPratique({
        dir,
        policy,
        upstreams: [{ name: 'corp', namespace: 'corp.test', url: registry.url }],
        config: { platforms: ['linux/s390x', 'linux/arm64'] },
      });
    });
    afterAll(async () => {
      await pratique?.stop();
      await registry?.stop();
    });

    const pull = (name: string): ReturnType<typeof run> =>
      run('skopeo', [
        'copy',
        '--all',
        '--src-tls-verify=false',
        `docker://127.0.0.1:${pratique.ports.registry}/corp/${name}`,
        `dir:${join(temporaryDirectory(), 'out')}`,
      ]);
    const report = async (name: string): Promise<Report> => {
      const digest = images.get(name)?.manifest.digest ?? '';
      const response = await fetch(`${pratique.management}/api/v1/verdicts/${digest}`);
      return (await response.json()) as Report;
    };

    it.each(['almalinux:8', 'almalinux:9', 'almalinux:both'])(
      '%s is refused, and the client prints why',
      async (name) => {
        const { code, out, err } = await pull(name);
        expect(code).not.toBe(0);
        expect(out + err).toMatch(/Blocked by Pratique.*CVE-\d{4}-\d+/);
      },
    );

    it.each(systems)('the inventory of %s is what rpm lists', async (name, prefix) => {
      const { inventory } = await report(name);
      const listed = rowsOf(prefix, '.packages.tsv').flatMap(
        ([one, epoch, version, release, arch, sourceRpm]) => {
          // Keys that packages are signed with.
          if (one === 'gpg-pubkey') return [];
          const full = `${epoch === '0' ? '' : `${epoch ?? ''}:`}${version ?? ''}-${release ?? ''}`;
          return [[one, full, arch, sourceRpm].join('\t')];
        },
      );
      const found = inventory.packages.map((one) =>
        [one.name, one.version, one.arch, `${one.source.name}-${one.source.version}.src.rpm`].join('\t'),
      );
      expect(found.sort()).toEqual(listed.sort());
      expect(inventory.incomplete).toEqual([]);
    });

    it.each(systems)('the findings of %s are the expected ones', async (name, prefix) => {
      const { findings } = await report(name);
      const [, ...rows] = rowsOf(prefix, '.expected-findings.tsv');
      const key = (one: string, version: string, id: string): string => [one, version, id].join('\t');
      const expected = new Map(
        rows.map(([one = '', version = '', id = '', fixed = '', cves = '']) => [
          key(one, version, id),
          { fixed, cves },
        ]),
      );
      const told = new Set<string>();
      for (const finding of findings) {
        // Advisories about one and the same CVE are one finding, with the highest fix of them.
        const ids = [finding.id, ...finding.aliases.filter((id) => /^AL[SBE]A-/.test(id))];
        const keys = ids.map((id) => key(finding.package, finding.version, id));
        const parts = keys.flatMap((one) => expected.get(one) ?? []);
        for (const one of keys) told.add(one);
        expect(parts.map(({ fixed }) => fixed)).toContain(finding.fixedVersion);
        expect(finding.aliases.filter((id) => id.startsWith('CVE-')).sort()).toEqual(
          [...new Set(parts.flatMap(({ cves }) => (cves === '' ? [] : cves.split(','))))].sort(),
        );
        expect(finding.kind).toBe(/^AL[BE]A-/.test(finding.id) ? 'bugfix' : 'vulnerability');
      }
      expect([...told].sort()).toEqual([...expected.keys()].sort());
    });
  },
);

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BuiltImage, buildImage, debianRoot } from '../support/images.ts';
import { type RunningPratique, runCli, startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { type Containerd, startContainerd } from './support/containerd.ts';
import { type DockerRegistry, startDockerRegistry } from './support/docker-registry.ts';
import { imageOfFolder, imageOfTar } from './support/folder-image.ts';
import { environmentPath, haveAptPrograms } from './support/programs.ts';
import { must, run } from './support/run.ts';

// Real advisories and root filesystems are no part of the project: whoever has them names their folder.
const data = environmentPath('PRATIQUE_REAL_DATA', 'real advisories and root filesystems');
const available =
  data !== null &&
  haveAptPrograms('docker-registry', 'skopeo', 'containerd', 'ctr', 'debootstrap', 'dpkg-query');

const policy = `
version: 1
name: any-fix
rules:
  - { id: any-fix, title: A fix exists, action: deny, when: { fixAvailable: true } }
`;

interface Report {
  readonly inventory: {
    readonly packages: readonly {
      name: string;
      version: string;
      arch: string;
      type: string;
      source: { name: string; version: string };
    }[];
    readonly incomplete: readonly unknown[];
  };
  readonly findings: readonly {
    id: string;
    aliases: string[];
    package: string;
    version: string;
    fixedVersion: string | null;
  }[];
}

(available ? describe : describe.skip)('real input (needs PRATIQUE_REAL_DATA and programs of apt)', () => {
  const roots = join(data ?? '', 'rootfs');
  let registry: DockerRegistry;
  let pratique: RunningPratique;
  let containerd: Containerd;
  const images = new Map<string, BuiltImage>();
  const debians = new Map<string, string>();

  beforeAll(async () => {
    const dir = temporaryDirectory();
    const imported = await runCli([
      'advisories',
      'update',
      '--from',
      join(data ?? '', 'osv'),
      '--data',
      join(dir, 'data'),
    ]);
    expect(imported).toMatchObject({ code: 0 });
    registry = await startDockerRegistry(join(dir, 'registry'));
    for (const [tag, file] of [
      ['edge', 'alpine-minirootfs-20240923-x86_64.tar.gz'],
      ['3.19', 'alpine-minirootfs-3.19.4-x86_64.tar.gz'],
    ] as const) {
      images.set(`alpine:${tag}`, imageOfTar(gunzipSync(readFileSync(join(roots, file)))));
    }
    for (const [tag, suite] of [
      ['11', 'bullseye'],
      ['12', 'bookworm'],
    ] as const) {
      const root = join(dir, suite);
      await must('debootstrap', ['--variant=minbase', suite, root]);
      debians.set(`debian:${tag}`, root);
      images.set(`debian:${tag}`, await imageOfFolder(root, dir));
    }
    images.set('app:npm', npmImage());
    for (const [name, image] of images) {
      const [repository = '', tag = ''] = name.split(':');
      await registry.push(repository, tag, image);
    }
    pratique = await startPratique({
      dir,
      policy,
      upstreams: [{ name: 'corp', namespace: 'corp.test', url: registry.url }],
    });
    containerd = await startContainerd(temporaryDirectory(), 'corp.test', pratique.registry);
  });
  afterAll(async () => {
    await containerd?.stop();
    await pratique?.stop();
    await registry?.stop();
  });

  /** Both clients try; gives what they print when they are refused. */
  const pull = async (name: string): Promise<{ code: number; text: string }[]> => {
    const skopeo = await run('skopeo', [
      'copy',
      '--src-tls-verify=false',
      `docker://127.0.0.1:${pratique.ports.registry}/corp/${name}`,
      `dir:${join(temporaryDirectory(), 'out')}`,
    ]);
    const ctr = await containerd.pull(`corp.test/${name}`);
    return [skopeo, ctr].map(({ code, out, err }) => ({ code, text: out + err }));
  };
  const report = async (name: string): Promise<Report> => {
    const response = await fetch(
      `${pratique.management}/api/v1/verdicts/${images.get(name)?.manifest.digest ?? ''}`,
    );
    return (await response.json()) as Report;
  };

  it.each([
    ['alpine:edge', /Blocked by Pratique.*CVE-/],
    ['alpine:3.19', /no advisories cover Alpine:v3\.19/],
    ['debian:11', /Blocked by Pratique.*CVE-/],
    ['debian:12', /Blocked by Pratique.*CVE-/],
  ])('%s is refused, and both clients print why', async (name, message) => {
    for (const { code, text } of await pull(name)) {
      expect(code).not.toBe(0);
      expect(text).toMatch(message);
    }
  });

  it('an image with hundreds of npm packages and nothing to fix arrives byte for byte', async () => {
    for (const { code, text } of await pull('app:npm'))
      expect({ code, text }).toEqual({ code: 0, text: expect.anything() });
    const image = images.get('app:npm');
    for (const [digest, bytes] of image?.blobs ?? []) {
      const response = await fetch(`${pratique.registry}/v2/corp/app/blobs/${digest}`);
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    }
    const { inventory } = await report('app:npm');
    expect(inventory.packages.length).toBeGreaterThan(300);
    const npm = inventory.packages.filter(({ type }) => type === 'npm');
    expect(npm.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(installed().sort());
  });

  it.each([
    ['alpine:edge', 'alpine-minirootfs-20240923-x86_64'],
    ['alpine:3.19', 'alpine-minirootfs-3.19.4-x86_64'],
  ])('the inventory of %s is what apk lists', async (name, file) => {
    const { inventory } = await report(name);
    const found = inventory.packages.map((one) =>
      [one.name, one.version, one.arch, one.source.name].join('\t'),
    );
    expect(found.sort()).toEqual(rowsOf(join(roots, `${file}.packages.tsv`), false).sort());
    expect(inventory.incomplete).toEqual([]);
  });

  it('the findings of alpine:edge are the expected ones, fixes and CVEs included', async () => {
    const { findings, inventory } = await report('alpine:edge');
    const origins = new Map(inventory.packages.map((one) => [one.name, one.source.name]));
    const found = findings.map((finding) =>
      [
        finding.package,
        finding.version,
        origins.get(finding.package),
        finding.id,
        finding.fixedVersion,
        finding.aliases.filter((id) => id.startsWith('CVE-')).join(','),
      ].join('\t'),
    );
    expect(found.sort()).toEqual(
      rowsOf(join(roots, 'alpine-minirootfs-20240923-x86_64.expected-findings.tsv'), true).sort(),
    );
  });

  it.each(['debian:11', 'debian:12'])('the inventory of %s is what dpkg-query lists', async (name) => {
    const fields = ['Package', 'Version', 'Architecture', 'source:Package', 'source:Version'];
    const format = `${fields.map((field) => `\${${field}}`).join('\\t')}\\n`;
    const listed = await must('dpkg-query', [
      `--admindir=${debians.get(name) ?? ''}/var/lib/dpkg`,
      '-W',
      '-f',
      format,
    ]);
    const { inventory } = await report(name);
    const found = inventory.packages.map((one) =>
      [one.name, one.version, one.arch, one.source.name, one.source.version].join('\t'),
    );
    expect(found.sort()).toEqual(listed.trim().split('\n').sort());
    expect(inventory.packages.length).toBeGreaterThan(70);
  });

  it.each([
    ['corp.test/debian:11', false],
    [`localhost:PORT/corp/alpine:edge`, false],
    ['corp.test/app:npm', true],
  ])('an AdmissionReview for a Deployment of %s is answered with allowed: %s', async (image, allowed) => {
    const { body } = await pratique.review(
      deployment(image.replace('PORT', String(pratique.ports.registry))),
    );
    const { response } = body as { response: { allowed: boolean; status?: { message: string } } };
    expect(response.allowed).toBe(allowed);
    if (!allowed) expect(response.status?.message).toMatch(/CVE-\d{4}-\d+.*fixed in/);
  });
});

function rowsOf(file: string, header: boolean): string[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return header ? lines.slice(1) : lines;
}

/** This project's own dependencies, as npm has put them into node_modules. */
function packageFiles(folder = 'node_modules'): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || entry.name.startsWith('.')) return [];
    const below = join(folder, entry.name);
    if (entry.name.startsWith('@')) return packageFiles(below);
    let nested: string[] = [];
    try {
      nested = packageFiles(join(below, 'node_modules'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return [join(below, 'package.json'), ...nested];
  });
}

function installed(): string[] {
  return packageFiles().map((file) => {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string };
    return `${name}@${version}`;
  });
}

function npmImage(): BuiltImage {
  const files = packageFiles().map((file) => ({ path: `app/${file}`, content: readFileSync(file) }));
  const base = debianRoot({ release: '12', packages: [{ name: 'base-files', version: '12.4+deb12u12' }] });
  return buildImage({ layers: [{ files: base }, { files }] });
}

function deployment(image: string): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '3a1cb1a5-0001',
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      name: 'web',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: {},
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'default' },
        spec: { template: { spec: { containers: [{ name: 'web', image }] } } },
      },
    },
  };
}

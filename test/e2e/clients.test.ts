import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  alpineRoot,
  type BuiltImage,
  buildImage,
  buildIndex,
  debianRoot,
  linuxArm64,
  npmPackages,
} from '../support/images.ts';
import { osvRecord } from '../support/osv.ts';
import { importFeeds, type RunningPratique, startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { type Containerd, startContainerd } from './support/containerd.ts';
import { type DockerRegistry, startDockerRegistry } from './support/docker-registry.ts';
import { haveAptPrograms } from './support/programs.ts';
import { type Ended, run } from './support/run.ts';

const available = haveAptPrograms('docker-registry', 'skopeo', 'containerd', 'ctr');
const namespace = 'corp.test';

const policy = `
version: 1
name: any-fix
rules:
  - { id: any-fix, title: A fix exists, action: deny, when: { fixAvailable: true } }
`;
const openssl = (version: string) => ({ name: 'libssl3', version, source: 'openssl' });
const clean = buildImage({
  layers: [
    { files: debianRoot({ release: '12', packages: [openssl('3.0.15-1')] }) },
    { files: npmPackages([{ name: 'left-pad', version: '1.3.0' }]), compression: 'zstd' },
  ],
});
const bad = buildImage({
  layers: [{ files: debianRoot({ release: '12', packages: [openssl('3.0.11-1')] }) }],
});
const badArm = buildImage({
  platform: linuxArm64,
  layers: [{ files: debianRoot({ release: '12', packages: [openssl('3.0.9-1')] }) }],
});
const uncovered = buildImage({
  layers: [{ files: alpineRoot({ release: '3.99.0', packages: [{ name: 'musl', version: '1.2.5-r0' }] }) }],
});
const multi = buildIndex([clean, badArm]);

const rows: { image: string; platform: string; refusal: RegExp | null }[] = [
  { image: 'app:clean', platform: 'linux/amd64', refusal: null },
  {
    image: 'app:bad',
    platform: 'linux/amd64',
    refusal: /Blocked by Pratique: .*CVE-2024-0001.*libssl3 3\.0\.11-1.*fixed in 3\.0\.15-1/,
  },
  {
    image: 'app:uncovered',
    platform: 'linux/amd64',
    refusal: /Not cleared by Pratique: .*no advisories cover Alpine:v3\.99/,
  },
  { image: 'app:multi', platform: 'linux/amd64', refusal: null },
  { image: 'app:multi', platform: 'linux/arm64', refusal: /Blocked by Pratique: .*CVE-2024-0001/ },
];

(available ? describe : describe.skip)(
  'real clients through the proxy (needs docker-registry, skopeo, containerd)',
  () => {
    let registry: DockerRegistry;
    let pratique: RunningPratique;
    let containerd: Containerd;

    beforeAll(async () => {
      const dir = temporaryDirectory();
      registry = await startDockerRegistry(join(dir, 'registry'));
      for (const [tag, built] of Object.entries({ clean, bad, uncovered, multi }))
        await registry.push('app', tag, built);
      await importFeeds(dir, {
        Debian: [
          osvRecord({
            id: 'DEBIAN-CVE-2024-0001',
            ecosystem: 'Debian:12',
            package: 'openssl',
            fixed: '3.0.15-1',
            upstream: ['CVE-2024-0001'],
          }),
        ],
        npm: [
          osvRecord({ id: 'GHSA-aaaa-bbbb-cccc', ecosystem: 'npm', package: 'lodash', fixed: '4.17.21' }),
        ],
      });
      pratique = await startPratique({
        dir,
        policy,
        upstreams: [{ name: 'corp', namespace, url: registry.url }],
      });
      containerd = await startContainerd(temporaryDirectory(), namespace, pratique.registry);
    });
    afterAll(async () => {
      await containerd?.stop();
      await pratique?.stop();
      await registry?.stop();
    });

    const skopeo = (image: string, platform: string, to: string): Promise<Ended> => {
      const [os = '', arch = ''] = platform.split('/');
      const from = `docker://127.0.0.1:${pratique.ports.registry}/corp/${image}`;
      return run('skopeo', [
        'copy',
        '--src-tls-verify=false',
        '--override-os',
        os,
        '--override-arch',
        arch,
        from,
        `dir:${to}`,
      ]);
    };

    it.each(rows)('skopeo: $image for $platform', async ({ image, platform, refusal }) => {
      const to = join(temporaryDirectory(), 'out');
      const { code, err } = await skopeo(image, platform, to);
      if (refusal === null) {
        expect({ code, err }).toEqual({ code: 0, err: expect.anything() });
        expectSame(to, clean);
      } else {
        expect(code).not.toBe(0);
        expect(err).toMatch(refusal);
      }
    });

    it.each(rows)('containerd: $image for $platform', async ({ image, platform, refusal }) => {
      const { code, out, err } = await containerd.pull(`${namespace}/${image}`, platform);
      if (refusal === null) {
        expect({ code, err }).toEqual({ code: 0, err: '' });
        for (const [digest, bytes] of clean.blobs) {
          const content = await containerd.content(digest);
          expect(content.code).toBe(0);
          expect(Buffer.byteLength(content.out) > 0 || bytes.length === 0).toBe(true);
        }
      } else {
        expect(code).not.toBe(0);
        expect(`${out}${err}`).toMatch(refusal);
      }
    });

    it('a refused image leaves nothing behind in either client', async () => {
      for (const digest of bad.blobs.keys()) expect((await containerd.content(digest)).code).not.toBe(0);
    });
  },
);

/** skopeo's `dir:` holds the manifest and every blob under its hex digest. */
function expectSame(dir: string, image: BuiltImage): void {
  const manifest = readFileSync(join(dir, 'manifest.json'));
  expect(`sha256:${createHash('sha256').update(manifest).digest('hex')}`).toBe(image.manifest.digest);
  const files = readdirSync(dir);
  for (const [digest, bytes] of image.blobs) {
    const name = digest.slice('sha256:'.length);
    expect(files).toContain(name);
    expect(readFileSync(join(dir, name)).equals(bytes)).toBe(true);
  }
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Inventory } from '../../core/inventory.ts';
import { openState, type SyncRecords } from '../../db/state.ts';
import { buildInventory } from '../../scanner/inventory.ts';
import { recordConsole } from '../../test/support/console.ts';
import {
  type Built,
  type BuiltImage,
  buildImage,
  buildIndex,
  debianRoot,
  linuxArm64,
  manifestsOf,
} from '../../test/support/images.ts';
import { osvRecord, writeOsvDirectory } from '../../test/support/osv.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { updateAdvisories } from './advisories-update.ts';
import { runCommandLine } from './program.ts';

const dir = temporaryDirectory();
const data = join(dir, 'data');
const address = { upstream: 'docker.io', namespace: 'docker.io', path: 'library/app' };
const scannedAt = '2026-01-01T00:00:00Z';
const critical = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';

const image = (version: string, arm = false): BuiltImage =>
  buildImage({
    layers: [{ files: debianRoot({ release: '12', packages: [{ name: 'openssl', version }] }) }],
    ...(arm ? { platform: linuxArm64 } : {}),
  });
const clean = image('3.0.15-1');
const bad = image('3.0.1-1');
const badArm = image('3.0.1-1', true);
const seen = image('3.0.14-1');
const pushed = image('3.0.2-1');
const hosted = { upstream: 'hosted', namespace: 'hosted', path: 'team/app' };
const both = buildIndex([clean, badArm]);
const half = buildIndex([clean, image('3.0.16-1', true)]);
const foreign = buildIndex([
  buildImage({ layers: [], platform: { os: 'windows', architecture: 'amd64', variant: null } }),
]);

async function verdict(name: string, ...flags: string[]) {
  const console = recordConsole();
  const code = await runCommandLine(['verdict', name, '--data', data, ...flags], {
    console,
    env: {},
    stopped: () => Promise.resolve('test'),
  });
  return { code, output: console.output(), errors: console.errors() };
}

function record(records: SyncRecords, tag: string, built: Built): void {
  for (const { digest, mediaType, bytes } of built === half
    ? [half.manifest, clean.manifest]
    : manifestsOf(built)) {
    records.putManifest(address, { digest, mediaType, bytes, blobs: [] });
  }
  records.putTag(address, tag, built.manifest.digest, '2026-01-01T00:00:00Z');
}

/** As if its layers had been inspected: one package. */
function inventoryOf(version: string, built: BuiltImage): Inventory {
  return {
    ...buildInventory({ layers: [], config: null, unfit: [] }),
    os: { id: 'debian', versionId: '12', name: 'Debian 12' },
    platform: built.platform,
    packages: [
      {
        type: 'deb',
        name: 'openssl',
        version,
        arch: 'amd64',
        source: { name: 'openssl', version },
        purl: `pkg:deb/debian/openssl@${version}`,
        layer: null,
        paths: [],
        licenses: [],
      },
    ],
    incomplete: [],
    content: 'image',
  };
}

beforeAll(async () => {
  const fixed = '3.0.15-1';
  await writeOsvDirectory(join(dir, 'osv'), {
    Debian: [osvRecord({ id: 'D-1', ecosystem: 'Debian:12', package: 'openssl', fixed, cvss: critical })],
    kev: [{ cveID: 'CVE-2099-9', dateAdded: '2026-01-01' }],
  });
  await updateAdvisories(
    { from: join(dir, 'osv'), kev: null, sources: { file: null, data, env: {} } },
    recordConsole(),
  );
  const records = openState(join(data, 'state.db'));
  for (const [tag, built] of Object.entries({ clean, bad, both, half, foreign, seen }))
    record(records, tag, built);
  const { digest, mediaType, bytes } = pushed.manifest;
  records.putManifest(hosted, { digest, mediaType, bytes, blobs: [] });
  records.putTag(hosted, '1', digest, '2026-01-01T00:00:00Z');
  records.putInventory(digest, inventoryOf('3.0.2-1', pushed), scannedAt);
  records.putInventory(clean.manifest.digest, inventoryOf('3.0.15-1', clean), scannedAt);
  records.putInventory(bad.manifest.digest, inventoryOf('3.0.1-1', bad), scannedAt);
  records.putInventory(badArm.manifest.digest, inventoryOf('3.0.1-1', badArm), scannedAt);
  records.close();
});

describe('verdict', () => {
  const rows: readonly [name: string, code: number, told: RegExp][] = [
    ['app:clean', 0, /^docker\.io\/library\/app:clean sha256:[0-9a-f]{64}: pass/],
    ['docker.io/library/app:clean', 0, /linux\/amd64\nverdict: pass/],
    ['localhost:5000/docker.io/library/app:clean', 0, /^docker\.io\/library\/app:clean/],
    ['127.0.0.1:5000/docker.io/app:clean', 0, /^docker\.io\/library\/app:clean/],
    ['app:bad', 1, /critical in openssl 3\.0\.1-1/],
    [`app@${bad.manifest.digest}`, 1, /: fail/],
    [bad.manifest.digest, 1, /^docker\.io\/library\/app@sha256:/],
    ['localhost:5000/hosted/team/app:1', 1, /^hosted\/team\/app:1/],
    ['hosted/team/app:1', 1, /^hosted\/team\/app:1/],
    [pushed.manifest.digest, 1, /^hosted\/team\/app@sha256:/],
    [both.manifest.digest, 1, /linux\/amd64 sha256:[\s\S]*pass[\s\S]*linux\/arm64 sha256:[\s\S]*fail/],
    ['app:both', 1, /: fail/],
    ['app:half', 3, /: pending[\s\S]*linux\/arm64[\s\S]*never asked for/],
    ['app:seen', 3, /: pending[\s\S]*not inspected by this version yet/],
  ];
  it.each(rows)('of %s ends with %d', async (name, code, told) => {
    const result = await verdict(name);
    expect([result.code, result.errors]).toEqual([code, '']);
    expect(result.output).toMatch(told);
  });

  const unknown: readonly [name: string, code: number, told: RegExp][] = [
    ['app:none', 3, /nothing is recorded of docker\.io\/library\/app:none.*pull it through the proxy/],
    [`sha256:${'0'.repeat(64)}`, 3, /nothing is recorded of sha256:0000.*pratique scan NAME@DIGEST/],
    ['registry.example/app', 3, /registry\.example is no upstream.*the proxy's address before it/],
    ['app:foreign', 3, /offers windows\/amd64/],
    ['a//b', 2, /is not an image reference/],
  ];
  it.each(unknown)('of %s is an error, %d', async (name, code, told) => {
    const result = await verdict(name);
    expect([result.code, result.output]).toEqual([code, '']);
    expect(result.errors).toMatch(told);
  });

  it('is made now, by the policy that it is given', async () => {
    const policy = join(dir, 'lenient.yaml');
    writeFileSync(policy, 'version: 1\nname: lenient\nrules: []\n');
    expect((await verdict('app:bad', '--policy', policy)).code).toBe(0);
  });

  describe('by a policy set', () => {
    const set = join(dir, 'set.yaml');
    beforeAll(() =>
      writeFileSync(
        set,
        `version: 1
name: corp
beforeScan:
  - { id: not-ours, images: [hosted/team/*], action: refuse, reason: nobody answers for it }
bindings:
  - { id: dev, gates: [admission], namespaces: ["dev-*"], policy: baseline, mode: audit }
  - { id: ada, users: [ada], policy: baseline, mode: warn }
  - { id: labelled, gates: [admission], namespaceLabels: { tier: gold }, policy: strict }
  - { id: all, policy: baseline }
`,
      ),
    );
    const asked: readonly [name: string, asker: readonly string[], code: number, told: RegExp][] = [
      ['app:bad', [], 1, /for gate proxy: binding all, policy baseline, mode enforce$/],
      [
        'app:bad',
        ['--user', 'ada'],
        0,
        /: fail[\s\S]*binding ada, policy baseline, mode warn: let through all the same$/,
      ],
      ['app:bad', ['--namespace', 'dev-1'], 0, /gate admission: binding dev, .*mode audit: let through/],
      ['app:bad', ['--namespace', 'web'], 3, /verdict: pending/],
      [
        'app:clean',
        ['--namespace', 'web', '--namespace-label', 'tier=gold'],
        3,
        /cannot be told[\s\S]*binding labelled, policy strict/,
      ],
      ['hosted/team/app:1', [], 1, /refused without being inspected: nobody answers for it/],
    ];
    it.each(asked)('of %s to %j ends with %d', async (name, asker, code, told) => {
      const result = await verdict(name, '--policy', set, ...asker);
      expect([result.code, result.errors]).toEqual([code, '']);
      expect(result.output).toMatch(told);
    });
  });

  it('is JSON with every platform', async () => {
    const { output } = await verdict('app:both', '--format', 'json');
    expect(JSON.parse(output)).toMatchObject({
      image: { reference: 'docker.io/library/app:both', digest: both.manifest.digest },
      status: 'fail',
      platforms: [
        { platform: 'linux/amd64', status: 'pass' },
        { platform: 'linux/arm64', status: 'fail', digest: badArm.manifest.digest },
      ],
    });
  });

  it('needs records and says where it looked', async () => {
    const empty = await verdict('app', '--data', join(dir, 'empty'));
    expect(empty.code).toBe(3);
    expect(empty.errors).toContain(join(dir, 'empty', 'state.db'));
    const broken = temporaryDirectory();
    writeFileSync(join(broken, 'state.db'), 'this is no database, however long it goes on'.repeat(100));
    const result = await verdict('app', '--data', broken);
    expect(result.code).toBe(2);
    expect(result.errors).toMatch(/state\.db cannot be used/);
  });
});

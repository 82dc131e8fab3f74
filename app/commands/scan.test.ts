import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startConnectProxy } from '../../test/support/connect-proxy.ts';
import { recordConsole } from '../../test/support/console.ts';
import {
  alpineRoot,
  buildImage,
  buildIndex,
  debianRoot,
  linuxArm64,
  type TarEntry,
} from '../../test/support/images.ts';
import { writeLayout } from '../../test/support/layout.ts';
import { osvRecord, writeOsvDirectory } from '../../test/support/osv.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { startUpstream, type Upstream } from '../../test/support/upstream.ts';
import { updateAdvisories } from './advisories-update.ts';
import { runCommandLine } from './program.ts';

const dir = temporaryDirectory();
const data = join(dir, 'data');
const critical = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';

const clean = debianRoot({ release: '12', packages: [{ name: 'openssl', version: '3.0.15-1' }] });
const bad = debianRoot({ release: '12', packages: [{ name: 'openssl', version: '3.0.1-1' }] });
const uncovered = alpineRoot({ release: '3.99.0', packages: [{ name: 'musl', version: '1.2.5-r0' }] });
const image = (files: readonly TarEntry[], arm = false) =>
  buildImage({ layers: [{ files }], ...(arm ? { platform: linuxArm64 } : {}) });
const both = buildIndex([image(clean), image(bad, true)]);
const layered = buildImage({ layers: [{ files: bad }, { files: clean }] });
const windows = buildImage({
  layers: [{ files: [{ path: 'Files/app.txt', content: 'x' }] }],
  platform: { os: 'windows', architecture: 'amd64', variant: null },
});
let upstream: Upstream;

/** `DIR` and `HOST` in a target stand for the test's own folder and registry. */
async function scan(target: string, ...flags: string[]) {
  const console = recordConsole();
  const place = target.replace('DIR', dir).replace('HOST', upstream.host);
  const code = await runCommandLine(['scan', place, '--data', data, ...flags], {
    console,
    env: {},
    stopped: () => Promise.resolve('test'),
  });
  return { code, output: console.output(), errors: console.errors() };
}

beforeAll(async () => {
  await writeOsvDirectory(join(dir, 'osv'), {
    Debian: [
      osvRecord({
        id: 'DEBIAN-CVE-2099-1',
        ecosystem: 'Debian:12',
        package: 'openssl',
        fixed: '3.0.15-1',
        cvss: critical,
        upstream: ['CVE-2099-1'],
      }),
    ],
    Alpine: [
      osvRecord({ id: 'ALPINE-CVE-2099-2', ecosystem: 'Alpine:v3.19', package: 'musl', fixed: '2-r0' }),
    ],
    kev: [{ cveID: 'CVE-2099-9', dateAdded: '2026-01-01' }],
  });
  const console = recordConsole();
  await updateAdvisories(
    { from: join(dir, 'osv'), kev: null, sources: { file: null, data, env: {} } },
    console,
  );
  expect(console.errors()).not.toContain('as before');
  await writeLayout(join(dir, 'layout'), { clean: image(clean), bad: image(bad), both });
  await writeLayout(join(dir, 'more'), { layered, windows });
  await writeLayout(join(dir, 'one:image'), { latest: image(clean) });
  for (const [name, files] of Object.entries({ clean, bad, uncovered })) root(join(dir, name), files);
  upstream = await startUpstream({ repositories: { app: { '1': image(bad), both } } });
});
afterAll(() => upstream.close());

describe('scan', () => {
  const rows: readonly [target: string, code: number, told: RegExp][] = [
    ['rootfs:DIR/clean', 0, /verdict: pass/],
    ['rootfs:DIR/bad', 1, /critical +CVE-2099-1 +openssl +3\.0\.1-1 +3\.0\.15-1/],
    ['rootfs:DIR/uncovered', 3, /no advisories cover Alpine:v3\.99/],
    ['oci:DIR/layout:clean', 0, /verdict: pass/],
    ['oci:DIR/layout:bad', 1, /verdict: fail/],
    ['oci:DIR/layout:both', 1, /verdict: fail[\s\S]*verdict: pass/],
    ['oci:DIR/more:windows', 3, /it is an image of Windows, which is not supported/],
    ['oci:DIR/one:image', 0, /verdict: pass/],
    ['oci:DIR/one:image:latest', 0, /verdict: pass/],
    ['HOST/app:1', 1, /verdict: fail/],
    ['HOST/app:both', 1, /verdict: fail[\s\S]*verdict: pass/],
  ];
  it.each(rows)('%s ends with %d', async (target, code, told) => {
    const result = await scan(target);
    expect(result.code).toBe(code);
    expect(result.output).toMatch(told);
    expect(result.errors).toBe('');
  });

  it('takes one platform of an index', async () => {
    expect((await scan('oci:DIR/layout:both', '--platform', 'linux/amd64')).code).toBe(0);
    expect((await scan('oci:DIR/layout:both', '--platform', 'linux/arm64')).code).toBe(1);
  });

  const unfound: readonly [target: string, flags: readonly string[], code: number, told: RegExp][] = [
    ['oci:DIR/layout:none', [], 3, /holds 0 images named "none"; there are: clean, bad, both/],
    ['oci:DIR/layout', [], 3, /holds 3 images/],
    ['HOST/app:none', [], 3, /app/],
    ['127.0.0.1:1/app', [], 3, /127\.0\.0\.1:1/],
    ['oci:DIR/layout:bad', ['--platform', 'linux/arm64'], 2, /is for linux\/amd64, not for linux\/arm64/],
    ['oci:DIR/layout:both', ['--platform', 'linux/s390x'], 2, /offers linux\/amd64, linux\/arm64/],
  ];
  it.each(unfound)('%s %j ends with %d', async (target, flags, code, told) => {
    const result = await scan(target, ...flags);
    expect([result.code, result.output]).toEqual([code, '']);
    expect(result.errors).toMatch(told);
  });

  it('is the worst platform as JSON, with all of them beside it', async () => {
    const { output } = await scan('oci:DIR/layout:both', '--format', 'json');
    const json = JSON.parse(output) as Record<string, { status?: string; platform?: string }> & {
      platforms: readonly { image: { platform: string }; verdict: { status: string } }[];
    };
    expect(json.verdict?.status).toBe('fail');
    expect(json.image?.platform).toBe('linux/arm64');
    expect(json.platforms.map((one) => [one.image.platform, one.verdict.status])).toEqual([
      ['linux/arm64', 'fail'],
      ['linux/amd64', 'pass'],
    ]);
  });

  it('names the layers that brought and changed a package', async () => {
    const { output } = await scan('oci:DIR/more:layered', '--format', 'json');
    const { packages } = JSON.parse(output) as { packages: readonly object[] };
    const [lower, upper] = layered.layers;
    expect(packages).toMatchObject([
      { name: 'openssl', version: '3.0.15-1', layer: lower?.digest, changedIn: upper?.digest },
    ]);
  });

  it('judges by the policy that it is given', async () => {
    const policy = join(dir, 'lenient.yaml');
    writeFileSync(policy, 'version: 1\nname: lenient\nrules: []\n');
    const { code, output } = await scan('rootfs:DIR/bad', '--policy', policy);
    expect(code).toBe(0);
    expect(output).toContain('policy lenient');
  });

  it('is judged by what the set binds for the gate ci', async () => {
    const set = join(dir, 'set.yaml');
    writeFileSync(
      set,
      `version: 1
name: corp
beforeScan:
  - { id: mirror, images: ["${upstream.host}/app"], gates: [ci], action: pass, reason: our own mirror }
bindings:
  - { id: pipelines, gates: [ci], policy: baseline, mode: warn }
`,
    );
    const warned = await scan('rootfs:DIR/bad', '--policy', set);
    expect(warned.code).toBe(0);
    expect(warned.output).toMatch(
      /verdict: fail[\s\S]*for gate ci: binding pipelines, policy baseline, mode warn: let through/,
    );
    const json = JSON.parse(
      (await scan('rootfs:DIR/bad', '--policy', set, '--format', 'json')).output,
    ) as object;
    expect(json).toMatchObject({
      verdict: {
        status: 'fail',
        allowed: true,
        ruled: { binding: 'pipelines', policy: 'baseline', mode: 'warn' },
      },
    });
    const passed = await scan('HOST/app:1', '--policy', set);
    expect(passed.code).toBe(0);
    expect(passed.output).toContain(
      'let through without being inspected: our own mirror (beforeScan rule mirror)',
    );
  });

  it('is judged by a ready policy too', async () => {
    expect((await scan('rootfs:DIR/bad', '--policy', 'audit')).output).toContain('policy audit');
  });

  it('names an image of the proxy by its own name', async () => {
    const config = join(dir, 'config.yaml');
    writeFileSync(
      config,
      `listen: { registry: 127.0.0.1:5999 }\nupstreams: [{ name: demo, namespace: registry.demo, url: "${upstream.url}" }]\n`,
    );
    const { code, output } = await scan('localhost:5999/demo/app:1', '--config', config);
    expect(code).toBe(1);
    expect(output).toContain('registry.demo/app:1');
  });
});

function root(folder: string, files: readonly TarEntry[]): void {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content ?? '');
  }
}

it('a registry elsewhere that no upstream stands for is asked through the proxy of the environment', async () => {
  // Tunnels are refused: what counts is that nobody is asked but the proxy.
  const proxy = await startConnectProxy({ status: 403 });
  const console = recordConsole();
  const code = await runCommandLine(['scan', 'registry.test/app:latest', '--data', data], {
    console,
    env: { HTTPS_PROXY: proxy.url },
    stopped: () => Promise.resolve('test'),
  });
  expect(code).toBe(3);
  expect(console.errors()).toContain('answered 403 when asked for a tunnel to registry.test:443');
  expect(new Set(proxy.tunnels)).toEqual(new Set(['registry.test:443']));
  await proxy.close();
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { buildImage, debianRoot, type TarEntry } from '../support/images.ts';
import { writeLayout } from '../support/layout.ts';
import { osvRecord, writeOsvDirectory } from '../support/osv.ts';
import { temporaryDirectory } from '../support/temp.ts';

/** The built program, as a user starts it. `npm test` builds it first. */
const cli = fileURLToPath(new URL('../../dist/app/cli.js', import.meta.url));
const dir = temporaryDirectory();
const data = join(dir, 'data');

async function pratique(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [cli, ...args], {
    cwd: dir,
    reject: false,
    timeout: 30_000,
  });
  return { code: exitCode, output: stdout, errors: stderr };
}

const debian = (release: string, version: string): TarEntry[] =>
  debianRoot({ release, packages: [{ name: 'openssl', version }] });
const roots = {
  clean: debian('12', '3.0.15-1'),
  bad: debian('12', '3.0.1-1'),
  uncovered: debian('99', '3.0.15-1'),
};

beforeAll(async () => {
  await writeOsvDirectory(join(dir, 'osv'), {
    Debian: [
      osvRecord({
        id: 'DEBIAN-CVE-2099-1',
        ecosystem: 'Debian:12',
        package: 'openssl',
        fixed: '3.0.15-1',
        cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
        aliases: ['CVE-2099-1'],
      }),
    ],
    kev: [{ cveID: 'CVE-2099-9', dateAdded: '2026-01-01' }],
  });
  const images = Object.entries(roots).map(
    ([tag, files]) => [tag, buildImage({ layers: [{ files }] })] as const,
  );
  await writeLayout(join(dir, 'layout'), Object.fromEntries(images));
  for (const [name, files] of Object.entries(roots)) {
    for (const { path, content } of files) {
      mkdirSync(dirname(join(dir, name, path)), { recursive: true });
      writeFileSync(join(dir, name, path), content ?? '');
    }
  }
});

describe('the built command line', () => {
  it('helps', async () => {
    const { code, output, errors } = await pratique('--help');
    expect([code, errors]).toEqual([0, '']);
    expect(output).toContain('Usage: pratique');
  });

  it('refuses an unknown command with 2 and a hint', async () => {
    const { code, errors } = await pratique('scann', 'alpine');
    expect(code).toBe(2);
    expect(errors).toContain('Did you mean scan?');
  });

  it('tells where a policy is wrong', async () => {
    writeFileSync(join(dir, 'policy.yaml'), 'version: 1\nname: x\nrules: {}\n');
    const { code, errors } = await pratique('policy', 'check', 'policy.yaml');
    expect(code).toBe(2);
    expect(errors).toContain('policy.yaml:3:8 rules: found an empty map');
  });

  it('has no verdict without advisories', async () => {
    const { code, errors } = await pratique('scan', 'rootfs:clean', '--data', 'none');
    expect(code).toBe(3);
    expect(errors).toContain('pratique advisories update');
  });
});

describe('with advisories', () => {
  beforeAll(async () => {
    const { code, output } = await pratique('advisories', 'update', '--from', 'osv', '--data', data);
    expect(output).toContain('1 advisory in force');
    expect(code).toBe(0);
  });

  it.each([
    ['rootfs:clean', 0, 'pass'],
    ['rootfs:bad', 1, 'fail'],
    ['rootfs:uncovered', 3, 'error'],
    ['oci:layout:clean', 0, 'pass'],
    ['oci:layout:bad', 1, 'fail'],
    ['oci:layout:uncovered', 3, 'error'],
  ])('scan %s ends with %d', async (target, code, status) => {
    const result = await pratique('scan', target, '--data', data, '--format', 'json');
    expect([result.code, result.errors]).toEqual([code, '']);
    expect(JSON.parse(result.output)).toMatchObject({ verdict: { status } });
  });

  it('keeps the old advisories when new ones are broken', async () => {
    const before = await pratique('advisories', 'status', '--data', data, '--format', 'json');
    mkdirSync(join(dir, 'broken', 'Debian'), { recursive: true });
    writeFileSync(join(dir, 'broken', 'Debian', 'all.zip'), 'PK\u0003\u0004 cut off');
    const { code, errors } = await pratique('advisories', 'update', '--from', 'broken', '--data', data);
    expect(code).toBe(2);
    expect(errors).toMatch(/all\.zip[\s\S]*the advisories are as before/);
    const after = await pratique('advisories', 'status', '--data', data, '--format', 'json');
    const revision = (text: string): unknown => (JSON.parse(text) as { revision: unknown }).revision;
    expect(revision(after.output)).toBe(revision(before.output));
  });

  it('serves until it is told to stop, and says in one line where', async () => {
    const config = join(dir, 'serve.yaml');
    writeFileSync(
      config,
      'data: data\nlisten: { registry: "127.0.0.1:0", management: "127.0.0.1:0", webhook: "127.0.0.1:0", harborAdapter: off }\n',
    );
    const server = execa(process.execPath, [cli, 'serve', '--config', config], {
      reject: false,
      timeout: 30_000,
    });
    const { management } = await new Promise<{ management: string }>((resolve) => {
      createInterface({ input: server.stdout }).on('line', (line) => {
        const fields = JSON.parse(line) as { msg: string; management: string };
        if (fields.msg === 'pratique is listening') resolve(fields);
      });
    });
    const response = await fetch(`http://${management}/readyz`);
    expect(response.status).toBe(200);
    const second = await pratique('serve', '--config', config);
    expect([second.code, second.errors]).toEqual([2, expect.stringContaining('another running Pratique')]);
    server.kill('SIGTERM');
    expect((await server).exitCode).toBe(0);
  });

  it('names a port that is taken', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const config = join(dir, 'taken.yaml');
    writeFileSync(
      config,
      `data: data\nlisten: { registry: "127.0.0.1:${port}", management: "127.0.0.1:0", webhook: off, harborAdapter: off }\n`,
    );
    const { code, errors } = await pratique('serve', '--config', config);
    await new Promise((resolve) => blocker.close(resolve));
    expect(code).toBe(2);
    expect(errors).toContain(`127.0.0.1:${port} is taken by another program`);
    expect(errors).toContain('listen.registry');
    expect(errors).not.toMatch(/\n {4}at /);
  });
});

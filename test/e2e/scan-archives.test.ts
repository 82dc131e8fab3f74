import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { buildImage, debianRoot } from '../support/images.ts';
import { writeLayout } from '../support/layout.ts';
import { osvRecord, writeOsvDirectory } from '../support/osv.ts';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { haveAptPrograms } from './support/programs.ts';
import { must } from './support/run.ts';

const available = haveAptPrograms('skopeo');

(available ? describe : describe.skip)('archives that skopeo writes (needs skopeo)', () => {
  const dir = temporaryDirectory();
  const data = join(dir, 'data');

  beforeAll(async () => {
    await writeOsvDirectory(join(dir, 'osv'), {
      Debian: [
        osvRecord({
          id: 'DEBIAN-CVE-2099-1',
          ecosystem: 'Debian:12',
          package: 'openssl',
          fixed: '3.0.15-1',
          cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
          upstream: ['CVE-2099-1'],
        }),
      ],
      kev: [{ cveID: 'CVE-2099-9', dateAdded: '2026-01-01' }],
    });
    const files = debianRoot({ release: '12', packages: [{ name: 'openssl', version: '3.0.1-1' }] });
    const filler = [1, 2, 3].map((n) => ({
      files: [{ path: `usr/${n}`, content: Buffer.alloc(2_000_000, n) }],
    }));
    await writeLayout(join(dir, 'layout'), { app: buildImage({ layers: [{ files }, ...filler] }) });
    await must('skopeo', [
      '--insecure-policy',
      'copy',
      `oci:${dir}/layout:app`,
      `docker-archive:${dir}/d.tar:corp/app:1`,
    ]);
    await must('skopeo', [
      '--insecure-policy',
      'copy',
      `oci:${dir}/layout:app`,
      `oci-archive:${dir}/o.tar:app`,
    ]);
    for (const name of ['d', 'o']) {
      writeFileSync(join(dir, `${name}.tar.gz`), gzipSync(readFileSync(join(dir, `${name}.tar`))));
    }
    const updated = await runCli(['advisories', 'update', '--from', join(dir, 'osv'), '--data', data]);
    expect(updated.code).toBe(0);
  });

  it.each([
    'oci:DIR/layout:app',
    'docker-archive:DIR/d.tar',
    'docker-archive:DIR/d.tar:corp/app:1',
    'docker-archive:DIR/d.tar.gz',
    'oci-archive:DIR/o.tar',
    'oci-archive:DIR/o.tar:app',
    'oci-archive:DIR/o.tar.gz',
  ])('%s', async (target) => {
    const { code, out, err } = await runCli(['scan', target.replace('DIR', dir), '--data', data]);
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/critical +CVE-2099-1 +openssl/);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Explanation } from '../../app/report/explain-report.ts';
import type { PolicyDiff } from '../../app/report/policy-diff-report.ts';
import { recordRealImages } from '../integration/recorded-set.ts';
import { writeLayout } from '../support/layout.ts';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { imageOfTar } from './support/folder-image.ts';
import { environmentPath } from './support/programs.ts';

// Real advisories and root filesystems are no part of the project: whoever has them names their folder.
const data = environmentPath('PRATIQUE_REAL_DATA', 'real advisories and root filesystems');

(data === null ? describe.skip : describe)('policies over real input (needs PRATIQUE_REAL_DATA)', () => {
  const dir = temporaryDirectory();
  const place = ['--data', join(dir, 'data')];
  const json = async <Shape>(...args: string[]): Promise<Shape> => {
    const { out, err } = await runCli([...args, '--format', 'json', ...place]);
    expect(err).toBe('');
    return JSON.parse(out) as Shape;
  };

  beforeAll(async () => {
    const imported = await runCli(['advisories', 'update', '--from', join(data ?? '', 'osv'), ...place]);
    expect(imported).toMatchObject({ code: 0 });
    recordRealImages(join(dir, 'data'), new Date().toISOString());
  }, 300_000);

  it('tells what strict would change of the recorded set, by every advisory that there is', async () => {
    const diff = await json<PolicyDiff>('policy', 'diff', 'audit', 'strict', '--limit', '1000');
    expect(diff.counts).toMatchObject({ images: 220, running: 40, unknown: 0 });
    expect(diff.counts.newlyRefused).toBeGreaterThan(100);
    expect(diff.rows.slice(0, diff.counts.changedRunning).every(({ running }) => running.length > 0)).toBe(
      true,
    );
    expect(diff.rows.every(({ reason }) => reason !== '')).toBe(true);
  }, 120_000);

  it('explains one of them', async () => {
    const explained = await json<Explanation>('policy', 'explain', 'docker.io/team/almalinux-8-plain:0');
    expect(explained.platforms).toMatchObject([
      { status: 'fail', bindings: [{ binding: 'default', policy: 'baseline', mode: 'enforce' }] },
    ]);
    expect(explained.platforms[0]?.bindings[0]?.verdict?.rules[0]).toMatchObject({
      id: 'known-exploited',
      action: 'deny',
    });
  }, 60_000);

  it.each(['baseline', 'strict', 'known-exploited', 'audit'])(
    'judges a real root filesystem by %s',
    async (policy) => {
      const tar = gunzipSync(
        readFileSync(join(data ?? '', 'rootfs', 'alpine-minirootfs-20240923-x86_64.tar.gz')),
      );
      const layout = join(dir, `layout-${policy}`);
      await writeLayout(layout, { edge: imageOfTar(tar) });
      const scanned = await json<{ readonly verdict: { readonly policy: string; readonly status: string } }>(
        ...['scan', `oci:${layout}:edge`, '--policy', policy],
      );
      expect(scanned.verdict).toMatchObject({ policy, ruled: { policy } });
      expect(['pass', 'warn', 'fail', 'error']).toContain(scanned.verdict.status);
    },
    60_000,
  );
});

import { describe, expect, it } from '@jest/globals';
import { makeReport } from './make.ts';
import { askOf, digest, finding, pick } from './samples.ts';

describe('what can be fixed', () => {
  it('counts images by package and fixed version, those of most images first', async () => {
    const zlib = { package: 'zlib1g', severity: 'high' as const, fixedVersion: '1.3', version: '1.2' };
    const images = [
      {
        digest: digest(1),
        images: ['r/a'],
        findings: [
          finding(),
          finding({ id: 'D-2', aliases: ['CVE-2026-2'], severity: 'medium', kev: true }),
          finding({ ...zlib, id: 'D-3', aliases: ['CVE-2026-3'] }),
          finding({ package: 'unfixed', fixedVersion: null }),
          finding({ package: 'tidy', kind: 'bugfix' }),
        ],
        running: [{}],
      },
      {
        digest: digest(2),
        images: ['r/b'],
        findings: [finding({ ...zlib, version: '1.1', id: 'D-3', aliases: ['CVE-2026-3'] })],
      },
    ];
    const table = await makeReport('fixable', askOf({ images }));
    expect(
      pick(
        table,
        'package',
        'fixedVersion',
        'installed',
        'images',
        'running',
        'severity',
        'knownExploited',
        'advisories',
      ),
    ).toEqual([
      ['zlib1g', '1.3', ['1.1', '1.2'], 2, 1, 'high', false, ['CVE-2026-3']],
      ['libssl3', '3.0.2', ['3.0.1'], 1, 1, 'critical', true, ['CVE-2026-1', 'CVE-2026-2']],
    ]);
  });

  it('tells of images whose findings are not recorded', async () => {
    const table = await makeReport('fixable', askOf({ images: [{ digest: digest(1), findings: null }] }));
    expect(table.incomplete).toEqual([
      expect.stringContaining('findings are not recorded by now of 1 image'),
    ]);
  });
});

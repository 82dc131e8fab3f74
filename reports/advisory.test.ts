import { describe, expect, it } from '@jest/globals';
import { makeReport } from './make.ts';
import { askOf, digest, finding, type Given, pick, suppressed } from './samples.ts';

const bundled = finding({ id: 'DSA-5000-1', aliases: ['CVE-2026-1', 'CVE-2026-2'], package: 'openssl' });
const fleet: readonly Given[] = [
  {
    digest: digest(1),
    images: ['r/idle'],
    findings: [finding(), finding({ package: 'openssl' })],
    verdicts: [{ status: 'fail' }],
  },
  {
    digest: digest(2),
    images: ['r/live'],
    findings: [bundled],
    verdicts: [
      { suppressed: [suppressed({ id: 'CVE-2026-1', package: 'openssl', exception: 'ex-1' })] },
      { policy: 'strict', status: 'warn' },
    ],
    running: [{}],
  },
  { digest: digest(3), images: ['r/other'], findings: [finding({ id: 'X', aliases: ['CVE-2026-3'] })] },
];

describe('who has an advisory', () => {
  it.each(['CVE-2026-1', 'cve-2026-1'])('finds %s by any of its names, what runs first', async (advisory) => {
    const table = await makeReport('advisory', askOf({ images: fleet }, { advisory }));
    expect(pick(table, 'image', 'package', 'version', 'fixedVersion', 'runningIn', 'verdicts')).toEqual([
      [
        'r/live',
        'openssl',
        '3.0.1',
        '3.0.2',
        ['prod/shop/Deployment/web'],
        ['baseline: pass', 'strict: warn'],
      ],
      ['r/idle', 'libssl3', '3.0.1', '3.0.2', [], ['baseline: fail']],
      ['r/idle', 'openssl', '3.0.1', '3.0.2', [], ['baseline: fail']],
    ]);
    expect(table.notes).toContain('2 of 3 images have CVE-2026-1');
    expect(table.incomplete).toEqual([]);
  });

  it('finds it by the id of the feed', async () => {
    const table = await makeReport('advisory', askOf({ images: fleet }, { advisory: 'DSA-5000-1' }));
    expect(pick(table, 'image')).toEqual([['r/live']]);
  });

  it('says who lets it through and until when', async () => {
    const table = await makeReport('advisory', askOf({ images: fleet }, { advisory: 'CVE-2026-1' }));
    expect(pick(table, 'exceptions')[0]).toEqual([['ex-1 until 2026-06-12 by ada: not called']]);
  });

  it('tells of images whose findings are not recorded, and finds what their verdicts name', async () => {
    const source = askOf({ images: fleet }, { advisory: 'CVE-2026-1' });
    const reading = { ...source.reading, source: { ...source.reading.source, getMatch: () => null } };
    const table = await makeReport('advisory', { ...source, reading });
    expect(pick(table, 'image', 'package')).toEqual([
      ['r/live', 'openssl'],
      ['r/idle', 'libssl3'],
      ['r/idle', 'openssl'],
    ]);
    expect(table.incomplete).toEqual([
      'findings are not recorded by now of 3 images (r/idle, r/live, r/other): only what their verdicts name is told',
    ]);
  });

  it('tells of images that no advisories cover', async () => {
    const gap = { ecosystem: 'Alpine:v3.99', release: null, feed: null, updatedAt: null, covered: false };
    const uncovered: Given = {
      digest: digest(9),
      images: ['r/alpine'],
      findings: [],
      verdicts: [{ status: 'error', coverage: [{ ...gap, packages: 4 }] }],
    };
    const table = await makeReport('advisory', askOf({ images: [uncovered] }, { advisory: 'CVE-2026-1' }));
    expect(table.total).toBe(0);
    expect(table.incomplete).toEqual(['no advisories cover something in 1 image (r/alpine)']);
  });

  it('needs an advisory', async () => {
    await expect(makeReport('advisory', askOf({}))).rejects.toThrow(/needs an advisory/);
  });
});

import { describe, expect, it } from '@jest/globals';
import { makeReport } from './make.ts';
import { askOf, digest, finding, type Given, pick } from './samples.ts';

const fleet: readonly Given[] = [
  { digest: digest(1), images: ['r/clean'], verdicts: [{ status: 'pass' }] },
  {
    digest: digest(2),
    images: ['r/bad', 'r/copy'],
    findings: [finding()],
    verdicts: [
      {
        status: 'warn',
        reasons: ['grace until Friday'],
        next: { at: '2026-06-12T00:00:00.000Z', status: 'fail' },
      },
      { policy: 'strict', status: 'fail' },
    ],
    running: [{}, { namespace: 'bank', workload: 'StatefulSet/db' }],
  },
  { digest: digest(3), images: ['r/odd'], verdicts: [{ status: 'error' }] },
];

describe('the report on images', () => {
  it('has a row for each image and policy, the worst first', async () => {
    const table = await makeReport('images', askOf({ images: fleet }));
    expect(pick(table, 'status', 'image', 'policy', 'critical', 'fixable')).toEqual([
      ['fail', 'r/bad', 'strict', 1, 1],
      ['error', 'r/odd', 'baseline', 0, 0],
      ['warn', 'r/bad', 'baseline', 1, 1],
      ['pass', 'r/clean', 'baseline', 0, 0],
    ]);
  });

  it('says what becomes of an image, where it runs and what is wrong with it', async () => {
    const table = await makeReport('images', askOf({ images: fleet }, { policy: 'baseline' }));
    expect(pick(table, 'next', 'runningIn', 'worst', 'otherNames')[1]).toEqual([
      'fail at 2026-06-12T00:00:00.000Z',
      ['prod/bank/StatefulSet/db', 'prod/shop/Deployment/web'],
      ['CVE-2026-1 in libssl3 3.0.1 (critical, fixed in 3.0.2)'],
      ['r/copy'],
    ]);
  });

  it('shows what was let in to one namespace', async () => {
    const table = await makeReport('images', askOf({ images: fleet }, { namespace: 'bank' }));
    expect(pick(table, 'image', 'policy', 'runningIn')).toEqual([
      ['r/bad', 'strict', ['prod/bank/StatefulSet/db']],
      ['r/bad', 'baseline', ['prod/bank/StatefulSet/db']],
    ]);
  });

  it('does not count as running what was let in long ago', async () => {
    const old: Given = { digest: digest(1), running: [{ lastAt: '2026-04-01T00:00:00.000Z' }] };
    const table = await makeReport('images', askOf({ images: [old] }));
    expect(pick(table, 'runningIn')).toEqual([[[]]]);
  });

  it('goes through any number of images by the page, and gives the part that was asked for', async () => {
    const many: Given[] = Array.from({ length: 2345 }, (_, index) => ({
      digest: digest(index + 1),
      images: [`r/app-${String(index).padStart(5, '0')}`],
      verdicts: [{ status: index === 2000 ? 'fail' : 'pass' }, { policy: 'strict' }],
    }));
    const first = await makeReport('images', askOf({ images: many }, { limit: 2 }));
    expect(first.total).toBe(4690);
    expect(pick(first, 'image', 'policy')).toEqual([
      ['r/app-02000', 'baseline'],
      ['r/app-00000', 'baseline'],
    ]);
    expect(first.notes).toContainEqual(expect.stringContaining('rows 1 to 2 of 4690'));
    const next = await makeReport('images', askOf({ images: many }, { limit: 2, offset: 2 }));
    expect(pick(next, 'image', 'policy')).toEqual([
      ['r/app-00000', 'strict'],
      ['r/app-00001', 'baseline'],
    ]);
    const last = await makeReport('images', askOf({ images: many }, { limit: 5, offset: 4689 }));
    expect(pick(last, 'image')).toEqual([['r/app-02344']]);
  });

  it('says that it is not complete when its time is over', async () => {
    const ask = askOf({ images: fleet });
    const table = await makeReport('images', { ...ask, reading: { ...ask.reading, isOver: () => true } });
    expect(table.incomplete).toEqual([expect.stringContaining('time')]);
  });

  it.each([
    ['an unknown policy', { policy: 'lenient' }, /no policy is named "lenient": there are baseline/],
    ['a time', { since: '2026-06-01T00:00:00.000Z' }, /has no "since"/],
    ['an advisory', { advisory: 'CVE-2026-1' }, /by the report "advisory"/],
  ])('refuses %s', async (_name, options, message) => {
    await expect(makeReport('images', askOf({ images: fleet }, options))).rejects.toThrow(message);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { VerdictChange } from '../core/change.ts';
import { makeReport } from './make.ts';
import { askOf, change, digest, type Given, pick } from './samples.ts';

const bad = (seed: number, fields: Partial<Given> = {}): Given => ({
  digest: digest(seed),
  images: [`r/app-${seed}`],
  verdicts: [{ status: 'fail', reasons: ['CVE-2026-1 in libssl3'] }],
  ...fields,
});

describe('what is newly bad', () => {
  it('lists what was allowed and is refused, running ones first', async () => {
    const changes = [
      change(1, { digest: digest(1), newlyDenying: ['CVE-2026-1'] }),
      change(2, { digest: digest(2), from: 'warn', at: '2026-06-09T00:00:00.000Z', cause: 'time' }),
    ];
    const images = [bad(1), bad(2, { running: [{}] })];
    const table = await makeReport('newly-bad', askOf({ images, changes }));
    expect(pick(table, 'image', 'was', 'status', 'since', 'cause', 'advisories', 'reasons')).toEqual([
      ['r/app-2', 'warn', 'fail', '2026-06-09T00:00:00.000Z', 'time', [], ['CVE-2026-1 in libssl3']],
      [
        'r/app-1',
        'pass',
        'fail',
        '2026-06-08T00:00:00.000Z',
        'advisories',
        ['CVE-2026-1'],
        ['CVE-2026-1 in libssl3'],
      ],
    ]);
  });

  const cases: readonly (readonly [string, readonly Partial<VerdictChange>[], boolean])[] = [
    ['refused from the beginning', [{ from: null, to: 'fail' }], false],
    ['refused before and after', [{ from: 'error', to: 'fail' }], false],
    ['refused, then for another reason', [{}, { from: 'fail', to: 'fail' }], true],
    ['refused, then an error', [{}, { from: 'fail', to: 'error' }], true],
    ['refused and allowed again', [{}, { from: 'fail', to: 'pass' }], false],
    ['refused, allowed, refused', [{}, { from: 'fail', to: 'warn' }, { from: 'warn', to: 'fail' }], true],
    ['refused before that time', [{ at: '2026-05-01T00:00:00.000Z' }], false],
    ['refused by another policy', [{ policy: 'strict' }], false],
  ];
  it.each(cases)('%s', async (_name, steps, listed) => {
    const changes = steps.map((fields, index) => change(index + 1, fields));
    const table = await makeReport('newly-bad', askOf({ images: [bad(1)], changes }));
    expect(table.total).toBe(listed ? 1 : 0);
  });

  it('leaves out what is allowed by now', async () => {
    const images = [bad(1, { verdicts: [{ status: 'pass' }] })];
    const table = await makeReport('newly-bad', askOf({ images, changes: [change(1)] }));
    expect(table.total).toBe(0);
  });

  it('reads a long log by the page, from the time that was asked for', async () => {
    const changes = Array.from({ length: 2500 }, (_, index) =>
      change(index + 1, {
        digest: digest(index + 1),
        at: index < 1000 ? '2026-05-01T00:00:00.000Z' : '2026-06-08T00:00:00.000Z',
      }),
    );
    const images = changes.map((_, index) => bad(index + 1));
    const since = '2026-06-01T00:00:00.000Z';
    const table = await makeReport('newly-bad', askOf({ images, changes }, { since, limit: 10 }));
    expect(table.total).toBe(1500);
    expect(table.rows).toHaveLength(10);
  });
});

import { describe, expect, it } from '@jest/globals';
import { makeReport } from './make.ts';
import { askOf, pick } from './samples.ts';

const counts = (fail: number, pass: number) => ({ fail, error: 0, warn: 0, pass });
const days = [
  { day: '2026-01-01', counts: counts(0, 1) },
  { day: '2026-06-09', counts: counts(1, 2) },
  { day: '2026-06-10', counts: counts(2, 2) },
];

describe('the report on history', () => {
  it('has a row for each day, the newest first', async () => {
    const table = await makeReport('history', askOf({ days }));
    expect(pick(table, 'day', 'policy', 'fail', 'pass', 'images', 'refusedShare')).toEqual([
      ['2026-06-10', 'baseline', 2, 2, 4, 50],
      ['2026-06-09', 'baseline', 1, 2, 3, 33.3],
    ]);
  });

  it('leaves out days before anything was recorded, and keeps those after it', async () => {
    const empty = ['2026-06-07', '2026-06-08', '2026-06-10'].map((day) => ({ day, counts: counts(0, 0) }));
    const known = { day: '2026-06-09', counts: counts(0, 1) };
    const table = await makeReport(
      'history',
      askOf({ days: [...empty.slice(0, 2), known, ...empty.slice(2)] }),
    );
    expect(pick(table, 'day', 'images')).toEqual([
      ['2026-06-10', 0],
      ['2026-06-09', 1],
    ]);
  });

  it('begins where it is asked to, for policies that are no more as well', async () => {
    const options = { since: '2026-01-01T00:00:00.000Z', policy: 'gone' };
    const table = await makeReport('history', askOf({ days }, options));
    expect(pick(table, 'day', 'policy')).toHaveLength(3);
  });

  const empty = [{ day: '2026-06-10', counts: counts(0, 0) }];
  it('refuses the name of no policy, and says which there are', async () => {
    const asked = askOf({ days: empty }, { policy: 'basline' });
    await expect(makeReport('history', asked)).rejects.toThrow(
      'no policy is named "basline", and nothing is recorded of one since 2026-05-11: there are baseline',
    );
  });

  it('is not complete where nobody knows whether there is such a policy', async () => {
    const ground = { policies: [], problem: 'no file' };
    const table = await makeReport('history', askOf({ days: empty }, { policy: 'basline' }, ground));
    expect(table.incomplete).toEqual([
      expect.stringContaining('no policy is named "basline"'),
      'names of the policies are not known: no file',
    ]);
  });

  it('says where it had to begin later', async () => {
    const table = await makeReport('history', askOf({ days }, { since: '2020-01-01T00:00:00.000Z' }));
    expect(table.incomplete).toEqual(['at most 366 days are told: from 2025-06-09 on']);
  });
});

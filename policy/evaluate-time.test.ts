import { describe, expect, it } from '@jest/globals';
import type { FinalStatus, VerdictStatus } from '../core/verdict.ts';
import { statusAt } from './evaluate.ts';
import { finding, type Given, old, verdictOn } from './samples.ts';

describe('time', () => {
  const expiring = ['advisory: CVE-2024-1, expires: 2026-06-03'];
  const rows: readonly [
    what: string,
    given: Given,
    validUntil: string | null,
    next: [string, FinalStatus] | null,
  ][] = [
    ['advisories get too old', {}, '2026-06-07T12:00:00.000Z', ['2026-06-07T12:00:00.000Z', 'error']],
    [
      'an exception ends first',
      { findings: [finding()], exceptions: expiring },
      '2026-06-04T00:00:00.000Z',
      ['2026-06-04T00:00:00.000Z', 'fail'],
    ],
    [
      'an exception that changes no status ends first',
      { findings: [finding({ severity: 'low' })], exceptions: expiring },
      '2026-06-04T00:00:00.000Z',
      ['2026-06-07T12:00:00.000Z', 'error'],
    ],
    [
      'an exception of nothing',
      { exceptions: expiring },
      '2026-06-07T12:00:00.000Z',
      ['2026-06-07T12:00:00.000Z', 'error'],
    ],
    [
      'a longer exception of the same',
      { findings: [finding()], exceptions: [...expiring, 'advisory: CVE-2024-1, expires: 2026-06-05'] },
      '2026-06-06T00:00:00.000Z',
      ['2026-06-06T00:00:00.000Z', 'fail'],
    ],
    ['failing already', { findings: [finding()] }, '2026-06-07T12:00:00.000Z', null],
    ['too old already', { coverage: [old] }, null, null],
    ['no age asked for', { policy: 'rules: []\nrequire: { advisories: { action: ignore } }' }, null, null],
  ];
  it.each(rows)('%s', (_what, given, validUntil, next) => {
    const verdict = verdictOn(given);
    expect([verdict.validUntil, verdict.next]).toEqual([
      validUntil,
      next === null ? null : { at: next[0], status: next[1] },
    ]);
  });

  const [t1, t2] = ['2026-06-02T00:00:00.000Z', '2026-06-03T00:00:00.000Z'];
  const held: readonly [string, Parameters<typeof statusAt>[0], string, VerdictStatus][] = [
    ['nothing will change', { status: 'pass', validUntil: null, next: null }, t2, 'pass'],
    [
      'before anything changes',
      { status: 'pass', validUntil: t1, next: { at: t2, status: 'fail' } },
      '2026-06-01T23:59:59.999Z',
      'pass',
    ],
    [
      'words changed, status not yet',
      { status: 'pass', validUntil: t1, next: { at: t2, status: 'fail' } },
      t1,
      'pass',
    ],
    ['from the change on', { status: 'pass', validUntil: t1, next: { at: t2, status: 'fail' } }, t2, 'fail'],
    [
      'changed to what may change again',
      { status: 'pass', validUntil: t1, next: { at: t1, status: 'warn' } },
      t1,
      'pending',
    ],
    ['past what is known', { status: 'pass', validUntil: t1, next: null }, t1, 'pending'],
    ['a time nobody can read', { status: 'pass', validUntil: 'soon', next: null }, t1, 'pending'],
    [
      'a change nobody can read',
      { status: 'pass', validUntil: t1, next: { at: 'soon', status: 'fail' } },
      t1,
      'pending',
    ],
  ];
  it.each(held)('a holder of the verdict: %s', (_what, verdict, at, status) => {
    expect(statusAt(verdict, Date.parse(at))).toBe(status);
  });
});

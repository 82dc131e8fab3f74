import { describe, expect, it } from '@jest/globals';
import type { Severity } from '../../core/severity.ts';
import type { Place } from './pods.ts';
import { worstRows } from './rows.ts';
import type { Said } from './said.ts';
import type { Standing } from './standing.ts';

interface Runs {
  readonly status?: Said['status'];
  readonly allowed?: boolean;
  readonly severity: Severity;
  readonly exploited?: boolean;
  readonly since?: string;
}

/** Rows of images in the workloads of these names, the worst first. */
function rowsOf(running: Readonly<Record<string, Runs>>) {
  const places = Object.keys(running).map(
    (workload) =>
      ({ key: workload, namespace: 'shop', workload, id: '', pods: new Map() }) as unknown as Place,
  );
  const standingOf = ({ workload }: Place): Standing | null => {
    const runs = running[workload];
    if (runs === undefined) return null;
    const { status = 'fail', allowed = false, severity, exploited = false, since = '2026-11-30' } = runs;
    const worst = { id: 'CVE-2026-1', package: 'exim4', severity, fixedVersion: null, exploited };
    const said = { status, allowed, known: true, image: 'r/app', digest: null, worst, ruled: null };
    const bad = status === 'fail' ? { since, wentBad: false } : null;
    return { said: said as unknown as Said, at: 0, bad };
  };
  return worstRows(places, standingOf, 100);
}

describe('what runs', () => {
  it.each<readonly [string, Readonly<Record<string, Runs>>]>([
    ['by severity', { first: { severity: 'critical' }, second: { severity: 'high' } }],
    [
      'and what is known to be exploited before what is worse on paper',
      { first: { severity: 'medium', exploited: true }, second: { severity: 'critical' } },
    ],
    [
      'and what is refused before what is not',
      {
        first: { severity: 'high' },
        second: { status: 'warn', allowed: true, severity: 'high', exploited: true },
      },
    ],
    [
      'and what has been bad for longer before what has not',
      { first: { severity: 'high', since: '2026-11-01' }, second: { severity: 'high', since: '2026-11-02' } },
    ],
  ])('comes worst first: %s', (_what, running) => {
    for (const order of [Object.entries(running), Object.entries(running).reverse()]) {
      expect(rowsOf(Object.fromEntries(order)).map(({ workload }) => workload)).toEqual(['first', 'second']);
    }
  });

  it('is told with what is known of the worst finding', () => {
    const [row] = rowsOf({ mail: { severity: 'medium', exploited: true } });
    expect(row?.worst).toBe('CVE-2026-1 in exim4 (medium, known exploited)');
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Said } from './said.ts';
import { hasGoneBad, type Standing, stand } from './standing.ts';

const hour = 3_600_000;
const at = (hours: number) => Date.parse('2026-11-10T00:00:00Z') + hours * hour;
const iso = (hours: number) => new Date(at(hours)).toISOString();

const said = (status: Said['status'], given: Partial<Said> = {}): Said => ({
  ...{ status, allowed: status === 'pass', known: true, ruled: null, image: 'r/app', digest: null },
  ...{ platforms: [], reason: status, rule: null, worst: null, fixable: 0, since: null, team: null },
  ...given,
});
const nobodyKnows = said('pending', { known: false });
const good: Standing = stand(null, said('pass'), at(10), at(0));
const bad: Standing = stand(null, said('fail', { since: iso(5) }), at(10), at(0));

describe('what stands of an image that runs', () => {
  type Row = readonly [
    what: string,
    before: Standing | null,
    now: Said,
    startedAt: number | null,
    bad: Standing['bad'],
    told: boolean,
  ];
  const rows: readonly Row[] = [
    ['it passes', null, said('pass'), at(0), null, false],
    ['it passes with a warning', good, said('warn'), at(0), null, false],
    [
      'it went bad before it was first looked at, while it ran',
      null,
      said('fail', { since: iso(9.5) }),
      at(0),
      { since: iso(9.5), wentBad: true },
      false,
    ],
    [
      'it went bad a moment ago, while nobody looked',
      null,
      said('fail', { since: iso(11.5) }),
      at(0),
      { since: iso(11.5), wentBad: true },
      true,
    ],
    [
      'it was bad when it was let in',
      null,
      said('fail', { since: iso(1) }),
      at(2),
      { since: iso(1), wentBad: false },
      false,
    ],
    [
      'nobody knows since when, nor what it was before',
      null,
      said('fail'),
      at(0),
      { since: iso(12), wentBad: false },
      false,
    ],
    [
      'nobody knows when it started',
      null,
      said('fail', { since: iso(1) }),
      null,
      { since: iso(1), wentBad: false },
      false,
    ],
    [
      'it was seen to pass',
      good,
      said('fail', { since: iso(11) }),
      at(0),
      { since: iso(11), wentBad: true },
      true,
    ],
    [
      'a policy holds since then that refused it all along',
      good,
      said('fail', { since: iso(1) }),
      at(0),
      { since: iso(12), wentBad: true },
      true,
    ],
    [
      'its policy cannot tell any more',
      good,
      said('error', { since: iso(11) }),
      at(0),
      { since: iso(11), wentBad: true },
      true,
    ],
    [
      'it is bad still, for another reason',
      bad,
      said('error', { since: iso(11) }),
      at(0),
      { since: iso(5), wentBad: true },
      false,
    ],
    ['it passes again', bad, said('pass'), at(0), null, false],
    ['nobody can judge it at the moment, and it passed', good, nobodyKnows, at(0), null, false],
    [
      'nobody can judge it at the moment, and it was bad',
      bad,
      nobodyKnows,
      at(0),
      { since: iso(5), wentBad: true },
      false,
    ],
    ['nobody has judged it yet', null, nobodyKnows, at(0), null, false],
    [
      'a clock says that it went bad tomorrow',
      good,
      said('fail', { since: iso(40) }),
      at(0),
      { since: iso(12), wentBad: true },
      true,
    ],
  ];
  it.each(rows)('%s', (_what, before, now, startedAt, expected, told) => {
    const after = stand(before, now, at(12), startedAt);
    expect(after.bad).toEqual(expected);
    expect(hasGoneBad(before, after)).toBe(told);
  });
});

import { expect, it } from '@jest/globals';
import type { AdvisoryIndex, FeedState } from '../core/ports/advisories.ts';
import { ecosystemState, emptyIndex, feedState } from './samples-index.ts';
import { advisoriesStatus } from './status.ts';

const feed = (name: string, updatedAt: string, records: number, rejected = 0): FeedState =>
  feedState({ name, updatedAt, records, rejected });

it('tells how old each feed is, the oldest first', () => {
  const index: AdvisoryIndex = {
    ...emptyIndex,
    feeds: [
      feed('kev', '2026-01-03T00:00:00.000Z', 7),
      feed('osv:Debian', '2026-01-02T00:00:00.000Z', 100, 3),
      feed('osv:npm', '2026-01-01T12:30:00.000Z', 20),
    ],
  };
  const status = advisoriesStatus(index, Date.parse('2026-01-03T00:00:00.000Z'));
  expect(status).toMatchObject({
    revision: 'r',
    updatedAt: '2026-01-01T12:30:00.000Z',
    records: 120,
    rejected: 3,
    knownExploited: true,
  });
  expect(status.feeds.map((one) => [one.name, one.ageHours])).toEqual([
    ['osv:npm', 35],
    ['osv:Debian', 24],
    ['kev', 0],
  ]);
});

it('tells of each release whether a feed speaks of it, since when, and whether it has ended; the worst first', () => {
  const index: AdvisoryIndex = {
    ...emptyIndex,
    ecosystems: [
      ecosystemState({ ecosystem: 'Alpine:v3.23', rows: 500, familyRows: 500 }),
      ecosystemState({
        ecosystem: 'Debian:11',
        rows: 900,
        familyRows: 1000,
        firstAt: '2020-01-01T00:00:00Z',
      }),
      ecosystemState({ ecosystem: 'Debian:12', rows: 1000, familyRows: 1000, outweighed: ['osv:Debian'] }),
      ecosystemState({ ecosystem: 'Debian:13', rows: 3, familyRows: 1000 }),
    ],
    problems: [{ feed: 'epss', why: 'gone', since: '2026-11-01T00:00:00.000Z' }],
  };
  const status = advisoriesStatus(index, Date.parse('2026-11-30T00:00:00.000Z'));
  expect(status.coverage.map((one) => [one.ecosystem, one.covered, one.endOfLife, one.ended])).toEqual([
    ['Debian:13', false, '2030-07-01', false],
    ['Debian:11', true, '2026-09-01', true],
    ['Alpine:v3.23', true, '2027-11-01', false],
    ['Debian:12', true, '2028-07-01', false],
  ]);
  expect(status.problems).toEqual(index.problems);
});

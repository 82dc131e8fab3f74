import { expect, it } from '@jest/globals';
import type { AdvisoryIndex, FeedState } from '../core/ports/advisories.ts';
import { advisoriesStatus } from './status.ts';

const feed = (name: string, updatedAt: string, records: number, rejected = 0): FeedState => ({
  name,
  updatedAt,
  records,
  rejected,
  fingerprint: 'f',
  source: 's',
});

it('tells how old each feed is, the oldest first', () => {
  const index: AdvisoryIndex = {
    revision: 'r',
    feeds: [
      feed('kev', '2026-01-03T00:00:00.000Z', 7),
      feed('osv:Debian', '2026-01-02T00:00:00.000Z', 100, 3),
      feed('osv:npm', '2026-01-01T12:30:00.000Z', 20),
    ],
    ecosystem: () => null,
    affecting: () => [],
    packagesEnding: () => [],
    severityOf: () => null,
    knownExploited: () => null,
    close: () => undefined,
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

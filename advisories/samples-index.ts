import type { AdvisoryIndex, EcosystemState, FeedState } from '../core/ports/advisories.ts';

/** An index in which nothing is, to be filled by tests. */
export const emptyIndex: AdvisoryIndex = {
  revision: 'r',
  feeds: [],
  problems: [],
  ecosystems: [],
  ecosystem: () => null,
  affecting: () => [],
  packagesEnding: () => [],
  severityOf: () => null,
  knownExploited: () => null,
  epssOf: () => null,
  endOfLife: () => null,
  close: () => undefined,
};

export function feedState(fields: Partial<FeedState> & Pick<FeedState, 'name'>): FeedState {
  return {
    updatedAt: '2026-01-02T03:04:05.000Z',
    records: 1,
    rejected: 0,
    fingerprint: 'f'.repeat(64),
    source: 'here',
    licence: 'CC0-1.0',
    supersedes: null,
    bookmark: '',
    ...fields,
  };
}

export function ecosystemState(
  fields: Partial<EcosystemState> & Pick<EcosystemState, 'ecosystem'>,
): EcosystemState {
  const feed = `osv:${fields.ecosystem.split(':')[0] ?? ''}`;
  return {
    feed,
    updatedAt: '2026-01-02T03:04:05.000Z',
    rows: 1,
    familyRows: 1,
    firstAt: null,
    newestAt: null,
    speakers: [feed],
    outweighed: [],
    ...fields,
  };
}

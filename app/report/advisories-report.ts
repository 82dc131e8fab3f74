import type { FeedReport, ImportReport } from '../../advisories/import.ts';
import type { ImportProgress } from '../../advisories/import-options.ts';
import type { AdvisoriesStatus, CoverageStatus } from '../../advisories/status.ts';
import { oneLine, plural } from '../../policy/text.ts';
import { formatAge, formatTable } from './table.ts';

/** Most rejected records that are named. */
const mostNamed = 10;
/** Characters of a progress bar. */
const barWidth = 24;

const whatWords: Readonly<Record<FeedReport['what'], string>> = {
  read: 'read',
  further: 'changes read',
  unchanged: 'unchanged',
  kept: 'NOT RENEWED',
};

/** One line for a person who waits. */
export function progressText({ feed, stage, done, total, rejected }: ImportProgress): string {
  const name = oneLine(feed, 60);
  const refused = rejected === 0 ? '' : `, ${rejected} rejected`;
  if (stage !== 'fetching') return `${name}: ${plural(done, 'record')}${refused}`;
  if (total === null || total < done) return `${name}: ${size(done)}`;
  const filled = total === 0 ? barWidth : Math.floor((done / total) * barWidth);
  const bar = `${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}`;
  return `${name}: [${bar}] ${Math.floor((done / Math.max(total, 1)) * 100)} % of ${size(total)}`;
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** What `advisories update` brought. @param now milliseconds since 1970 */
export function importText(report: ImportReport, file: string, now: number): string {
  const worstFirst = report.feeds.toSorted((a, b) => Number(b.what === 'kept') - Number(a.what === 'kept'));
  const rows = worstFirst.map(({ state, what }) => [
    oneLine(state.name, 60),
    String(state.records),
    String(state.rejected),
    `${formatAge(now - Date.parse(state.updatedAt))} ago`,
    whatWords[what],
  ]);
  const named = report.rejectedExamples.slice(0, mostNamed);
  const more = report.rejected - named.length;
  const { problems, dropped } = report;
  return [
    formatTable(['FEED', 'RECORDS', 'REJECTED', 'AS OF', 'RESULT'], rows),
    '',
    ...problems.map(
      ({ feed, why, since }) =>
        `not renewed since ${since}: ${oneLine(feed, 60)}: ${oneLine(why, 300)}; what was known of it stays in force and grows old`,
    ),
    ...dropped.map(
      (feed) => `no longer there: ${oneLine(feed, 60)}; what only it speaks of is not covered any more`,
    ),
    ...named.map(
      ({ feed, name, why }) => `rejected: ${oneLine(feed, 60)} ${oneLine(name, 100)}: ${oneLine(why, 300)}`,
    ),
    ...(more > 0 ? [`rejected: and ${plural(more, 'more record')}`] : []),
    ...(report.feeds.some(({ state }) => state.name === 'kev')
      ? []
      : ['no known-exploited catalogue: rules about it cannot be decided (--kev FILE|URL)']),
    `${plural(report.records, 'advisory').replace('advisorys', 'advisories')} in force${
      report.withdrawn === 0 ? '' : `, ${report.withdrawn} withdrawn by their feeds left out`
    }`,
    `revision ${report.revision}, in force in ${file}`,
  ].join('\n');
}

/** `advisories status`: what could not be renewed, then the oldest feed first. @param now milliseconds since 1970 */
export function statusText(status: AdvisoriesStatus, file: string, now: number): string {
  const age = (updatedAt: string): string => formatAge(now - Date.parse(updatedAt));
  const broken = new Set(status.problems.map(({ feed }) => feed));
  const worstFirst = status.feeds.toSorted((a, b) => Number(broken.has(b.name)) - Number(broken.has(a.name)));
  const rows = worstFirst.map((feed) => [
    `${oneLine(feed.name, 60)}${broken.has(feed.name) ? ' NOT RENEWED' : ''}`,
    age(feed.updatedAt),
    feed.updatedAt,
    String(feed.records),
    String(feed.rejected),
    oneLine(feed.licence, 50),
    oneLine(feed.source, 200),
  ]);
  return [
    `revision ${status.revision}, ${status.records} advisories, ${status.rejected} records rejected`,
    `file ${file}`,
    `oldest feed: ${status.updatedAt === null ? 'none' : `${age(status.updatedAt)} old`}`,
    ...(status.knownExploited ? [] : ['no known-exploited catalogue was imported']),
    ...status.problems.map(
      ({ feed, why, since }) => `NOT RENEWED since ${since}: ${oneLine(feed, 60)}: ${oneLine(why, 300)}`,
    ),
    '',
    formatTable(['FEED', 'AGE', 'CHANGED', 'RECORDS', 'REJECTED', 'LICENCE', 'FROM'], rows),
  ].join('\n');
}

/** `advisories status --coverage`: what is not covered or has ended first. */
export function coverageText(rows: readonly CoverageStatus[]): string {
  const day = (time: string | null): string => time?.slice(0, 10) ?? '?';
  return formatTable(
    ['ECOSYSTEM', 'COVERED', 'FEED', 'ROWS', 'SINCE', 'NEWEST', 'AS OF', 'END OF LIFE', 'OUTWEIGHED'],
    rows.map((row) => [
      oneLine(row.ecosystem, 60),
      row.covered ? 'yes' : 'NO',
      oneLine(row.feed, 60),
      String(row.rows),
      day(row.firstAt),
      day(row.newestAt),
      day(row.updatedAt),
      row.endOfLife === null ? '?' : `${row.endOfLife}${row.ended ? ' ENDED' : ''}`,
      row.outweighed.map((feed) => oneLine(feed, 60)).join(', '),
    ]),
  );
}

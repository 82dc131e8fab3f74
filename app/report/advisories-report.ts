import type { ImportReport } from '../../advisories/import.ts';
import type { AdvisoriesStatus } from '../../advisories/status.ts';
import { oneLine, plural } from '../../policy/text.ts';
import { formatAge, formatTable } from './table.ts';

/** Most rejected records that are named. */
const mostNamed = 10;

/** What `advisories update` brought. @param now milliseconds since 1970 */
export function importText(report: ImportReport, file: string, now: number): string {
  const rows = report.feeds.map((feed) => [
    oneLine(feed.name, 60),
    String(feed.records),
    String(feed.rejected),
    `${formatAge(now - Date.parse(feed.updatedAt))} ago`,
  ]);
  const named = report.rejectedExamples.slice(0, mostNamed);
  const more = report.rejected - named.length;
  return [
    formatTable(['FEED', 'RECORDS', 'REJECTED', 'CHANGED'], rows),
    '',
    ...named.map(
      ({ feed, name, why }) => `rejected: ${oneLine(feed, 60)} ${oneLine(name, 100)}: ${oneLine(why, 300)}`,
    ),
    ...(more > 0 ? [`rejected: and ${plural(more, 'more record')}`] : []),
    ...(report.feeds.some(({ name }) => name === 'kev')
      ? []
      : ['no known-exploited catalogue: rules about it cannot be decided (--kev FILE|URL)']),
    `${plural(report.records, 'advisory').replace('advisorys', 'advisories')} imported, ${report.withdrawn} withdrawn by their feeds left out`,
    `revision ${report.revision}, in force in ${file}`,
  ].join('\n');
}

/** `advisories status`, the oldest feed first. @param now milliseconds since 1970 */
export function statusText(status: AdvisoriesStatus, file: string, now: number): string {
  const age = (updatedAt: string): string => formatAge(now - Date.parse(updatedAt));
  const rows = status.feeds.map((feed) => [
    oneLine(feed.name, 60),
    age(feed.updatedAt),
    feed.updatedAt,
    String(feed.records),
    String(feed.rejected),
    oneLine(feed.source, 200),
  ]);
  return [
    `revision ${status.revision}, ${status.records} advisories, ${status.rejected} records rejected`,
    `file ${file}`,
    `oldest feed: ${status.updatedAt === null ? 'none' : `${age(status.updatedAt)} old`}`,
    ...(status.knownExploited ? [] : ['no known-exploited catalogue was imported']),
    '',
    formatTable(['FEED', 'AGE', 'CHANGED', 'RECORDS', 'REJECTED', 'FROM'], rows),
  ].join('\n');
}

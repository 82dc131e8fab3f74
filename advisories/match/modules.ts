import type { Package } from '../../core/inventory.ts';
import type { AffectedRow } from '../../core/ports/advisories.ts';

/** The mark of packages that were built for a module: `1.module_el8.9.0+3716+…`, `1.module+el8.9.0+…`. */
const moduleBuild = /\.module[_+]/;
/** `nodejs:18`, as a summary names a module and its stream. */
const streamName = /(?<=^|\s)[A-Za-z0-9][\w.+-]*:[A-Za-z0-9][\w.+-]*(?=$|[\s,;])/g;

/**
 * Whether an advisory's row can be about this build of an rpm package. A distribution has the same package in several
 * streams of a module, and some outside of any; versions of one say nothing about those of another. Feeds tell them
 * apart by the versions, and the stream in the summary alone.
 */
export function isAboutBuild(row: AffectedRow, one: Package): boolean {
  const bounds = row.affected.ranges.flat().flatMap((event) => ('fixed' in event ? [event.fixed] : []));
  const label = one.modularityLabel;
  // Without a fix nothing tells which builds are meant, so all of them are, unless the record is about one stream.
  if (bounds.length === 0) {
    const stream = soleStreamOf(row);
    return (
      stream === null || (label === undefined ? moduleBuild.test(one.version) : isStreamOf(label, stream))
    );
  }
  const isModular = label !== undefined || moduleBuild.test(one.version);
  if (!bounds.some((version) => moduleBuild.test(version) === isModular)) return false;
  return label === undefined || isAboutStream(row.advisory.summary, label);
}

/** `REDHAT-CVE-2024-1:nodejs:18` is the record of one stream alone (feeds/redhat-vex). */
function soleStreamOf(row: AffectedRow): string | null {
  return /^REDHAT-CVE-[\d-]+:(.+)$/.exec(row.advisory.id)?.[1] ?? null;
}

/** @param stream `nodejs:18` */
function isStreamOf(label: string, stream: string): boolean {
  const [name = '', of = ''] = label.split(':');
  return stream === `${name}:${of}`;
}

/** False where the summary names the label's module, and only with other streams. */
function isAboutStream(summary: string, label: string): boolean {
  const [name = '', stream = ''] = label.split(':');
  const streams = (summary.match(streamName) ?? []).flatMap((named) =>
    named.startsWith(`${name}:`) ? [named.slice(name.length + 1)] : [],
  );
  return streams.length === 0 || streams.some((one) => one === stream || one.startsWith(`${stream}.`));
}

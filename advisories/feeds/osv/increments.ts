import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { hasControls } from './fields.ts';

/** Records of one ecosystem that were changed, with the newest change of all that were looked at. */
export interface Changes {
  /** ISO 8601; null: the list is empty. */
  readonly newest: string | null;
  readonly byEcosystem: ReadonlyMap<string, readonly string[]>;
}

const longestLine = 400;
/** More changes than that are not gone through one by one by anybody. */
const mostLines = 2_000_000;

/** A list that tells of changes later than that after now was made by a wrong clock, milliseconds. */
const clockTolerance = 3_600_000;

/**
 * Reads osv.dev's `modified_id.csv`, which lists every record with the time of its last change, the newest first
 * (`<iso>,<ecosystem>/<id>`), as far as it is newer than `since`. null: this is no such list, or one whose times cannot be
 * relied on: out of order, or to come.
 */
export async function changesSince(file: string, since: Date, now: Date): Promise<Changes | null> {
  const byEcosystem = new Map<string, string[]>();
  let newest: string | null = null;
  let last = now.getTime() + clockTolerance;
  let lines = 0;
  const input = createReadStream(file);
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line === '') continue;
      lines += 1;
      const change = parseLine(line);
      if (change === null || lines > mostLines) return null;
      const at = Date.parse(change.at);
      if (at > last) return null;
      last = at;
      newest ??= change.at;
      if (at <= since.getTime()) break;
      const ids = byEcosystem.get(change.ecosystem);
      if (ids === undefined) byEcosystem.set(change.ecosystem, [change.id]);
      else ids.push(change.id);
    }
  } finally {
    input.destroy();
  }
  return { newest, byEcosystem };
}

function parseLine(
  line: string,
): { readonly at: string; readonly ecosystem: string; readonly id: string } | null {
  if (line.length > longestLine || hasControls(line)) return null;
  const match = /^([0-9T:.Z+-]{10,40}),([^/]{1,100})\/([^/]{1,200})$/.exec(line);
  const [, at, ecosystem, id] = match ?? [];
  if (at === undefined || ecosystem === undefined || id === undefined) return null;
  return Number.isNaN(Date.parse(at)) || id === '.' || id === '..' ? null : { at, ecosystem, id };
}

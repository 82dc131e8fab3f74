import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { type Entry, openPromise } from 'yauzl';
import { temporaryDirectory } from '../../support/temp.ts';
import { must } from './run.ts';

// Which records of an OSV export apply to installed packages, found out without any code of Pratique's: the versions are
// compared by dpkg itself, one process for each pair.

export interface Installed {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly sourceVersion: string;
}

/** What a root's own package manager lists. */
export async function installedIn(root: string): Promise<readonly Installed[]> {
  const fields = ['Package', 'Version', 'source:Package', 'source:Version'];
  const format = `${fields.map((field) => `\${${field}}`).join('\\t')}\\n`;
  const listed = await must('dpkg-query', [`--admindir=${root}/var/lib/dpkg`, '-W', '-f', format]);
  return listed
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', version = '', source = '', sourceVersion = ''] = line.split('\t');
      return { name, version, source, sourceVersion };
    });
}

interface Event {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly last_affected?: string;
}

interface OsvRecord {
  readonly id: string;
  readonly withdrawn?: string;
  readonly affected?: readonly {
    readonly package?: { readonly ecosystem: string; readonly name: string };
    readonly ranges?: readonly { readonly type: string; readonly events: readonly Event[] }[];
    readonly versions?: readonly string[];
  }[];
}

/** A record that applies to a package that is installed. */
export interface Applying {
  readonly package: string;
  readonly id: string;
  readonly fixed: string | null;
}

interface Question {
  readonly owner: Installed;
  readonly id: string;
  readonly events: readonly Event[];
  readonly listed: boolean;
}

/** @param archive `all.zip` of an ecosystem @param ecosystem with its release: `Debian:12` */
export async function applyingByDpkg(
  archive: string,
  ecosystem: string,
  installed: readonly Installed[],
): Promise<{ readonly applying: readonly Applying[]; readonly compared: number }> {
  const bySource = new Map<string, Installed[]>();
  for (const one of installed) bySource.set(one.source, [...(bySource.get(one.source) ?? []), one]);
  const questions: Question[] = [];
  for await (const record of recordsOf(archive)) {
    if (record.withdrawn !== undefined) continue;
    for (const { package: named, ranges = [], versions = [] } of record.affected ?? []) {
      if (named?.ecosystem !== ecosystem) continue;
      for (const owner of bySource.get(named.name) ?? []) {
        const listed = versions.includes(owner.sourceVersion);
        const plain = ranges.filter(({ type }) => type === 'ECOSYSTEM');
        if (plain.length === 0) questions.push({ owner, id: record.id, events: [], listed });
        for (const { events } of plain) questions.push({ owner, id: record.id, events, listed });
      }
    }
  }
  const pairs = new Set(
    questions.flatMap(({ owner, events }) => events.flatMap((event) => pairOf(owner, event) ?? [])),
  );
  const older = await olderByDpkg([...pairs]);
  const applying = questions.flatMap(({ owner, id, events, listed }) => {
    let inside = false;
    let fixed: string | null = null;
    for (const event of events) {
      const pair = pairOf(owner, event);
      const isOlder = pair !== null && older.has(pair);
      if (event.introduced !== undefined) inside = event.introduced === '0' || !isOlder;
      if (event.fixed === undefined) continue;
      if (isOlder) fixed ??= event.fixed;
      else inside = false;
    }
    return inside || listed ? [{ package: owner.name, id, fixed }] : [];
  });
  return { applying, compared: pairs.size };
}

/** `installed bound`; null where there is nothing to compare. */
function pairOf({ sourceVersion }: Installed, event: Event): string | null {
  const bound = event.introduced ?? event.fixed ?? event.last_affected;
  return bound === undefined || bound === '0' ? null : `${sourceVersion} ${bound}`;
}

async function olderByDpkg(pairs: readonly string[]): Promise<ReadonlySet<string>> {
  const file = join(temporaryDirectory(), 'pairs');
  const output = createWriteStream(file);
  output.end(pairs.map((pair) => `${pair}\n`).join(''));
  await new Promise<void>((resolve) => output.once('finish', () => resolve()));
  const script =
    'while read -r a b; do dpkg --compare-versions "$a" lt "$b" && echo "$a $b"; done < "$0"; true';
  return new Set((await must('sh', ['-c', script, file])).split('\n').filter((line) => line !== ''));
}

async function* recordsOf(archive: string): AsyncGenerator<OsvRecord> {
  const zip = await openPromise(archive, { lazyEntries: true });
  for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
    const pieces: Buffer[] = [];
    for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer);
    yield JSON.parse(Buffer.concat(pieces).toString('utf8')) as OsvRecord;
  }
}

/** The newest of some versions, by dpkg. */
export async function newestByDpkg(versions: readonly string[]): Promise<string | null> {
  let newest: string | null = null;
  for (const version of versions) {
    if (newest === null) newest = version;
    else if ((await olderByDpkg([`${newest} ${version}`])).size > 0) newest = version;
  }
  return newest;
}

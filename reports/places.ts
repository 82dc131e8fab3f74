import type { Digest } from '../core/digest.ts';
import { noCluster, type Sighting } from '../core/ports/sightings.ts';
import type { FinalStatus } from '../core/verdict.ts';
import type { Ask } from './ask.ts';
import type { Cell, Column, Found } from './report.ts';
import { readRunning } from './running.ts';
import { eachImage, timeIsOver } from './source.ts';
import { compareText, compareVerdict, nameOf } from './standing.ts';
import { Worst } from './worst.ts';

/** What images are grouped by: texts for the first columns. */
interface Grouping {
  readonly columns: readonly Column[];
  readonly key: (sighting: Sighting) => readonly (string | null)[];
}

const byNamespace: Grouping = {
  columns: [
    { key: 'cluster', title: 'CLUSTER' },
    { key: 'namespace', title: 'NAMESPACE' },
  ],
  key: ({ cluster, namespace }) => [cluster === noCluster ? null : cluster, namespace],
};
const byTeam: Grouping = { columns: [{ key: 'team', title: 'TEAM' }], key: ({ team }) => [team] };

const countColumns: readonly Column[] = [
  { key: 'policy', title: 'POLICY' },
  { key: 'images', title: 'IMAGES' },
  { key: 'fail', title: 'FAIL' },
  { key: 'error', title: 'ERROR' },
  { key: 'warn', title: 'WARN' },
  { key: 'pass', title: 'PASS' },
  { key: 'fixable', title: 'FIXABLE' },
  { key: 'worst', title: 'WORST IMAGES' },
];
const mostWorst = 5;
/** Groups that are counted at once; a cluster with more is not told whole. */
const mostGroups = 20_000;

interface Group {
  readonly cells: readonly (string | null)[];
  /** null: of images without a verdict. */
  readonly policy: string | null;
  readonly counts: Record<FinalStatus, number>;
  images: number;
  fixable: number;
  readonly worst: Worst<Judged>;
}

interface Judged {
  readonly name: string;
  readonly verdict: Parameters<typeof compareVerdict>[0] | null;
}

export const namespacesReport = (ask: Ask): Promise<Found> => placesReport(ask, byNamespace);
export const teamsReport = (ask: Ask): Promise<Found> => placesReport(ask, byTeam);

/** One row for each place and policy: how many of the images that were let in there have which status. */
async function placesReport({ reading, options, now }: Ask, grouping: Grouping): Promise<Found> {
  const running = await readRunning(reading.source, now, options.namespace);
  const groups = new Groups();
  const without = new Set<Digest>(running.digests);
  const add = (digest: Digest, policy: string | null, judged: Judged): void => {
    const places = new Map(
      running.of(digest).map((one) => [JSON.stringify(grouping.key(one)), grouping.key(one)]),
    );
    for (const [key, cells] of places) groups.add(key, cells, policy, judged);
  };
  const whole = await eachImage(reading, options.policy, (image) => {
    without.delete(image.digest);
    for (const { policy, verdict } of image.verdicts)
      add(image.digest, policy, { name: nameOf(image), verdict });
  });
  if (whole) {
    for (const digest of without)
      add(digest, null, { name: running.of(digest)[0]?.image ?? digest, verdict: null });
  }
  const rows = groups.sorted().map(rowOf);
  return {
    columns: [...grouping.columns, ...countColumns],
    rows: rows.slice(options.offset, options.offset + options.limit),
    total: rows.length,
    incomplete: [
      ...(whole ? [] : [timeIsOver]),
      ...(groups.full ? [`more than ${mostGroups} rows: the others are not counted`] : []),
    ],
    notes: [
      running.note,
      ...(without.size > 0 && whole
        ? [
            `${without.size} running ${without.size === 1 ? 'image has' : 'images have'} no verdict${options.policy === null ? '' : ` by ${options.policy}`}: a row without a policy`,
          ]
        : []),
    ],
  };
}

class Groups {
  readonly #groups = new Map<string, Group>();
  full = false;

  add(place: string, cells: Group['cells'], policy: string | null, judged: Judged): void {
    const key = `${place} ${policy ?? ''}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= mostGroups) {
        this.full = true;
        return;
      }
      const counts = { fail: 0, error: 0, warn: 0, pass: 0 };
      const worst = new Worst<Judged>(mostWorst, compareJudged);
      group = { cells, policy, counts, images: 0, fixable: 0, worst };
      this.#groups.set(key, group);
    }
    group.images += 1;
    group.worst.add(judged);
    if (judged.verdict === null) return;
    group.counts[judged.verdict.status] += 1;
    group.fixable += judged.verdict.summary.fixable;
  }

  sorted(): Group[] {
    return [...this.#groups.values()].sort(
      (a, b) =>
        b.counts.fail - a.counts.fail ||
        b.counts.error - a.counts.error ||
        b.counts.warn - a.counts.warn ||
        compareText(String(a.cells), String(b.cells)) ||
        compareText(a.policy ?? '', b.policy ?? ''),
    );
  }
}

function compareJudged(a: Judged, b: Judged): number {
  if (a.verdict === null || b.verdict === null) return compareText(a.name, b.name);
  return compareVerdict(a.verdict, b.verdict) || compareText(a.name, b.name);
}

function rowOf({ cells, policy, counts, images, fixable, worst }: Group): Cell[] {
  const names = worst
    .list()
    .filter(({ verdict }) => verdict?.status !== 'pass')
    .map(({ name, verdict }) => `${name} (${verdict?.status ?? 'no verdict'})`);
  return [...cells, policy, images, counts.fail, counts.error, counts.warn, counts.pass, fixable, names];
}

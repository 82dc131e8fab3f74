import type { Digest } from '../../core/digest.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import type { Addressing } from '../../core/ports/gate.ts';
import { runningDays, type Sighting } from '../../core/ports/sightings.ts';
import type { ReadableState } from '../../db/state.ts';
import type { Rulebook } from '../../policy/bindings/rulebook.ts';
import { type DiffRow, type PolicyDiff, stepText } from '../report/policy-diff-report.ts';
import { type Answer, answerTo } from './answer.ts';
import { DiffTally } from './diff-tally.ts';
import { placesOf } from './places.ts';
import { openRecordedCase, type RecordedCase } from './recorded-case.ts';
import { whatMakes } from './what-makes.ts';

export interface DiffOptions {
  readonly state: Pick<
    ReadableState,
    'inventoried' | 'sightings' | 'attachedVex' | 'getInventory' | 'getMatch' | 'getReported' | 'imagesOf'
  >;
  readonly index: AdvisoryIndex;
  readonly addressing: Addressing;
  readonly from: Rulebook;
  readonly to: Rulebook;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The key of inventories (`analyzersOf`). */
  readonly analyzers: string;
  /** Rows that are kept, those first that matter most. */
  readonly limit: number;
  readonly onProgress: (done: number, total: number) => void;
}

const dayMilliseconds = 86_400_000;

/**
 * What another policy would change of what is said of every recorded image, wherever it is known to run and by each of
 * its names. One image at a time is in memory.
 */
export function diffPolicies(options: DiffOptions): PolicyDiff {
  const { state, index, at, analyzers, from, to } = options;
  const running = byDigest(state.sightings(new Date(at - runningDays * dayMilliseconds).toISOString()));
  const digests = state.inventoried(analyzers);
  const tally = new DiffTally(options.limit);
  for (const [done, digest] of digests.entries()) {
    const seen = running.get(digest) ?? [];
    running.delete(digest);
    const recorded = openRecordedCase(digest, { records: state, index, at, analyzers });
    if (recorded === null) tally.addUnknown(1);
    else tally.add(seen.length > 0, rowsOf(recorded, seen, options));
    options.onProgress(done + 1, digests.length);
  }
  tally.addUnknown(running.size);
  const name = ({ set }: Rulebook): PolicyDiff['from'] => ({ name: set.name, revision: set.revision });
  return { from: name(from), to: name(to), ...tally.result() };
}

/** The same change for the same reason in several places is one row. */
function rowsOf(recorded: RecordedCase, seen: readonly Sighting[], options: DiffOptions): readonly DiffRow[] {
  const { from, to, at, addressing } = options;
  const { digest, images, verdict } = recorded;
  const subject = {
    digest,
    platform: null,
    images,
    verdict: ({ policy }: { readonly policy: Parameters<typeof verdict>[0] }) => verdict(policy),
    pending: '',
  };
  const name = seen[0]?.image ?? `${images[0] ?? ''}@${digest}`;
  const rows = new Map<string, DiffRow>();
  for (const { asked, running } of placesOf(images, seen, addressing)) {
    const before = answerTo(from, asked, subject, at);
    const after = answerTo(to, asked, subject, at);
    if (isSame(before, after)) continue;
    const [was, becomes] = [saidOf(before), saidOf(after)];
    const made = whatMakes(before, after);
    const key = JSON.stringify([stepText(was, becomes), made]);
    const known = rows.get(key);
    const places = [...(known?.running ?? []), ...(running === null ? [] : [running])];
    rows.set(key, { digest, name, images, running: places, from: was, to: becomes, ...made });
  }
  return [...rows.values()];
}

function isSame({ clearance: a }: Answer, { clearance: b }: Answer): boolean {
  return a.status === b.status && a.allowed === b.allowed;
}

function saidOf({ clearance: { status, allowed } }: Answer): DiffRow['from'] {
  return { status, allowed };
}

function byDigest(sightings: readonly Sighting[]): Map<Digest, Sighting[]> {
  const found = new Map<Digest, Sighting[]>();
  for (const sighting of sightings) {
    const known = found.get(sighting.digest);
    if (known === undefined) found.set(sighting.digest, [sighting]);
    else known.push(sighting);
  }
  return found;
}

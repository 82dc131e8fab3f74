import { randomUUID } from 'node:crypto';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { matchPackages } from '../../advisories/match/index.ts';
import type { Digest } from '../../core/digest.ts';
import { PratiqueError, toPlainError } from '../../core/errors.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { openAttachedVex } from '../../db/attached-vex.ts';
import { entryOf, openReevaluation, type PackageRecords, packEvaluated } from '../../db/reevaluation.ts';
import { wantsAttached } from '../../policy/vex/policy-vex.ts';
import { changedSubjects, isMatchedAlike, keptRevision } from './changed-subjects.ts';
import { standBack } from './priority.ts';
import { type Batch, batches, batchLimits, judgeAll, type Pages } from './reevaluation-batches.ts';
import type { ReevaluationAnswer, ReevaluationGround, ReevaluationMessage } from './reevaluation-messages.ts';
import type { Bench } from './reevaluation-task.ts';
import { type Changed, Rematch } from './rematch-task.ts';

/** Batches that may wait to be written. */
const mostInFlight = 2;
/**
 * How long the thread rests after a batch, of the time that the batch took: the machine's processors, and the thread
 * that writes the state, are there for others too. Long where findings are right already (`changed`: gates decide by
 * them, events alone wait) and where nothing has changed, for then nobody waits for it.
 */
const rests = { changed: 2, all: 0.4, unchanged: 2 } as const;
/** Milliseconds that an image takes, at most; what a batch took longer others had the processor, which is rest enough. */
const longestImage = 0.6;
/** Turns for what others have judged in between; what is overtaken again and again is being judged by them. */
const mostTurns = 5;
/** Turns for packages that others have recorded in between. */
const mostSwitches = 20;

const port = parentPort;
if (port === null) throw new Error('app/workers/reevaluation-worker runs as a worker thread only');
const ground = workerData as ReevaluationGround;
const post = (message: ReevaluationMessage, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

let inFlight = 0;
let onStored = (): void => undefined;
let onAnswer = (_answer: ReevaluationAnswer): void => undefined;
let overtaken: Digest[] = [];
let { ahead } = ground;
port.on('message', (answer: ReevaluationAnswer) => {
  if (answer.kind !== 'stored') {
    onAnswer(answer);
    return;
  }
  inFlight -= 1;
  ({ ahead } = answer);
  overtaken.push(...answer.overtaken);
  onStored();
});
/** What is asked of the thread that writes, one question at a time. */
const ask = (
  message: ReevaluationMessage,
  transfer: readonly ArrayBuffer[] = [],
): Promise<ReevaluationAnswer> =>
  new Promise((resolve) => {
    onAnswer = resolve;
    post(message, transfer);
  });
const waitFor = async (most: number): Promise<void> => {
  await turn();
  while (inFlight > most) {
    await new Promise<void>((resolve) => {
      onStored = resolve;
    });
  }
};

/** Opened when something has to be matched. */
let index: AdvisoryIndex | undefined;
const advisories = (): AdvisoryIndex => {
  index ??= openAdvisoryIndex(ground.advisories.file);
  if (index.revision === ground.advisories.revision) return index;
  throw new PratiqueError(
    'advisories-unreadable',
    'the advisories were swapped while images were judged again',
    {
      expected: ground.advisories.revision,
      found: index.revision,
    },
  );
};

const closeIndex = (): void => index?.close();

const wantsVex = ground.policies.some(wantsAttached);
/** Opened where a policy wants to know. */
let vex: ReturnType<typeof openAttachedVex> | undefined;
const attached: Bench['attached'] = (digest) => {
  if (!wantsVex) return [];
  vex ??= openAttachedVex(ground.stateFile);
  return vex.attachedVex(digest);
};

const bench: Bench = {
  policies: ground.policies,
  scanner: ground.scanner,
  attached,
  match: ({ os, packages }) => matchPackages({ os, packages: packages() }, advisories()),
  compare: entryOf,
  now: () => Date.now() + ahead,
};

/** `counted`: whether they are told as done; `moves`: whether all before them are done too. */
const send = async (
  made: Iterable<Batch>,
  phase: keyof typeof rests,
  { counted, moves }: { readonly counted: boolean; readonly moves: boolean },
): Promise<void> => {
  let begun = performance.now();
  for (const { entries, matches, images, last, ...batch } of made) {
    await waitFor(mostInFlight - 1);
    await sleep(Math.min(performance.now() - begun, images * longestImage) * rests[phase]);
    begun = performance.now();
    const packed = packEvaluated(entries, matches);
    inFlight += 1;
    const told = { images: counted ? images : 0, last: moves ? last : null };
    post({ kind: 'batch', entries: packed, ...batch, ...told }, [packed.buffer as ArrayBuffer]);
  }
  await waitFor(0);
};

/** What another revision says otherwise. */
const changedSince = (revision: string): Changed => {
  const nobodyKnows = { all: true, subjects: new Set<string>() };
  if (ground.asked !== null || !isMatchedAlike(revision, ground.advisories.revision)) return nobodyKnows;
  const { file } = ground.advisories;
  return changedSubjects(keptRevision(file, revision), file);
};

/**
 * Makes all findings right for the revision. Returns the positions of images to which that makes a difference; null: they
 * were right.
 */
const rematch = async (records: PackageRecords): Promise<readonly number[] | null> => {
  const from = records.state();
  const to = ground.advisories.revision;
  if (from === null || (from.revision === to && ground.asked === null)) return null;
  post({ kind: 'phase', phase: 'matching' });
  const begun = performance.now();
  const changed = changedSince(from.revision);
  const round = randomUUID();
  const work = new Rematch({ records, index: advisories(), changed, round });
  for (let attempt = 0; attempt < mostSwitches; attempt += 1) {
    for (const findings of work.turn())
      await ask({ kind: 'stage', findings }, [findings.buffer as ArrayBuffer]);
    const { seen } = work;
    const answer = await ask({ kind: 'switch', asked: { round, from, to, seen, asked: ground.asked } });
    if (answer.kind !== 'switched' || answer.outcome === 'overtaken') break;
    if (answer.outcome === 'later') continue;
    const images = work.changedImages();
    const milliseconds = Math.round(performance.now() - begun);
    const { revision } = from;
    post({
      kind: 'rematched',
      from: revision,
      all: changed.all,
      ...work.counts,
      images: images.length,
      milliseconds,
    });
    return images;
  }
  throw new PratiqueError('vetting-failed', 'what is recorded has changed while it was matched again');
};

function* inParts(positions: readonly number[]): Generator<readonly number[], void, undefined> {
  for (let at = 0; at < positions.length; at += batchLimits.images) {
    yield positions.slice(at, at + batchLimits.images);
  }
}

try {
  const priority = standBack(ground.niceness);
  const source = openReevaluation(ground.stateFile);
  const { analyzers, after } = ground;
  const asked = { analyzers, advisoriesRevision: ground.advisories.revision };
  const done = after === null ? 0 : source.count(analyzers, after);
  post({ kind: 'started', images: source.count(analyzers, null), done, priority });
  const first = await rematch(source.packages);
  post({ kind: 'phase', phase: 'changed' });
  for (const positions of inParts(first ?? [])) {
    const images = source.at(asked, positions);
    await send(judgeAll(images, bench), 'changed', { counted: true, moves: false });
  }
  post({ kind: 'phase', phase: 'others' });
  const pages: Pages = (last, limit) => source.page(asked, last, limit);
  // Where nothing was matched again, what all of them are judged by is another.
  const rest = first === null ? 'all' : 'unchanged';
  await send(batches(pages, bench, after, new Set(first)), rest, { counted: true, moves: true });
  for (let round = 0; round < mostTurns && overtaken.length > 0; round += 1) {
    const digests = overtaken;
    overtaken = [];
    const images = digests.flatMap((digest) => source.image(asked, digest) ?? []);
    await send(judgeAll(images, bench), 'all', { counted: false, moves: false });
  }
  source.close();
  post({ kind: 'done' });
} catch (error) {
  post({ kind: 'failed', error: toPlainError(error, 'vetting-failed') });
} finally {
  closeIndex();
  vex?.close();
  port.close();
}

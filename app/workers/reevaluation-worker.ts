import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { matchInventory } from '../../advisories/match/index.ts';
import type { Digest } from '../../core/digest.ts';
import { PratiqueError, toPlainError } from '../../core/errors.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { openAttachedVex } from '../../db/attached-vex.ts';
import { entryOf, openReevaluation, packEvaluated } from '../../db/reevaluation.ts';
import { wantsAttached } from '../../policy/vex/policy-vex.ts';
import { standBack } from './priority.ts';
import { type Batch, batches, judgeAll, type Pages } from './reevaluation-batches.ts';
import type { ReevaluationCredit, ReevaluationGround, ReevaluationMessage } from './reevaluation-messages.ts';
import type { Bench } from './reevaluation-task.ts';

/** Batches that may wait to be written. */
const mostInFlight = 2;
/**
 * How long the thread rests after a batch, of the time that the batch took: pulls ask the thread that writes the state,
 * and wait while it writes.
 */
const rest = 0.4;
/** Turns for what others have judged in between; what is overtaken again and again is being judged by them. */
const mostTurns = 5;

const port = parentPort;
if (port === null) throw new Error('app/workers/reevaluation-worker runs as a worker thread only');
const ground = workerData as ReevaluationGround;
const post = (message: ReevaluationMessage, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

let inFlight = 0;
let onCredit = (): void => undefined;
let overtaken: Digest[] = [];
let { ahead } = ground;
port.on('message', (credit: ReevaluationCredit) => {
  inFlight -= 1;
  ({ ahead } = credit);
  overtaken.push(...credit.overtaken);
  onCredit();
});
const waitFor = async (most: number): Promise<void> => {
  await turn();
  while (inFlight > most) {
    await new Promise<void>((resolve) => {
      onCredit = resolve;
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
  match: ({ packages, packageCount: _, ...facts }) =>
    matchInventory({ ...facts, packages: packages(), analyzers: ground.analyzers }, advisories()),
  compare: entryOf,
  now: () => Date.now() + ahead,
};

const send = async (made: Iterable<Batch>, again: boolean): Promise<void> => {
  let begun = performance.now();
  for (const { entries, matches, ...batch } of made) {
    await waitFor(mostInFlight - 1);
    await sleep((performance.now() - begun) * rest);
    begun = performance.now();
    const packed = packEvaluated(entries, matches);
    inFlight += 1;
    post({ kind: 'batch', entries: packed, ...batch, again }, [packed.buffer as ArrayBuffer]);
  }
  await waitFor(0);
};

try {
  const priority = standBack(ground.niceness);
  const source = openReevaluation(ground.stateFile);
  const asked = { analyzers: ground.analyzers, advisoriesRevision: ground.advisories.revision };
  post({ kind: 'started', images: source.count(ground.analyzers), priority });
  const pages: Pages = (after, limit) => source.page(asked, after, limit);
  await send(batches(pages, bench, ground.after), false);
  for (let round = 0; round < mostTurns && overtaken.length > 0; round += 1) {
    const digests = overtaken;
    overtaken = [];
    const images = digests.flatMap((digest) => source.image(asked, digest) ?? []);
    await send(judgeAll(images, bench), true);
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

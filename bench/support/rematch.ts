import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { matchInventory } from '../../advisories/match/index.ts';
import { dataPaths } from '../../app/paths.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { openStateReadOnly } from '../../db/state.ts';
import { ANALYZERS } from '../../scanner/analyzers.ts';
import { importFeeds, type RunningPratique } from '../../test/support/pratique.ts';
import { randomOf } from '../../test/support/random.ts';
import { policyText } from './policy-50.ts';
import { startPulled } from './pulled-server.ts';
import { feedsAfter } from './rematch-feeds.ts';
import { seedMatched } from './rematch-seed.ts';
import { median } from './rounds.ts';
import type { Scratch } from './scratch.ts';

export interface RematchMeasured {
  readonly images: number;
  readonly seeding: number;
  /** Seconds from the swap of the advisories until all recorded findings are right for them, of each increment. */
  readonly right: readonly number[];
  /** Until every verdict that is another is told. */
  readonly told: readonly number[];
  /** Until all others are renewed as well. */
  readonly renewed: readonly number[];
  /** Pulls per second. */
  readonly without: readonly number[];
  readonly during: readonly number[];
  /** Of each increment: pulls from the swap until all is renewed, to those before and after. */
  readonly ratios: readonly number[];
  /** Of a sample of images: how many have other findings recorded than matching their inventory gives. */
  readonly wrong: number;
  readonly sample: number;
}

interface Status {
  readonly advisories: { readonly revision: string | null };
  readonly findings: { readonly revision: string | null; readonly current: boolean };
  readonly reevaluation: { readonly running: boolean; readonly phase: string | null };
}

/** Seconds of one measurement of pulls. */
const slice = 3;
/** Milliseconds; the program is taken for broken then. */
const patience = 900_000;
const sample = 200;

/**
 * What increments of 500 changed advisories cost with so many recorded images, while pulls go on. A B A B.
 * @param longest seconds after which it is not waited any more until all is judged: what is not done is infinite
 */
export async function measureRematch(
  scratch: Scratch,
  dir: string,
  images: number,
  turns: number,
  longest: number,
): Promise<RematchMeasured> {
  const { seconds } = await seedMatched(dir, images, policyText(0));
  const { pratique, warm, pulls: pullsFor } = await startPulled(scratch, dir);
  const begun = await status(pratique);
  await until(pratique, ({ reevaluation }) => !reevaluation.running);
  await warm();
  const pulls = (): Promise<number> => pullsFor(slice);
  await pulls();

  const measured = {
    right: [] as number[],
    told: [] as number[],
    renewed: [] as number[],
    without: [await pulls()],
    during: [] as number[],
    ratios: [] as number[],
  };
  let { revision } = begun.advisories;
  for (let turn = 1; turn <= turns; turn += 1) {
    const before = revision;
    const swapped = untilSwapped(dataPaths(join(dir, 'data')).advisories);
    await importFeeds(dir, feedsAfter(nextIncrement(dir)).feeds);
    const started = await swapped;
    const since = (): number => (performance.now() - started) / 1000;
    let [ended, answered] = [false, 0];
    const isNew = (told: Status): boolean => told.findings.revision !== before && told.findings.current;
    const watched = (async () => {
      await until(pratique, isNew);
      measured.right.push(since());
      const left = (): number => Math.max(0, (longest - since()) * 1000);
      const isTold = ({ reevaluation: { running, phase } }: Status): boolean =>
        !running || phase === 'others';
      measured.told.push((await isWithin(pratique, isTold, left())) ? since() : Number.POSITIVE_INFINITY);
      const isRenewed = ({ reevaluation }: Status): boolean => !reevaluation.running;
      measured.renewed.push(
        (await isWithin(pratique, isRenewed, left())) ? since() : Number.POSITIVE_INFINITY,
      );
      ended = true;
    })();
    // Awaited below: what fails first is told.
    watched.catch(() => undefined);
    const samples: number[] = [];
    for (;;) {
      answered = await pulls();
      // A measurement that outlasts the round is half of the other kind.
      if (ended && samples.length > 0) break;
      samples.push(answered);
      if (ended) break;
    }
    await watched;
    const earlier = measured.without.at(-1) ?? Number.NaN;
    // Where it is not waited for the end, there is no time without it afterwards.
    const after = measured.renewed.at(-1) === Number.POSITIVE_INFINITY ? earlier : await pulls();
    measured.without.push(after);
    measured.during.push(median(samples));
    measured.ratios.push((median(samples) * 2) / (earlier + after));
    ({ revision } = (await status(pratique)).advisories);
  }
  await pratique.stop();
  return { images, seeding: seconds, ...measured, ...wrongOf(dir, images) };
}

/** Every increment comes on top of those that earlier runs on the same folder have imported. */
function nextIncrement(dir: string): number {
  const file = join(dir, 'increments');
  const next = (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0) + 1;
  writeFileSync(file, String(next));
  return next;
}

/** When another file stands there: milliseconds of `performance.now`. */
async function untilSwapped(file: string): Promise<number> {
  const inode = (): number => statSync(file).ino;
  const before = inode();
  while (inode() === before) await sleep(10);
  return performance.now();
}

/** What is recorded of images that are drawn at random, against matching their inventories under the file that is in force. */
function wrongOf(dir: string, images: number): Pick<RematchMeasured, 'wrong' | 'sample'> {
  const paths = dataPaths(join(dir, 'data'));
  const index = openAdvisoryIndex(paths.advisories);
  const state = openStateReadOnly(paths.state);
  const digests = state.inventoried(ANALYZERS);
  const random = randomOf(images);
  let wrong = 0;
  for (let n = 0; n < sample; n += 1) {
    const digest = digests[Math.floor(random() * digests.length)];
    const recorded = digest === undefined ? null : state.getInventory(digest, ANALYZERS);
    if (digest === undefined || recorded === null) throw new Error('a recorded image is gone');
    const known = state.getMatch(digest, index.revision);
    if (JSON.stringify(known) !== JSON.stringify(matchInventory(recorded.inventory, index))) wrong += 1;
  }
  state.close();
  index.close();
  return { wrong, sample };
}

async function status({ management }: RunningPratique): Promise<Status> {
  return (await (await fetch(`${management}/api/v1/status`)).json()) as Status;
}

async function until(pratique: RunningPratique, isSo: (status: Status) => boolean): Promise<void> {
  if (await isWithin(pratique, isSo, patience)) return;
  throw new Error(`matching again does not end:\n${pratique.log()}`);
}

async function isWithin(
  pratique: RunningPratique,
  isSo: (status: Status) => boolean,
  milliseconds: number,
): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (!isSo(await status(pratique))) {
    if (performance.now() > deadline) return false;
    await sleep(100);
  }
  return true;
}

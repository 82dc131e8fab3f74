import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningPratique } from '../../test/support/pratique.ts';
import { policyText } from './policy-50.ts';
import { seed } from './policy-seed.ts';
import { startPulled } from './pulled-server.ts';
import { median } from './rounds.ts';
import type { Scratch } from './scratch.ts';

export interface ReevaluationMeasured {
  readonly images: number;
  readonly seeding: number;
  /** Seconds from the change of the policy file until all is judged, while pulls go on. */
  readonly rounds: readonly number[];
  /** Pulls per second. */
  readonly without: readonly number[];
  readonly during: readonly number[];
  /** Of each round: pulls during it to those before and after it. */
  readonly ratios: readonly number[];
}

interface Progress {
  readonly running: boolean;
  readonly done: number;
  readonly total: number;
}

/** Seconds of one measurement of pulls. */
const slice = 5;
/** Milliseconds; the round is given up then. */
const patience = 600_000;

/** What pulls lose while all recorded images are judged again for another policy, and how long that takes. A B A B. */
export async function measureReevaluation(
  scratch: Scratch,
  dir: string,
  images: number,
  turns: number,
): Promise<ReevaluationMeasured> {
  const { seconds } = await seed(dir, images, policyText(0));
  const { pratique, warm, pulls: pullsFor } = await startPulled(scratch, dir);
  await untilIdle(pratique);
  await warm();

  const pulls = (): Promise<number> => pullsFor(slice);
  await pulls();
  const without = [await pulls()];
  const during: number[] = [];
  const rounds: number[] = [];
  const ratios: number[] = [];
  for (let turn = 1; turn <= turns; turn += 1) {
    const started = performance.now();
    writeFileSync(join(dir, 'policy.yaml'), policyText(turn));
    const ended = untilJudged(pratique, images).then(() => (performance.now() - started) / 1000);
    await untilRunning(pratique);
    const samples: number[] = [];
    for (;;) {
      const sample = await pulls();
      // A measurement that outlasts the round is half of the other kind.
      if (!(await progress(pratique)).running) {
        if (samples.length === 0) samples.push(sample);
        break;
      }
      samples.push(sample);
    }
    rounds.push(await ended);
    const before = without.at(-1) ?? Number.NaN;
    const after = await pulls();
    without.push(after);
    during.push(median(samples));
    ratios.push((median(samples) * 2) / (before + after));
  }
  return { images, seeding: seconds, rounds, without, during, ratios };
}

async function progress({ management }: RunningPratique): Promise<Progress> {
  const response = await fetch(`${management}/api/v1/status`);
  const status = (await response.json()) as { readonly reevaluation?: Progress };
  if (status.reevaluation === undefined) throw new Error('the status tells nothing of judging again');
  return status.reevaluation;
}

async function until(pratique: RunningPratique, isSo: (progress: Progress) => boolean): Promise<void> {
  const deadline = performance.now() + patience;
  while (!isSo(await progress(pratique))) {
    if (performance.now() > deadline) throw new Error(`judging again does not end:\n${pratique.log()}`);
    await sleep(100);
  }
}

const untilRunning = (pratique: RunningPratique): Promise<void> => until(pratique, ({ running }) => running);
const untilIdle = (pratique: RunningPratique): Promise<void> => until(pratique, ({ running }) => !running);

async function untilJudged(pratique: RunningPratique, images: number): Promise<void> {
  await untilRunning(pratique);
  await untilIdle(pratique);
  const { done } = await progress(pratique);
  if (done < images) throw new Error(`${done} of ${images} images were judged again:\n${pratique.log()}`);
}

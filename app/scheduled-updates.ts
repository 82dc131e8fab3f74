import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { schedule, validateDetailed } from 'node-cron';
import { PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { AdvisoriesHold } from '../db/advisories-hold.ts';
import type { ConfigSources } from './config/load.ts';
import { exitCodes } from './console.ts';

/** An update that takes longer hangs, milliseconds. */
const longestUpdate = 2 * 3_600_000;
/** Characters of an update's output that the log keeps. */
const longestOutput = 4000;

/** What `advisories update` ends with where some feeds could not be renewed. */
const inPart = exitCodes.undecided;

export interface ScheduledUpdates {
  /** One update now, unless one is under way. What comes of it is told in the log. */
  start(): void;
  /** Ends the schedule, and an update that is under way: the old advisories stay. */
  close(): Promise<void>;
}

/** @throws PratiqueError `config-invalid` */
export function checkSchedule(expression: string, key = 'advisories.schedule'): void {
  const { valid, errors } = validateDetailed(expression);
  if (valid) return;
  const why = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  throw new PratiqueError(
    'config-invalid',
    `${key}: found "${expression}", allowed a cron expression such as "0 */6 * * *"${why === '' ? '' : ` (${why})`}`,
    { expression },
  );
}

/**
 * Runs `pratique advisories update` by the clock, in a process of its own: an import reads gigabytes and would
 * stop the event loop. The server finds the new file by itself.
 * @throws PratiqueError `config-invalid`
 */
export function scheduleUpdates(options: {
  readonly expression: string;
  readonly sources: Pick<ConfigSources, 'file' | 'data'>;
  readonly logger: Logger;
  /** Milliseconds: an update by the clock waits a random time up to this, so that not all sites ask at once. */
  readonly jitter: number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Whether somebody has gone back to older advisories, and would not like to find them gone. */
  readonly hold: () => AdvisoriesHold | null;
  /** Told after each update: why it changed nothing at all; null: it did, in part at least. */
  readonly onEnded?: (problem: string | null) => void;
  /** The command line to start; its own built file if left out. */
  readonly cli?: string;
}): ScheduledUpdates {
  checkSchedule(options.expression);
  const { logger } = options;
  const cli = options.cli ?? fileURLToPath(new URL('./cli.js', import.meta.url));
  let child: ChildProcess | null = null;
  let running: Promise<void> | null = null;
  let closed = false;

  const update = async (): Promise<void> => {
    const hold = options.hold();
    if (hold !== null) {
      logger.warn(
        { ...hold },
        'the scheduled update is held since a rollback of the advisories: an update by hand or `pratique advisories rollback --release` ends that',
      );
      return;
    }
    const started = spawn(process.execPath, [cli, ...argumentsOf(options.sources)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longestUpdate,
    });
    child = started;
    const { code, error, output } = await outcomeOf(started);
    child = null;
    if (closed) return;
    // Feeds that alone could not be renewed are told by the file that was made.
    options.onEnded?.(code === 0 || code === inPart ? null : lastLines(error?.message ?? output));
    if (code === 0) logger.info({ output }, 'advisories updated');
    else if (code === inPart) logger.warn({ output }, 'advisories updated in part');
    else logger.error({ code, err: error, output }, 'the advisories could not be updated');
  };
  const run = (): Promise<void> => {
    if (closed) return Promise.resolve();
    running ??= update().finally(() => {
      running = null;
    });
    return running;
  };
  const ending = new AbortController();
  let dueAlready: Promise<void> | null = null;
  const due = async (): Promise<void> => {
    try {
      const wait = Math.floor(options.random() * options.jitter);
      if (wait > 0) await pause(wait, undefined, { signal: ending.signal, ref: false });
      await run();
    } catch (error) {
      if (!closed) logger.error({ err: error }, 'the advisories could not be updated');
    }
  };
  // The clock may strike again before the last update is over, or has begun.
  const task = schedule(options.expression, () => {
    dueAlready ??= due().finally(() => {
      dueAlready = null;
    });
    return dueAlready;
  });
  return {
    start: () => {
      run().catch((error: unknown) => logger.error({ err: error }, 'the advisories could not be updated'));
    },
    close: async () => {
      closed = true;
      ending.abort();
      await task.destroy();
      child?.kill();
      await running;
    },
  };
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' ').slice(-500);
}

function argumentsOf({ file, data }: Pick<ConfigSources, 'file' | 'data'>): string[] {
  return [
    'advisories',
    'update',
    '--scheduled',
    ...(file === null ? [] : ['--config', file]),
    ...(data === null ? [] : ['--data', data]),
  ];
}

interface Outcome {
  /** null: it did not start, or a signal ended it. */
  readonly code: number | null;
  readonly error: Error | null;
  /** The last of what it wrote. */
  readonly output: string;
}

function outcomeOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Outcome> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text}`.slice(-longestOutput);
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, error, output }));
    child.once('close', (code) => resolve({ code, error: null, output }));
  });
}

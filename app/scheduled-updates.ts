import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { schedule, validateDetailed } from 'node-cron';
import { PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ConfigSources } from './config/load.ts';

/** An update that takes longer hangs, milliseconds. */
const longestUpdate = 2 * 3_600_000;
/** Characters of an update's output that the log keeps. */
const longestOutput = 4000;

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
    const started = spawn(process.execPath, [cli, ...argumentsOf(options.sources)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longestUpdate,
    });
    child = started;
    const { code, error, output } = await outcomeOf(started);
    child = null;
    if (closed) return;
    if (code === 0) logger.info({ output }, 'advisories updated');
    else logger.error({ code, err: error, output }, 'the advisories could not be updated');
  };
  const run = (): Promise<void> => {
    if (closed) return Promise.resolve();
    running ??= update().finally(() => {
      running = null;
    });
    return running;
  };
  const task = schedule(options.expression, run, { noOverlap: true });
  return {
    start: () => {
      run().catch((error: unknown) => logger.error({ err: error }, 'the advisories could not be updated'));
    },
    close: async () => {
      closed = true;
      await task.destroy();
      child?.kill();
      await running;
    },
  };
}

function argumentsOf({ file, data }: Pick<ConfigSources, 'file' | 'data'>): string[] {
  return [
    'advisories',
    'update',
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

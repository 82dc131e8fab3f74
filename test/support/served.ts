import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** The program in a process of its own. */
export interface Served {
  readonly child: ChildProcess;
  /** All that it has written so far. */
  readonly log: () => string;
  /** Turns its clock ahead by so many milliseconds, where it was started with one that can be turned. */
  readonly turn: (ahead: number) => Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** @param turnable whether it is the one whose clock can be turned (`turned-server.ts`) */
export function serveBy(args: readonly string[], turnable: boolean): Served {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe', ...(turnable ? (['ipc'] as const) : [])],
  }) as ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };
  let log = '';
  const keep = (chunk: Buffer): void => {
    log += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  return {
    child,
    log: () => log,
    turn: (ahead) =>
      new Promise((done, reject) => {
        child.once('message', () => done());
        child.send({ ahead }, (error) => error !== null && reject(error));
      }),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await ended;
    },
  };
}

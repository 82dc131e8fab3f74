import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Background {
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

interface Options {
  /** Milliseconds after which it has not come up. */
  readonly patience?: number;
  /** Milliseconds after which it is ended by force; null: never. */
  readonly killAfter?: number | null;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a program and waits until `isUp` says so; shows its output when it does not come up. */
export async function startProgram(
  program: string,
  args: readonly string[],
  isUp: () => Promise<boolean>,
  { patience = 20_000, killAfter = null, env = process.env }: Options = {},
): Promise<Background> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const keep = (chunk: Buffer): void => {
    log = (log + chunk.toString()).slice(-8192);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const killing = killAfter === null ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    await ended;
    clearTimeout(killing);
  };
  const deadline = Date.now() + patience;
  while (!(await isUp())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${program} did not come up:\n${log}`);
    }
    await sleep(100);
  }
  return { pid: child.pid, stop };
}

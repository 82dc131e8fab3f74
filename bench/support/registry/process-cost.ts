import { readFileSync } from 'node:fs';
import { run } from '../../../test/e2e/support/run.ts';

/** Ticks of `/proc/PID/stat` in a second (`USER_HZ`, the same on every Linux that Node runs on). */
export const ticks = 100;

/** Seconds of processor time that a process has taken, in all its threads. */
export function processorSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces; it ends with the last parenthesis (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** Seconds of processor time that `gzip -dc` takes for the files. */
export async function gunzipSeconds(files: readonly string[]): Promise<number> {
  const script = 'TIMEFORMAT="%U %S"; time gzip -dc "$@" >/dev/null';
  const { code, err } = await run('bash', ['-c', script, 'gzip', ...files]);
  const [user, system] = err.trim().split(' ').map(Number);
  if (code !== 0 || user === undefined || system === undefined) throw new Error(`gzip -dc: ${err}`);
  return user + system;
}

/** Watches a process's resident memory while the work goes on; the largest, bytes. */
export async function peakWhile(pid: number | undefined, work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const look = (): void => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    peak = Math.max(peak, Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024);
  };
  look();
  const watch = setInterval(look, 50);
  try {
    await work();
    look();
  } finally {
    clearInterval(watch);
  }
  return peak;
}

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cli } from '../../../test/support/pratique.ts';
import { ticks } from '../registry/process-cost.ts';
import type { Sample } from '../rounds.ts';

/** Milliseconds between two looks at a process. */
const every = 20;

/**
 * Runs a program to its end: `s`, `cpu s` of all its threads, `peak MB` resident.
 * @throws Error when it fails
 */
export async function costOfProgram(program: string, args: readonly string[]): Promise<Sample> {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-2000);
  });
  let peak = 0;
  let processor = 0;
  const watch = setInterval(() => {
    const seen = look(child.pid);
    peak = Math.max(peak, seen.peak);
    processor = Math.max(processor, seen.processor);
  }, every);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const seconds = (performance.now() - started) / 1000;
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${told}`);
    return { s: seconds, 'cpu s': processor, 'peak MB': peak / 1e6 };
  } finally {
    clearInterval(watch);
  }
}

/** Of the built `pratique scan`, whose policy lets everything through. */
export function costOfScan(target: string, options: readonly string[]): Promise<Sample> {
  return costOfProgram(process.execPath, [cli, 'scan', target, '--format', 'json', ...options]);
}

/** Unpacks files one after the other and throws the bytes away. */
export function costOfGunzip(files: readonly string[]): Promise<Sample> {
  return costOfProgram('sh', ['-c', 'exec gzip -dc "$@" >/dev/null', 'gzip', ...files]);
}

function look(pid: number | undefined): { readonly peak: number; readonly processor: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces; it ends with the last parenthesis (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      peak: Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024,
      processor: (Number(fields[11]) + Number(fields[12])) / ticks,
    };
  } catch {
    // It has just ended; the last look before that counts.
    return { peak: 0, processor: 0 };
  }
}

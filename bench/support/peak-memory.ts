import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Cost {
  readonly seconds: number;
  /** Largest resident set, bytes; Linux tells it. */
  readonly peak: number;
}

/** Runs one of Node's programs to its end and watches its memory's high-water mark. */
export async function costOf(args: readonly string[]): Promise<Cost> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-2000);
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, highWater(child.pid));
  }, 50);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${told}`);
  } finally {
    clearInterval(watch);
  }
  return { seconds: (performance.now() - started) / 1000, peak };
}

function highWater(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // It has just ended; the last look before that counts.
    return 0;
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Scratch {
  /** A folder that is removed at the end. */
  readonly dir: string;
  /** To be called at the end, the last one first. */
  atEnd(close: () => Promise<void> | void): void;
}

/** Runs a benchmark with a folder of its own and ends what it started, whatever happens. */
export async function withScratch(body: (scratch: Scratch) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'pratique-bench-'));
  const closers: (() => Promise<void> | void)[] = [() => rmSync(dir, { recursive: true, force: true })];
  try {
    await body({ dir, atEnd: (close) => closers.push(close) });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** A positive whole number from the environment: rounds, seconds. */
export function setting(variable: string, otherwise: number): number {
  const value = Number(process.env[variable] ?? otherwise);
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`${variable} is "${process.env[variable] ?? ''}", it has to be a whole number above 0`);
  }
  return value;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The command line as it was built: the demo uses nothing else of the program. */
const cli = fileURLToPath(new URL('../app/cli.js', import.meta.url));
/** Milliseconds. */
const longestStart = 30_000;
const longestStop = 15_000;
const longestCommand = 60_000;
/** Lines of the log that are shown when it dies. */
const shownLines = 15;

export interface RunningPratique {
  /** Host and port. */
  readonly registry: string;
  readonly management: string;
  readonly webhook: string;
  /** PEM file. */
  readonly webhookCa: string;
  readonly logLines: () => readonly string[];
  /** SIGTERM, then waits; gives the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `pratique serve` and waits until it is ready. */
export async function startPratique(config: string): Promise<RunningPratique> {
  const child = spawn(process.execPath, [cli, 'serve', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  collectLines(child, (line) => {
    lines.push(line);
    if (lines.length > 1000) lines.shift();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const code = await Promise.race([ended, sleep(longestStop, 'late' as const, { ref: false })]);
    if (code !== 'late') return code;
    child.kill('SIGKILL');
    return ended;
  };
  try {
    const facts = await Promise.race([readFacts(lines), ended.then(() => null)]);
    if (facts === null) throw new Error('pratique serve ended before it was ready');
    await ready(facts.management);
    return { ...facts, logLines: () => lines, stop };
  } catch (error) {
    await stop();
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}. Its last lines:\n${lines.slice(-shownLines).join('\n')}`);
  }
}

/** Runs another command of the command line to its end. */
export async function runPratique(
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestCommand,
  });
  const lines: string[] = [];
  collectLines(child, (line) => lines.push(line));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  return { code, output: lines.join('\n') };
}

type Facts = Pick<RunningPratique, 'registry' | 'management' | 'webhook' | 'webhookCa'>;

/** The log line that tells which free ports it took. */
async function readFacts(lines: readonly string[]): Promise<Facts> {
  const until = Date.now() + longestStart;
  while (Date.now() < until) {
    const line = lines.find((one) => one.includes('"pratique is listening"'));
    if (line !== undefined) {
      const { registry, management, webhook, webhookCa } = JSON.parse(line) as Facts;
      return { registry, management, webhook, webhookCa };
    }
    await sleep(50);
  }
  throw new Error(`pratique serve did not listen within ${longestStart / 1000} s`);
}

async function ready(management: string): Promise<void> {
  const until = Date.now() + longestStart;
  let last = '';
  while (Date.now() < until) {
    const response = await fetch(`http://${management}/readyz`);
    last = await response.text();
    if (response.ok) return;
    await sleep(100);
  }
  throw new Error(`pratique serve was not ready within ${longestStart / 1000} s: ${last}`);
}

function collectLines(child: ChildProcess, take: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      const parts = `${rest}${text}`.split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) take(part);
    });
    stream?.on('end', () => {
      if (rest !== '') take(rest);
    });
  }
}

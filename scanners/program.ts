import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, PratiqueError } from '../core/errors.ts';

/** Bytes of a report; one with every package of a large image has tens of millions. */
export const largestReport = 256 * 1024 ** 2;
/** Characters of what a program says of its failure. */
const longestComplaint = 2000;
/** Milliseconds between being asked to end and being ended. */
const grace = 5000;

export interface ProgramRun {
  /** A name that is looked for on the path, or a path. */
  readonly command: string;
  /** The setting that says so. */
  readonly setting: string;
  readonly args: readonly string[];
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** Texts that must not be told on. */
  readonly secrets: readonly string[];
  readonly signal?: AbortSignal;
  /** Bytes; left out: `largestReport`. */
  readonly largest?: number;
}

/**
 * Runs a program to its end and gives what it wrote to standard output. It is ended, with all that it has started, when it
 * takes too long, writes too much, or is not wanted any more.
 * @throws PratiqueError `scanner-unavailable` where there is no such program, `scanner-failed`
 */
export function runProgram(run: ProgramRun): Promise<Buffer> {
  const { command, setting, timeout, signal, largest = largestReport } = run;
  return new Promise((resolve, reject) => {
    const fields = { scanner: command };
    const failed = (why: string): PratiqueError =>
      new PratiqueError('scanner-failed', `${command} ${why}`, fields);
    if (signal?.aborted === true) {
      reject(failed('was not started: nobody waits for it any more'));
      return;
    }
    const child = spawn(command, [...run.args], {
      cwd: run.cwd,
      env: { ...run.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what it starts ends with it.
      detached: true,
    });
    const parts: Buffer[] = [];
    let bytes = 0;
    let complaint = '';
    let reason: PratiqueError | null = null;
    let killing: NodeJS.Timeout | null = null;
    const send = (name: NodeJS.Signals): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, name);
      } catch {
        // It has ended by itself.
      }
    };
    const end = (why: PratiqueError): void => {
      if (reason !== null) return;
      reason = why;
      send('SIGTERM');
      killing = setTimeout(() => send('SIGKILL'), grace);
    };
    const late = setTimeout(
      () => end(failed(`was ended: it took more than ${Math.round(timeout / 1000)} s (scanner.timeout)`)),
      timeout,
    );
    const abort = (): void => end(failed('was ended: nobody waits for it any more'));
    signal?.addEventListener('abort', abort);
    const settle = (): void => {
      clearTimeout(late);
      if (killing !== null) clearTimeout(killing);
      signal?.removeEventListener('abort', abort);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > largest) {
        parts.length = 0;
        end(failed(`was ended: its report has more than ${largest} bytes`));
      } else parts.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-longestComplaint);
    });
    child.once('error', (error) => {
      settle();
      const hint = `check ${setting}`;
      const message = `${command} cannot be run: ${errorText(error)}: ${hint}`;
      reject(new PratiqueError('scanner-unavailable', message, fields, error));
    });
    child.once('close', (code, by) => {
      settle();
      // What it left behind holds the report's pipe no longer, and must not go on by itself.
      send('SIGKILL');
      if (reason !== null) reject(reason);
      else if (code === 0) resolve(Buffer.concat(parts));
      else reject(failed(`ended with ${code ?? by ?? 'nothing'}: ${lastWords(complaint, run.secrets)}`));
    });
  });
}

/** The last lines, on one, without secrets. */
function lastWords(text: string, secrets: readonly string[]): string {
  let words = text.replace(/\s+/g, ' ').trim().slice(-500);
  for (const secret of secrets) if (secret !== '') words = words.replaceAll(secret, '***');
  return words === '' ? 'it did not say why' : words;
}

/** What programs of all kinds need of the environment: where they are, whom they trust, how they get out. */
const passedOn = [
  'PATH',
  'HOME',
  'XDG_CACHE_HOME',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

/**
 * The environment of a program. Its own variables are passed on by name alone: others make it leave findings out, and
 * nobody would see that.
 */
export function environmentOf(
  from: Readonly<Record<string, string | undefined>>,
  own: readonly string[],
  more: Readonly<Record<string, string>>,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of [...passedOn, ...own]) {
    const value = from[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...more };
}

/** A folder that is there while `work` runs: no configuration of the program's lies in it, and its temporary files do. */
export async function inFolder<Result>(
  parent: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(parent, 'scan-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

import { z } from 'zod';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { formatListen } from '../listen.ts';
import { type RunningAnswer, viewSchema } from '../report/running-answer.ts';
import { runningJson, runningText } from '../report/running-report.ts';

export interface RunningFlags {
  /** Of the management port; left out: `listen.management` of the configuration. */
  readonly url?: string;
  readonly limit?: string;
  readonly all?: boolean;
  readonly format: 'table' | 'json';
}

/** Milliseconds. */
const longestAnswer = 30_000;
const usualRows = 100;
const mostRows = 5000;

/**
 * `pratique webhook running`: what runs in the cluster and is not as it should be, as the process tells it that looks after it.
 * @returns the exit code: 0 where nothing bad runs, 1 where something does, 3 where not all is known
 * @throws PratiqueError `usage-invalid`, `config-invalid`, `upstream-…`
 */
export async function webhookRunning(
  flags: RunningFlags,
  sources: ConfigSources,
  console: Console,
): Promise<number> {
  const url = urlOf(flags, sources);
  const answer = await ask(url, limitOf(flags.limit));
  console.out(flags.format === 'json' ? runningJson(answer) : runningText(answer, flags.all === true));
  const { leader, synced, trouble, unread, counts } = answer;
  if (!leader || !synced || trouble !== null) return exitCodes.undecided;
  if (counts.images.fail + counts.images.error > 0) return exitCodes.fail;
  return unread > 0 || counts.images.unjudged > 0 ? exitCodes.undecided : exitCodes.ok;
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return usualRows;
  const limit = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostRows) {
    throw new PratiqueError(
      'usage-invalid',
      `--limit: found "${text}", allowed a whole number from 1 to ${mostRows}`,
    );
  }
  return limit;
}

function urlOf({ url }: RunningFlags, sources: ConfigSources): string {
  if (url !== undefined) {
    if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url.replace(/\/+$/, '');
    throw new PratiqueError(
      'usage-invalid',
      `--url: found "${url}", allowed an address such as http://127.0.0.1:5080`,
    );
  }
  const { management } = loadConfig(sources).listen;
  if (management === null) {
    throw new PratiqueError(
      'usage-invalid',
      'listen.management is off in this configuration: say with --url where the webhook has its management port',
    );
  }
  return `http://${formatListen(management)}`;
}

async function ask(url: string, limit: number): Promise<RunningAnswer> {
  const asked = `${url}/api/v1/running?limit=${limit}`;
  let status: number;
  let body: string;
  try {
    const response = await fetch(asked, { signal: AbortSignal.timeout(longestAnswer), redirect: 'error' });
    status = response.status;
    body = await response.text();
  } catch (error) {
    throw new PratiqueError(
      'upstream-unreachable',
      `${url} does not answer: ${errorText(error)}; start serve there, or give the management port of the running webhook with --url or --config`,
      { url },
      error,
    );
  }
  const parsed = viewSchema.safeParse(parsedJson(body));
  if (status === 200 && parsed.success) return parsed.data;
  const told = z.object({ error: z.string() }).safeParse(parsedJson(body));
  throw new PratiqueError(
    status === 200 ? 'upstream-misbehaved' : 'upstream-refused',
    `${asked} answered ${status}${told.success ? `: ${told.data.error}` : ', and not as a webhook does'}`,
    { url, status },
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A page of something else: what it is not is told by whoever asks.
    return null;
  }
}

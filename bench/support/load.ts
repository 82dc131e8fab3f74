import { run } from '../../test/e2e/support/run.ts';
import type { Sample } from './rounds.ts';

/** What registries ask for before they give an OCI manifest. */
const accept = 'Accept: application/vnd.oci.image.manifest.v1+json';
const usual = 16;

/** Loads a URL with `wrk`: 16 connections if not told otherwise, one thread. Any answer but 200 fails the run. */
export async function manifestLoad(url: string, seconds: number, connections = usual): Promise<Sample> {
  const out = await wrk(url, seconds, connections);
  return {
    'req/s': Number(find(out, /Requests\/sec:\s+([\d.]+)/)),
    'p99 ms': milliseconds(find(out, /99%\s+([\d.]+[a-z]+)/)),
  };
}

/**
 * Reads a blob again and again over 16 connections, if not told otherwise. `PRATIQUE_DRAIN` names a client (`PORT PATH CONNECTIONS SECONDS`,
 * prints `… MB/s … err=N`) that throws bodies away in the kernel; without it `wrk` reads, and takes a core itself.
 */
export async function blobLoad(url: string, seconds: number, connections = usual): Promise<Sample> {
  const drain = process.env.PRATIQUE_DRAIN;
  if (drain === undefined) return { 'MB/s': megabytes(await wrk(url, seconds, connections)) };
  const { port, pathname } = new URL(url);
  const { out } = await run(drain, [port, pathname, String(connections), String(seconds)]);
  if (find(out, /err=(\d+)/) !== '0') throw new Error(`reading ${url}: ${out}`);
  return { 'MB/s': Number(find(out, /([\d.]+) MB\/s/)) };
}

async function wrk(url: string, seconds: number, connections: number): Promise<string> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '30s', '-H', accept];
  const { code, out, err } = await run('wrk', [...args, url]);
  if (code !== 0 || /Non-2xx|Socket errors/.test(out)) throw new Error(`wrk ${url}: ${out}${err}`);
  return out;
}

function find(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${pattern.source} in: ${text}`);
  return found;
}

function milliseconds(text: string): number {
  if (text.endsWith('us')) return Number.parseFloat(text) / 1000;
  return text.endsWith('ms') ? Number.parseFloat(text) : Number.parseFloat(text) * 1000;
}

/** wrk counts in powers of 1024. */
function megabytes(out: string): number {
  const [, amount = '', unit = ''] = /Transfer\/sec:\s+([\d.]+)([KMG])B/.exec(out) ?? [];
  const power = ' KMG'.indexOf(unit);
  if (power < 1) throw new Error(`no transfer in: ${out}`);
  return (Number(amount) * 1024 ** power) / 1e6;
}

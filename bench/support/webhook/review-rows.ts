import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from '../../../test/e2e/support/run.ts';
import { processorSeconds } from '../registry/process-cost.ts';
import type { Kept } from '../registry/row.ts';
import { inTurns, medianOf, ratio, type Sample, type Samples } from '../rounds.ts';
import type { Scratch } from '../scratch.ts';
import { comparison, format } from '../table.ts';
import type { Row, Sizes } from './row.ts';
import { type Answering, type Stage, stageOf } from './stage.ts';

/** As many as the API server keeps open. */
const connections = 25;
const enough = 3000;

/** In the order of the columns. */
const contestants = [
  { name: 'pratique', of: ({ servers }: Stage) => servers.pratique },
  { name: 'from a replica', of: ({ servers }: Stage) => servers.replica },
  { name: 'bare Node', of: ({ servers }: Stage) => servers.bare },
] as const;
const names = contestants.map(({ name }) => name);
/** Those that the numbers are asked of. */
const asked = ['pratique', 'from a replica'] as const;

/** Reviews as fast as they are answered, beside a bare HTTPS server that parses the same and answers a constant. */
export const throughput: Row = {
  name: 'throughput',
  async measure(scratch, sizes) {
    const { stage, script } = await warmStage(scratch, sizes);
    const measure = async (server: Answering): Promise<Sample> => {
      const before = await allowedImages(server);
      const used = processorSeconds(server.pid);
      const { requests, sample } = await post(server.port, script, sizes.seconds);
      const processor = ((processorSeconds(server.pid) - used) / requests) * 1e6;
      const judged = (await allowedImages(server)) - before;
      if (server.metrics !== null && judged < 3 * requests)
        throw new Error(`${requests} reviews were sent, and ${judged} images let through`);
      return { ...sample, 'µs of processor': processor };
    };
    const samples = await inTurns(
      contestants.map(({ name, of }) => ({ name, measure: () => measure(of(stage)) })),
      sizes.rounds,
    );
    const bytes =
      readFileSync(stage.bodies).length / readFileSync(stage.bodies, 'utf8').trim().split('\n').length;
    const what = `Deployment of three containers, ${format(bytes / 1024)} KiB, ${connections} connections`;
    const measured = ['reviews/s', 'p99 ms', 'µs of processor'].map((unit) => ({ what, unit, samples }));
    return { text: comparison(measured, names), kept: asked.map((name) => keptOf(samples, name)) };
  },
};

/** One of the two has to be kept, so the one that is nearer is held to its bound. */
function keptOf(samples: Samples, name: string): Kept {
  const perSecond = medianOf(samples, name, 'reviews/s');
  const share = ratio(samples, name, 'bare Node', 'reviews/s');
  return perSecond >= enough || share < 0.7
    ? { what: `${name}, reviews/s (or 0.7 of bare Node)`, value: perSecond, bound: { atLeast: enough } }
    : { what: `${name}, reviews of bare Node (or 3000/s)`, value: share, bound: { atLeast: 0.7 } };
}

/** Reviews at a steady pace: latencies count from when one should have been sent. */
export const steadyReviews: Row = {
  name: 'steady',
  async measure(scratch, sizes) {
    const { stage } = await warmStage(scratch, sizes);
    const measure = async ({ port, ca }: Answering): Promise<Sample> => {
      const args = [stage.bodies, ca, String(port), String(sizes.pace), String(sizes.seconds * 2)];
      const script = resolve('dist/bench/support/webhook/steady-load.js');
      const { code, out, err } = await run(process.execPath, [script, ...args]);
      if (code !== 0) throw new Error(`reviews at a steady pace: ${err}`);
      const latencies = (JSON.parse(out) as number[]).sort((a, b) => a - b);
      const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? Number.NaN;
      return { 'p50 ms': at(0.5), 'p99 ms': at(0.99), 'p99.9 ms': at(0.999) };
    };
    const samples = await inTurns(
      contestants.map(({ name, of }) => ({ name, measure: () => measure(of(stage)) })),
      sizes.rounds,
    );
    const what = `${sizes.pace} reviews/s, a constant pace`;
    const measured = ['p50 ms', 'p99 ms', 'p99.9 ms'].map((unit) => ({ what, unit, samples }));
    return {
      text: comparison(measured, names),
      kept: asked.map((name) => ({
        what: `${name}, ${sizes.pace} reviews/s, p99 ms`,
        value: medianOf(samples, name, 'p99 ms'),
        bound: { atMost: 10 },
      })),
    };
  },
};

interface WarmStage {
  readonly stage: Stage;
  /** wrk's, by which it sends the reviews. */
  readonly script: string;
}

const warm = new WeakMap<Scratch, Promise<WarmStage>>();

/** The stage, after so many reviews that the code for them is compiled: a webhook is started once and answers for weeks. */
function warmStage(scratch: Scratch, sizes: Sizes): Promise<WarmStage> {
  const make = async (): Promise<WarmStage> => {
    const stage = await stageOf(scratch);
    const script = join(scratch.dir, 'post.lua');
    writeFileSync(script, luaOf(stage.bodies));
    for (const { of } of contestants) await warmUp(of(stage), script, sizes.warmUp);
    return { stage, script };
  };
  const found = warm.get(scratch) ?? make();
  warm.set(scratch, found);
  return found;
}

/** So many reviews, however slow the machine is: by then what is compiled is compiled. */
async function warmUp(server: Answering, script: string, reviews: number): Promise<void> {
  for (let sent = 0; sent < reviews; ) sent += (await post(server.port, script, 2)).requests;
}

/** wrk sends them in turns; all are made before the first is sent. */
function luaOf(bodies: string): string {
  return `
local requests = {}
local next = 0
init = function(args)
  for line in io.lines(${JSON.stringify(bodies)}) do
    requests[#requests + 1] = wrk.format("POST", "/validate?timeout=10s", { ["Content-Type"] = "application/json", ["Host"] = "localhost" }, line)
  end
end
request = function()
  next = next % #requests + 1
  return requests[next]
end
`;
}

async function post(
  port: number,
  script: string,
  seconds: number,
): Promise<{ readonly requests: number; readonly sample: Sample }> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script];
  const { code, out, err } = await run('wrk', [...args, `https://127.0.0.1:${port}`]);
  if (code !== 0 || /Non-2xx|Socket errors/.test(out)) throw new Error(`wrk: ${out}${err}`);
  return {
    requests: Number(found(out, /([0-9]+) requests in/)),
    sample: {
      'reviews/s': Number(found(out, /Requests\/sec:\s+([\d.]+)/)),
      'p99 ms': milliseconds(found(out, /99%\s+([\d.]+[a-z]+)/)),
    },
  };
}

function found(text: string, pattern: RegExp): string {
  const match = pattern.exec(text)?.[1];
  if (match === undefined) throw new Error(`no ${pattern.source} in: ${text}`);
  return match;
}

function milliseconds(text: string): number {
  if (text.endsWith('us')) return Number.parseFloat(text) / 1000;
  return text.endsWith('ms') ? Number.parseFloat(text) : Number.parseFloat(text) * 1000;
}

/** Images that a webhook has let through since its start. */
async function allowedImages({ metrics }: Answering): Promise<number> {
  return ((await metrics?.()) ?? '')
    .split('\n')
    .filter((line) => line.startsWith('pratique_gate_decisions_total{') && line.includes('gate="admission"'))
    .filter((line) => line.includes('status="pass"') && line.includes('allowed="true"'))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

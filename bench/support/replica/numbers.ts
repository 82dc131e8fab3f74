import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from '../../../test/support/free-port.ts';
import type { Outcome } from '../registry/row.ts';
import type { Scratch } from '../scratch.ts';
import { table } from '../table.ts';
import { startRealProxy } from './real-proxy.ts';

const cli = resolve('dist/app/cli.js');
const patience = 300_000;
/** Until memory counts as that of one that has nothing to do, milliseconds. */
const idle = 20_000;
const mib = 1024 ** 2;
/** What was asked for: 150 MB. */
const mostOnDisk = 150e6 / mib;

interface Round {
  readonly first: number;
  readonly again: number;
  readonly disk: number;
  readonly resident: number;
  /** Processor seconds until all was read. */
  readonly webhook: number;
  readonly proxy: number;
}

/**
 * The numbers of a webhook on its own feet, by whole processes beside a real proxy.
 * @param rounds how often all is read from the beginning; the worst counts
 */
export async function replicaNumbers(scratch: Scratch, verdicts: number, rounds: number): Promise<Outcome> {
  const proxy = await startRealProxy(scratch, verdicts);
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const dir = join(scratch.dir, `webhook-${round}`);
    mkdirSync(dir);
    const config = join(dir, 'pratique.yaml');
    const management = await freePort();
    writeFileSync(join(dir, 'token'), proxy.token);
    writeFileSync(
      config,
      stringify({
        data: join(dir, 'data'),
        listen: { management: `127.0.0.1:${management}`, webhook: `127.0.0.1:${await freePort()}` },
        webhook: { proxy: { url: proxy.url, ca: proxy.caFile, tokenFile: 'token' } },
      }),
    );
    const started = cpuSeconds(proxy.pratique.child.pid);
    const first = await begin(scratch, config, management);
    const webhook = cpuSeconds(first.child.pid);
    const busy = cpuSeconds(proxy.pratique.child.pid) - started;
    await held(management, verdicts);
    await end(first.child);
    const disk = statSync(join(dir, 'data', 'replica.db')).size / mib;
    // Nobody answers: it has to be ready by what it knows.
    proxy.pratique.child.kill('SIGSTOP');
    const again = await begin(scratch, config, management).finally(() =>
      proxy.pratique.child.kill('SIGCONT'),
    );
    await sleep(idle);
    const resident = residentMib(again.child.pid);
    await end(again.child);
    measured.push({
      ...{ first: first.seconds, again: again.seconds, disk, resident, webhook, proxy: busy },
    });
  }
  const worst = (of: (round: Round) => number): number => Math.max(...measured.map(of));
  const rows = measured.map((one) =>
    [one.first, one.webhook, one.proxy, one.disk, one.again, one.resident].map((value) => value.toFixed(1)),
  );
  const named = `${verdicts} verdicts of a real proxy`;
  return {
    text: table(
      [
        'empty to ready, s',
        'processor time of the webhook, s',
        'of the proxy, s',
        'file, MiB',
        'start with it to ready, s',
        'resident, idle, MiB',
      ],
      rows,
    ),
    kept: [
      { what: `${named}: empty to ready, s`, value: worst(({ first }) => first), bound: { atMost: 15 } },
      { what: 'the same on the disk, MiB', value: worst(({ disk }) => disk), bound: { atMost: mostOnDisk } },
      {
        what: 'start with them to ready, the proxy silent, s',
        value: worst(({ again }) => again),
        bound: { atMost: 3 },
      },
      {
        what: 'resident memory after it, idle, MiB',
        value: worst(({ resident }) => resident),
        bound: { atMost: 120 },
      },
    ],
  };
}

interface Begun {
  readonly child: ChildProcess;
  /** Until `/readyz` says so. */
  readonly seconds: number;
}

async function begin(scratch: Scratch, config: string, management: number): Promise<Begun> {
  const started = performance.now();
  const child = spawn(process.execPath, [cli, 'serve', '--roles', 'webhook', '--config', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  scratch.atEnd(() => {
    child.kill('SIGKILL');
  });
  while (!(await isReady(management))) {
    if (performance.now() - started > patience || child.exitCode !== null)
      throw new Error('the webhook did not become ready');
    await sleep(20);
  }
  return { child, seconds: (performance.now() - started) / 1000 };
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    child.once('close', () => done());
    child.kill('SIGTERM');
  });
}

/** Ready is no word for whole: all of it has to be there. */
async function held(management: number, verdicts: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${management}/readyz`);
  const { replica } = (await answer.json()) as {
    readonly replica: { readonly held: { readonly verdicts: number; readonly images: number } };
  };
  const { held: now } = replica;
  if (now.verdicts !== verdicts || now.images !== verdicts)
    throw new Error(`ready with ${now.verdicts} verdicts and ${now.images} images of ${verdicts}`);
}

/** Of user and system; Linux counts in hundredths of a second. */
function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function residentMib(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}

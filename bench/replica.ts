import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/support/free-port.ts';
import { benchProxy } from './support/replica/proxy.ts';
import { withScratch } from './support/scratch.ts';
import { table } from './support/table.ts';

// The numbers of a webhook on its own feet, by whole processes. [VERDICTS] Ends with 1 where a number is not kept.
const verdicts = Number(process.argv[2] ?? 100_000);
const cli = resolve('dist/app/cli.js');
const patience = 300_000;
/** Until memory counts as that of one that has nothing to do, milliseconds. */
const idle = 20_000;

interface Row {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
  readonly unit: string;
}

await withScratch(async ({ dir, atEnd }) => {
  const proxy = benchProxy(verdicts);
  await new Promise<void>((done) => proxy.server.listen(0, '127.0.0.1', done));
  atEnd(() => {
    proxy.server.close();
    proxy.server.closeAllConnections();
  });
  const address = proxy.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const management = await freePort();
  const config = join(dir, 'pratique.yaml');
  writeFileSync(join(dir, 'token'), 'a-token-for-a-benchmark-that-is-long-enough');
  writeFileSync(
    config,
    JSON.stringify({
      data: join(dir, 'data'),
      listen: { management: `127.0.0.1:${management}`, webhook: `127.0.0.1:${await freePort()}` },
      webhook: { proxy: { url: `http://127.0.0.1:${port}`, tokenFile: 'token' } },
    }),
  );
  const begin = async (): Promise<{ readonly child: ChildProcess; readonly seconds: number }> => {
    const started = performance.now();
    const child = spawn(process.execPath, [cli, 'serve', '--roles', 'webhook', '--config', config], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    atEnd(() => {
      child.kill('SIGKILL');
    });
    while (!(await isReady(management))) {
      if (performance.now() - started > patience || child.exitCode !== null)
        throw new Error('the webhook did not become ready');
      await sleep(20);
    }
    return { child, seconds: (performance.now() - started) / 1000 };
  };
  const end = (child: ChildProcess): Promise<void> =>
    new Promise((done) => {
      child.once('close', () => done());
      child.kill('SIGTERM');
    });

  const first = await begin();
  const busy = cpuSeconds(first.child.pid);
  await end(first.child);
  const bytes = statSync(join(dir, 'data', 'replica.db')).size;
  // Nobody to be asked: it has to be ready by what it knows.
  proxy.server.close();
  proxy.server.closeAllConnections();
  const second = await begin();
  await sleep(idle);
  const resident = Number(
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${second.child.pid}/status`, 'utf8'))?.[1] ?? 0,
  );
  await end(second.child);
  const mib = 1024 ** 2;
  const rows: readonly Row[] = [
    {
      what: `${verdicts} verdicts: start with nothing to ready`,
      measured: first.seconds,
      limit: 15,
      unit: 's',
    },
    { what: 'the same on the disk', measured: bytes / mib, limit: 150, unit: 'MiB' },
    { what: 'start with them to ready, the proxy away', measured: second.seconds, limit: 3, unit: 's' },
    { what: 'resident memory after it, idle', measured: (resident * 1024) / mib, limit: 120, unit: 'MiB' },
  ];
  process.stdout.write(`processor time of the webhook until then: ${busy.toFixed(1)} s\n\n`);
  const cells = rows.map(({ what, measured, limit, unit }) => [
    what,
    `${measured.toFixed(1)} ${unit}`,
    `≤ ${limit} ${unit}`,
    measured <= limit ? 'kept' : 'NOT KEPT',
  ]);
  process.stdout.write(`${table(['', 'measured', 'limit', ''], cells)}\n`);
  if (rows.some(({ measured, limit }) => measured > limit)) process.exitCode = 1;
});

/** Of user and system; Linux counts in hundredths of a second. */
function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}

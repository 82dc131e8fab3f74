import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from './free-port.ts';
import { type OsvFeeds, writeOsvDirectory } from './osv.ts';
import { serveBy } from './served.ts';

/** The built command line, as users run it. Tests run from the repository's root. */
export const cli = resolve('dist/app/cli.js');
const turnedServer = resolve('dist/test/support/turned-server.js');
/** Milliseconds until a start counts as failed. */
const patience = 60_000;

export interface PratiqueOptions {
  /** Folder for data and configuration; the same again after a restart. */
  readonly dir: string;
  readonly upstreams: readonly {
    readonly name: string;
    readonly url: string;
    readonly [key: string]: unknown;
  }[];
  /** YAML of a policy; the built-in one if left out. */
  readonly policy?: string;
  /** Further settings of the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Start the program with a clock that `turn` moves. */
  readonly turnedClock?: boolean;
  /** Ports of an earlier run, to come back at the same place. */
  readonly ports?: Ports;
}

export interface Ports {
  readonly registry: number;
  readonly management: number;
  readonly webhook: number;
  readonly harborAdapter: number;
  /** Listens where the configuration has `gates`. */
  readonly gates: number;
}

export interface RunningPratique {
  readonly registry: string;
  readonly management: string;
  readonly harborAdapter: string;
  readonly ports: Ports;
  readonly dataDir: string;
  readonly child: ChildProcess;
  /** Puts its clock so many milliseconds ahead of the machine's; only with `turnedClock`. */
  turn(ahead: number): Promise<void>;
  /** Everything that the process has written so far. */
  log(): string;
  /** POSTs an AdmissionReview to the webhook, trusting the authority that it made for itself. */
  review(body: unknown, path?: string): Promise<{ status: number; body: unknown }>;
  /** Ends it, with SIGTERM if not told otherwise, and waits. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Runs the command line to its end. */
export function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [cli, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => done({ code: code ?? -1, out, err }));
  });
}

/** Writes the feeds as an OSV bulk export and imports them with the real command. */
export async function importFeeds(dir: string, feeds: OsvFeeds): Promise<void> {
  const from = join(dir, 'osv');
  await writeOsvDirectory(from, feeds);
  const { code, err } = await runCli(['advisories', 'update', '--from', from, '--data', join(dir, 'data')]);
  if (code !== 0) throw new Error(`advisories update ended with ${code}: ${err}`);
}

/** Starts the real `pratique serve` on free ports and waits until it is up (not until it is ready). */
export async function startPratique(options: PratiqueOptions): Promise<RunningPratique> {
  const ports = options.ports ?? {
    registry: await freePort(),
    management: await freePort(),
    webhook: await freePort(),
    harborAdapter: await freePort(),
    gates: await freePort(),
  };
  const dataDir = join(options.dir, 'data');
  const configFile = join(options.dir, 'pratique.yaml');
  const policyFile = join(options.dir, 'policy.yaml');
  if (options.policy !== undefined) writeFileSync(policyFile, options.policy);
  const config = {
    data: dataDir,
    listen: {
      registry: `127.0.0.1:${ports.registry}`,
      management: `127.0.0.1:${ports.management}`,
      webhook: `127.0.0.1:${ports.webhook}`,
      harborAdapter: `127.0.0.1:${ports.harborAdapter}`,
      ...(options.config?.gates === undefined ? {} : { gates: `127.0.0.1:${ports.gates}` }),
    },
    upstreams: options.upstreams,
    ...(options.policy === undefined ? {} : { policy: policyFile }),
    ...options.config,
  };
  writeFileSync(configFile, stringify(config));
  const program = options.turnedClock === true ? turnedServer : cli;
  const served = serveBy([program, 'serve', '--config', configFile], options.turnedClock === true);
  const { child, log } = served;

  const running: RunningPratique = {
    registry: `http://127.0.0.1:${ports.registry}`,
    management: `http://127.0.0.1:${ports.management}`,
    harborAdapter: `http://127.0.0.1:${ports.harborAdapter}`,
    ports,
    dataDir,
    ...served,
    review: (body, path = '/validate') =>
      postReview(ports.webhook, join(dataDir, 'webhook', 'ca.crt'), path, body),
  };
  const deadline = Date.now() + patience;
  while (
    !(await answers(`${running.management}/healthz`)) ||
    !(await answers(`${running.registry}/v2/`)) ||
    !(await listens(ports.harborAdapter))
  ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`pratique serve did not come up (exit code ${child.exitCode}):\n${log()}`);
    }
    await sleep(50);
  }
  return running;
}

/** Whether anybody takes connections there, whatever is spoken. */
function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    const end = (up: boolean) => () => {
      socket.destroy();
      done(up);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok, status } = await fetch(url);
    // Where users are configured the registry asks who it is.
    return ok || status === 401;
  } catch {
    return false;
  }
}

export async function postReview(
  port: number,
  caFile: string,
  path: string,
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  const ca = await readFile(caFile);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((done, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        ca,
        servername: 'localhost',
        headers: { 'Content-Type': 'application/json' },
      },
      (response) => {
        let answer = '';
        response.on('data', (chunk: Buffer) => {
          answer += chunk.toString();
        });
        response.on('end', () => done({ status: response.statusCode ?? 0, body: parse(answer) }));
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

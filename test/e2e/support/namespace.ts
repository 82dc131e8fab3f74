import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join, resolve } from 'node:path';
import { relay } from '../../support/relay.ts';
import { haveAptPrograms } from './programs.ts';

export interface Namespace {
  /** Program and arguments that run a command in there. */
  enter(...command: readonly string[]): [string, string[]];
  close(): Promise<void>;
}

const relayProgram = resolve('dist/test/support/namespace-relay.js');

/** Whether the kernel lets this user make namespaces; where not, what needs them is named and not run. */
export function haveNamespaces(what: string): boolean {
  if (!haveAptPrograms('unshare', 'nsenter', 'ip')) return false;
  const tried = spawnSync('unshare', ['--net', '--mount', 'ip', 'link', 'set', 'lo', 'up']);
  if (tried.status === 0) return true;
  const reason = tried.stderr.toString().trim();
  process.stdout.write(`not run: ${what} (no network namespace may be made here: ${reason})\n`);
  return false;
}

/** Beside the ports of loopback. */
export interface Openings {
  /** Ports of loopback in there that can be reached from this machine's loopback. */
  readonly published?: readonly number[];
  /** Addresses that are the namespace's own, where a port is one of this machine's loopback. */
  readonly addresses?: readonly { readonly host: string; readonly port: number; readonly to: number }[];
}

/**
 * A network namespace with nothing but loopback, where `ports` of loopback are those of this machine. No name can be
 * looked up there, and no other host reached.
 * @param hidden folders that are empty in there, so that a program's traces stay inside
 */
export async function openNamespace(
  dir: string,
  ports: readonly number[],
  hidden: readonly string[],
  { published = [], addresses = [] }: Openings = {},
): Promise<Namespace> {
  mkdirSync(dir, { recursive: true });
  const servers: Server[] = [];
  const pairs: string[] = [];
  const inward = [...ports.map((port) => ({ host: '127.0.0.1', port, to: port })), ...addresses];
  for (const { host, port, to } of inward) {
    const path = join(dir, `${host}-${port}.sock`);
    servers.push(await relay({ path }, { host: '127.0.0.1', port: to }));
    pairs.push(`${host}:${port}>${path}`);
  }
  for (const port of published) {
    const path = join(dir, `out-${port}.sock`);
    servers.push(await relay({ host: '127.0.0.1', port }, { path }));
    pairs.push(`${path}>127.0.0.1:${port}`);
  }
  const resolver = join(dir, 'resolv.conf');
  writeFileSync(resolver, 'nameserver 127.0.0.1\n');
  const steps = [
    'ip link set lo up',
    ...new Set(addresses.map(({ host }) => `ip address add ${host}/32 dev lo`)),
    `mount --bind ${resolver} "$(readlink -f /etc/resolv.conf)"`,
    ...hidden.map((folder) => `mkdir -p ${folder} && mount -t tmpfs tmpfs ${folder}`),
    `exec ${process.execPath} ${relayProgram} ${pairs.map((pair) => `'${pair}'`).join(' ')}`,
  ];
  // It ends with its input, so nothing is left where the test itself is ended.
  const child = spawn('unshare', ['--net', '--mount', 'sh', '-c', steps.join(' && ')]);
  let told = '';
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const ready = new Promise<void>((done) => {
    const keep = (chunk: Buffer): void => {
      told += chunk.toString();
      if (told.includes('ready')) done();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
  });
  await Promise.race([ready, ended]);
  if (!told.includes('ready')) throw new Error(`no network namespace came up: ${told}`);
  return {
    enter: (...command) => ['nsenter', ['--net', '--mount', '-t', String(child.pid), '--', ...command]],
    close: async () => {
      child.stdin.end();
      await ended;
      for (const server of servers) server.close();
    },
  };
}

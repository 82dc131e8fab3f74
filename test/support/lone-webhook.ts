import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from './free-port.ts';
import { postReview } from './pratique.ts';
import { serveBy } from './served.ts';

const turnedServer = resolve('dist/test/support/turned-server.js');
/** Milliseconds until a start counts as failed. */
const patience = 30_000;

export interface LoneWebhook {
  readonly child: ChildProcess;
  readonly dataDir: string;
  log(): string;
  /** Of GET /readyz of its management port. */
  readyz(): Promise<{ readonly status: number; readonly body: ReadyBody }>;
  metrics(): Promise<string>;
  review(body: unknown, path?: string): Promise<{ status: number; body: unknown }>;
  /** Puts its clock so many milliseconds ahead of the machine's. */
  turn(ahead: number): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ReadyBody {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly replica: {
    readonly ageSeconds: number | null;
    readonly problems: readonly string[];
    readonly policyRevision: string | null;
    readonly held: { readonly verdicts: number; readonly images: number };
  };
}

export interface LoneWebhookOptions {
  /** Folder for data and configuration; the same again after a restart. */
  readonly dir: string;
  /** Of the port for gates. */
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
  readonly ports: { readonly management: number; readonly webhook: number };
  /** Milliseconds that its clock is ahead from the beginning. */
  readonly ahead?: number;
  /** Further settings below `webhook.proxy`. */
  readonly proxy?: Readonly<Record<string, unknown>>;
  /** Further settings below `webhook`. */
  readonly webhook?: Readonly<Record<string, unknown>>;
}

export async function lonePorts(): Promise<LoneWebhookOptions['ports']> {
  return { management: await freePort(), webhook: await freePort() };
}

/** Starts the real `pratique serve --roles webhook`, with a clock that the test turns, and waits until it listens. */
export async function startLoneWebhook(options: LoneWebhookOptions): Promise<LoneWebhook> {
  const { dir, ports } = options;
  const dataDir = join(dir, 'lone');
  const configFile = join(dir, 'lone.yaml');
  writeFileSync(join(dir, 'lone-ca.crt'), options.ca);
  writeFileSync(join(dir, 'lone-token'), options.token);
  const proxy = {
    url: options.url,
    ca: 'lone-ca.crt',
    tokenFile: 'lone-token',
    tagsFor: '0s',
    ...options.proxy,
  };
  const listen = {
    management: `127.0.0.1:${ports.management}`,
    webhook: `127.0.0.1:${ports.webhook}`,
  };
  writeFileSync(configFile, stringify({ data: dataDir, listen, webhook: { ...options.webhook, proxy } }));
  const served = serveBy([turnedServer, 'serve', '--roles', 'webhook', '--config', configFile], true);
  const { child, log } = served;
  const management = `http://127.0.0.1:${ports.management}`;
  const running: LoneWebhook = {
    ...served,
    dataDir,
    readyz: async () => {
      const response = await fetch(`${management}/readyz`);
      return { status: response.status, body: (await response.json()) as ReadyBody };
    },
    metrics: async () => (await fetch(`${management}/metrics`)).text(),
    review: (body, path = '/validate') =>
      postReview(ports.webhook, join(dataDir, 'webhook', 'ca.crt'), path, body),
  };
  const deadline = Date.now() + patience;
  while (!log().includes('pratique is listening')) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`pratique serve --roles webhook did not come up:\n${log()}`);
    }
    await sleep(50);
  }
  if (options.ahead !== undefined) await running.turn(options.ahead);
  return running;
}

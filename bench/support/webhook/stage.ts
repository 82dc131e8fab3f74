import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProgram } from '../../../test/e2e/support/background.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { buildImage, debianRoot } from '../../../test/support/images.ts';
import { lonePorts, startLoneWebhook } from '../../../test/support/lone-webhook.ts';
import type { RunningPratique } from '../../../test/support/pratique.ts';
import { startUpstream } from '../../../test/support/upstream.ts';
import { startGate } from '../registry/peers.ts';
import type { Scratch } from '../scratch.ts';
import { deploymentReviews } from './deployment.ts';

/** Bodies that take turns. */
const differentReviews = 64;

/** What reviews are sent to, and the reviews. */
export interface Stage {
  /** In one process with the proxy, on its own feet beside it, and a bare HTTPS server that parses the same. */
  readonly servers: Readonly<Record<'pratique' | 'replica' | 'bare', Answering>>;
  /** One a line. */
  readonly bodies: string;
}

/** What answers reviews by HTTPS on the loopback interface. */
export interface Answering {
  readonly port: number;
  readonly pid: number | undefined;
  /** PEM file of the authority of its certificate. */
  readonly ca: string;
  /** Text of its metrics; null: it counts nothing. */
  readonly metrics: (() => Promise<string>) | null;
}

const token = 'a-token-for-a-benchmark-that-is-long-enough';
/** Milliseconds for a replica to read three images. */
const patience = 60_000;

const stages = new WeakMap<Scratch, Promise<Stage>>();

/** One stage for all rows of a run. */
export function stageOf(scratch: Scratch): Promise<Stage> {
  const found = stages.get(scratch) ?? makeStage(scratch);
  stages.set(scratch, found);
  return found;
}

/** The real `pratique serve` with three images that it has inspected and lets run. */
async function makeStage(scratch: Scratch): Promise<Stage> {
  const dir = join(scratch.dir, 'reviews');
  mkdirSync(dir, { recursive: true });
  const images = ['web', 'proxy', 'logs'].map((name) => ({
    name,
    image: buildImage({
      layers: [{ files: debianRoot({ release: '12', packages: [{ name: 'zlib', version: '3' }] }) }],
      config: { Labels: { name } },
    }),
  }));
  const upstream = await startUpstream({
    repositories: Object.fromEntries(images.map(({ name, image }) => [`shop/${name}`, { '1.0': image }])),
  });
  scratch.atEnd(() => upstream.close());
  const tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, token);
  const config = { gates: { tokens: [{ cluster: 'bench', tokenFile }] } };
  const pratique = await startGate(join(dir, 'gate'), upstream.url, { config });
  scratch.atEnd(() => pratique.stop());
  const references = images.map(({ name, image }) => `corp.test/shop/${name}:1.0@${image.manifest.digest}`);
  const reviews = deploymentReviews(differentReviews, references);
  const bodies = join(dir, 'bodies');
  writeFileSync(bodies, `${reviews.join('\n')}\n`);
  // The first one has the images inspected.
  const { body } = await pratique.review(JSON.parse(reviews[0] ?? ''));
  if (!JSON.stringify(body).includes('"allowed":true')) throw new Error(`refused: ${JSON.stringify(body)}`);
  const certificates = join(pratique.dataDir, 'webhook');
  const servers = {
    pratique: {
      port: pratique.ports.webhook,
      pid: pratique.child.pid,
      ca: join(certificates, 'ca.crt'),
      metrics: async () => (await fetch(`${pratique.management}/metrics`)).text(),
    },
    replica: await startReplica(scratch, dir, pratique, reviews[0] ?? ''),
    bare: await startBare(scratch, certificates),
  };
  return { servers, bodies };
}

/** The real `pratique serve --roles webhook` that has read what the proxy knows. */
async function startReplica(
  scratch: Scratch,
  dir: string,
  { ports, dataDir }: RunningPratique,
  review: string,
): Promise<Answering> {
  const own = await lonePorts();
  const webhook = await startLoneWebhook({
    ...{ dir, token, url: `https://127.0.0.1:${ports.gates}`, ports: own },
    ca: readFileSync(join(dataDir, 'gates', 'ca.crt'), 'utf8'),
  });
  scratch.atEnd(() => webhook.stop());
  for (const end = Date.now() + patience; (await webhook.readyz()).status !== 200; await sleep(100)) {
    if (Date.now() > end) throw new Error(`the replica did not become ready:\n${webhook.log()}`);
  }
  const { body } = await webhook.review(JSON.parse(review));
  if (!JSON.stringify(body).includes('"allowed":true')) throw new Error(`refused: ${JSON.stringify(body)}`);
  const { pid } = webhook.child;
  const ca = join(webhook.dataDir, 'webhook', 'ca.crt');
  return { port: own.webhook, pid, ca, metrics: webhook.metrics };
}

async function startBare(scratch: Scratch, certificates: string): Promise<Answering> {
  const port = await freePort();
  const script = resolve('dist/bench/support/webhook/bare-https.js');
  const program = await startProgram(process.execPath, [script, certificates, String(port)], () =>
    answers(port),
  );
  scratch.atEnd(() => program.stop());
  return { port, pid: program.pid, ca: join(certificates, 'ca.crt'), metrics: null };
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    request({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      done(true);
    })
      .on('error', () => done(false))
      .end();
  });
}

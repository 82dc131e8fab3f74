import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join, resolve } from 'node:path';
import { startProgram } from '../../../test/e2e/support/background.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { buildImage, debianRoot } from '../../../test/support/images.ts';
import type { RunningPratique } from '../../../test/support/pratique.ts';
import { startUpstream } from '../../../test/support/upstream.ts';
import { startGate } from '../registry/peers.ts';
import type { Scratch } from '../scratch.ts';
import { deploymentReviews } from './deployment.ts';

/** Bodies that take turns. */
const differentReviews = 64;

/** What reviews are sent to, and the reviews. */
export interface Stage {
  readonly pratique: RunningPratique;
  /** Ports of HTTPS on the loopback interface. */
  readonly port: number;
  readonly bare: { readonly port: number; readonly pid: number | undefined };
  /** Folder of the certificate that both have. */
  readonly certificates: string;
  /** One a line. */
  readonly bodies: string;
}

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
  const pratique = await startGate(join(dir, 'gate'), upstream.url);
  scratch.atEnd(() => pratique.stop());
  const references = images.map(({ name, image }) => `corp.test/shop/${name}:1.0@${image.manifest.digest}`);
  const reviews = deploymentReviews(differentReviews, references);
  const bodies = join(dir, 'bodies');
  writeFileSync(bodies, `${reviews.join('\n')}\n`);
  // The first one has the images inspected.
  const { body } = await pratique.review(JSON.parse(reviews[0] ?? ''));
  if (!JSON.stringify(body).includes('"allowed":true')) throw new Error(`refused: ${JSON.stringify(body)}`);
  const certificates = join(pratique.dataDir, 'webhook');
  return {
    pratique,
    port: pratique.ports.webhook,
    bare: await startBare(scratch, certificates),
    certificates,
    bodies,
  };
}

async function startBare(scratch: Scratch, certificates: string): Promise<Stage['bare']> {
  const port = await freePort();
  const script = resolve('dist/bench/support/webhook/bare-https.js');
  const program = await startProgram(process.execPath, [script, certificates, String(port)], () =>
    answers(port),
  );
  scratch.atEnd(() => program.stop());
  return { port, pid: program.pid };
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

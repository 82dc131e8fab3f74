import { setTimeout as sleep } from 'node:timers/promises';
import { formatTable } from '../app/report/table.ts';
import { writeOsvDirectory } from '../test/support/osv.ts';
import type { Upstream } from '../test/support/upstream.ts';
import { reviewDeployment } from './admission.ts';
import { type DemoImage, demoFeeds, late } from './images.ts';
import { type RunningPratique, runPratique } from './pratique.ts';
import { pull, statusOf } from './pull.ts';

export interface Stage {
  readonly images: readonly DemoImage[];
  readonly upstream: Upstream;
  readonly pratique: RunningPratique;
  /** PEM. */
  readonly ca: string;
  /** Configuration file. */
  readonly config: string;
  /** Folder of advisories. */
  readonly feeds: string;
}

/** What was not as it has to be; each a sentence. */
type Faults = readonly string[];

/** Milliseconds until a running server must have noticed new advisories. */
const longestNotice = 30_000;

/** Tells everything in order. An empty list: all was as expected. */
export async function tellStory(stage: Stage): Promise<Faults> {
  const faults: string[] = [];
  for (const act of [pulls, platforms, admissions, commandLine, newAdvisory]) {
    faults.push(...(await act(stage)));
  }
  return faults;
}

/** The real `pratique advisories update`. */
export async function importFeeds({ config, feeds }: Pick<Stage, 'config' | 'feeds'>): Promise<void> {
  const { code, output } = await runPratique(['advisories', 'update', '--from', feeds, '--config', config]);
  const shown = code === 0 ? output.slice(output.indexOf('FEED ')) : output;
  console.log(indent(`pratique advisories update --from ${feeds}\n${shown}`));
  if (code !== 0) throw new Error(`the advisories could not be imported (exit code ${code})`);
}

async function pulls({ images, upstream, pratique }: Stage): Promise<Faults> {
  say('Each image is pulled through the proxy, for the first time ever');
  const rows: string[][] = [];
  const faults: string[] = [];
  for (const image of images) {
    const { repository, tag, built } = image;
    const seen = await pull(`http://${pratique.registry}/v2/demo/${repository}`, tag, built);
    faults.push(...seen.faults.map((fault) => `${nameOf(image)}: ${fault}`));
    if (seen.served !== image.served)
      faults.push(`${nameOf(image)} was ${seen.served ? 'served' : 'refused'}`);
    if (!seen.served || image.status === 'warn') faults.push(...missing(image, seen.said));
    rows.push([
      nameOf(image),
      image.what,
      seen.served ? 'served' : 'REFUSED',
      `${Math.round(seen.milliseconds)} ms`,
      `${(seen.bytes / 1024 ** 2).toFixed(1)} MiB`,
      shorten(seen.said),
    ]);
  }
  console.log(indent(formatTable(['IMAGE', 'WHAT IT IS', 'ANSWER', 'TIME', 'PULLED', 'WHY'], rows)));
  console.log(
    indent(
      'Every digest was verified. Of refused images the config and each layer were asked for as well: refused.',
    ),
  );
  const [first, second] = images;
  const shared = first?.built.kind === 'image' ? first.built.layers[0]?.digest : undefined;
  if (first !== undefined && second !== undefined && shared !== undefined) {
    const times = upstream.count(`/v2/${first.repository}/blobs/${shared}`, 'GET');
    console.log(
      indent(
        `${nameOf(first)} and ${nameOf(second)} share a base layer: it was fetched and inspected ${times} time${times === 1 ? '' : 's'}.`,
      ),
    );
    if (times !== 1) faults.push(`the shared layer was fetched ${times} times`);
  }
  return faults;
}

async function platforms({ images, pratique }: Stage): Promise<Faults> {
  const faults: string[] = [];
  for (const { repository, tag, built } of images) {
    if (built.kind !== 'index') continue;
    say(`The platforms of ${repository}:${tag}, asked for one by one`);
    for (const child of built.children) {
      const { architecture } = child.platform;
      const status = await statusOf(
        `http://${pratique.registry}/v2/demo/${repository}/manifests/${child.manifest.digest}`,
      );
      const expected = architecture === 'amd64' ? 200 : 403;
      console.log(indent(`linux/${architecture}: ${status === 200 ? 'served' : `REFUSED (${status})`}`));
      if (status !== expected) faults.push(`linux/${architecture} of ${repository} was answered ${status}`);
    }
  }
  return faults;
}

async function admissions({ images, pratique, ca }: Stage): Promise<Faults> {
  say('A Deployment of each image is put before the admission webhook (HTTPS, with the CA it made)');
  const rows: string[][] = [];
  const faults: string[] = [];
  for (const image of images) {
    const { allowed, message } = await reviewDeployment(pratique.webhook, ca, nameOf(image));
    if (allowed !== image.admitted) faults.push(`${nameOf(image)} was ${allowed ? 'admitted' : 'denied'}`);
    if (!allowed) faults.push(...missing(image, message));
    rows.push([
      nameOf(image),
      allowed ? 'allowed' : 'DENIED',
      shorten(message.replace(/@sha256:[0-9a-f]+/g, '')),
    ]);
  }
  const stranger = await reviewDeployment(pratique.webhook, ca, 'registry.elsewhere/x:1');
  rows.push(['registry.elsewhere/x:1', stranger.allowed ? 'allowed' : 'DENIED', shorten(stranger.message)]);
  if (stranger.allowed) faults.push('an image of an unknown registry was admitted');
  console.log(indent(formatTable(['IMAGE', 'ANSWER', 'MESSAGE'], rows)));
  return faults;
}

async function commandLine({ images, config }: Stage): Promise<Faults> {
  say('pratique verdict, from the records beside the running server');
  const codes = { pass: 0, warn: 0, fail: 1, error: 3, pending: 3 } as const;
  const faults: string[] = [];
  for (const image of images.slice(-2)) {
    const { code, output } = await runPratique(['verdict', nameOf(image), '--config', config]);
    console.log(indent(`${output}\nexit code ${code}\n`));
    if (code !== codes[image.status]) faults.push(`pratique verdict ${nameOf(image)} ended with ${code}`);
  }
  return faults;
}

/** What was fine yesterday is refused today, layers included, and nothing is pulled again to find that out. */
async function newAdvisory(stage: Stage): Promise<Faults> {
  const { images, upstream, pratique, feeds } = stage;
  say(`A new advisory, ${late}, concerns what was clean so far`);
  await writeOsvDirectory(feeds, demoFeeds(true));
  upstream.forgetRequests();
  await importFeeds(stage);
  const [image] = images;
  if (image === undefined) return ['there are no images'];
  const base = `http://${pratique.registry}/v2/demo/${image.repository}`;
  const started = performance.now();
  let seen = await pull(base, image.tag, image.built);
  while (seen.served && performance.now() - started < longestNotice) {
    await sleep(250);
    seen = await pull(base, image.tag, image.built);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (seen.served) return [`${nameOf(image)} was still served ${seconds} s after the new advisory`];
  const layers = upstream.count(/\/blobs\//, 'GET');
  console.log(indent(`${seconds} s later: ${nameOf(image)} REFUSED: ${shorten(seen.said)}`));
  console.log(indent(`Layers that were fetched again to know that: ${layers}.`));
  return [
    ...seen.faults.map((fault) => `${nameOf(image)}: ${fault}`),
    ...(seen.said.includes(late) ? [] : [`the refusal does not name ${late}: ${seen.said}`]),
    ...(layers === 0 ? [] : [`${layers} layers were fetched again`]),
  ];
}

function missing(image: DemoImage, said: string): Faults {
  if (image.reason === null || said.includes(image.reason)) return [];
  return [`${nameOf(image)}: the answer does not say "${image.reason}": ${said}`];
}

function nameOf({ repository, tag }: DemoImage): string {
  return `registry.demo/${repository}:${tag}`;
}

function say(text: string): void {
  console.log(`\n== ${text}`);
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `   ${line}`.trimEnd())
    .join('\n');
}

function shorten(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}

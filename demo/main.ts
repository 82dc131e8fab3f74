import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOsvDirectory } from '../test/support/osv.ts';
import { startUpstream } from '../test/support/upstream.ts';
import { demoFeeds, demoImages } from './images.ts';
import { startPratique } from './pratique.ts';
import { importFeeds, type Stage, tellStory } from './story.ts';

/** Upstream, feeds, configuration and server in a folder of their own; everything is undone at the end. */
async function main(keep: boolean): Promise<number> {
  const undo: (() => Promise<unknown>)[] = [];
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  try {
    const folder = await mkdtemp(join(tmpdir(), 'pratique-demo-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const images = demoImages((size) => randomBytes(size));
    const upstream = await startUpstream();
    undo.push(() => upstream.close());
    for (const { repository, tag, built } of images) upstream.put(repository, tag, built);
    const config = join(folder, 'pratique.yaml');
    await writeFile(config, configuration(upstream.url));
    const feeds = join(folder, 'osv');
    await writeOsvDirectory(feeds, demoFeeds(false));
    const places = { config, feeds };
    console.log('== Advisories are imported (made up: no such CVE exists)');
    await importFeeds(places);
    const pratique = await startPratique(config);
    undo.push(() => pratique.stop());
    const stage: Stage = {
      images,
      upstream,
      pratique,
      ca: await readFile(pratique.webhookCa, 'utf8'),
      ...places,
    };
    const interrupted = stopped.then(() => ['it was interrupted']);
    const faults = await Promise.race([tellStory(stage), interrupted]);
    if (keep && faults.length === 0) {
      console.log(whatToTry(stage));
      await stopped;
    }
    if (faults.length === 0) {
      console.log('\nEverything was as expected.');
      return 0;
    }
    console.error(`\nNot as expected:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    return 1;
  } catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  } finally {
    for (const step of undo.reverse()) {
      await step().catch((error: unknown) => console.error('the demo could not clean up:', error));
    }
  }
}

/** Everything that is not said here is the default. Port 0: any free one. */
function configuration(upstream: string): string {
  return `data: ./data
listen: { registry: 127.0.0.1:0, management: 127.0.0.1:0, webhook: 127.0.0.1:0, harborAdapter: off }
upstreams:
  - { name: demo, namespace: registry.demo, url: ${upstream} }
`;
}

function whatToTry({ pratique, config }: Stage): string {
  const { registry, management, webhook, webhookCa } = pratique;
  return `
Still running; end it with Ctrl-C. Try:
  curl -i http://${registry}/v2/demo/reports/manifests/2.3
  curl -i http://${registry}/v2/demo/legacy/manifests/0.9
  curl -s http://${management}/api/v1/verdicts
  curl -s http://${management}/metrics | grep pratique
  curl -s --cacert ${webhookCa} https://${webhook}/healthz
  node dist/app/cli.js verdict registry.demo/tools --config ${config}
  node dist/app/cli.js scan ${registry}/demo/reports:2.3 --config ${config}
  docker pull ${registry}/demo/reports:2.3`;
}

process.exitCode = await main(process.argv.includes('--keep'));

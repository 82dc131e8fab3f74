import { mkdirSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { importFeeds, type RunningPratique, startPratique } from '../../../test/support/pratique.ts';
import { startServer } from '../own-process.ts';
import type { Scratch } from '../scratch.ts';
import { policy } from './data-folder.ts';
import { benchFeeds } from './feeds.ts';
import type { Layout } from './layout.ts';

/** Milliseconds in which a proxy that has just come up loads what its threads need. */
const settling = 2000;

/** Serves a layout over a line of so many bytes per second. @returns where it answers */
export function startUpstream(layout: Layout, lineBytes: number, scratch: Scratch): Promise<string> {
  return startServer('registry/shaped-upstream', [layout.dir, String(lineBytes)], '/v2/', scratch);
}

/** Runs work with a Pratique of an empty cache, which nobody has pulled through. */
export async function throughFreshGate<Value>(
  scratch: Scratch,
  upstream: string,
  work: (pratique: RunningPratique) => Promise<Value>,
): Promise<Value> {
  const dir = join(scratch.dir, 'gate');
  mkdirSync(dir, { recursive: true });
  await importFeeds(dir, benchFeeds());
  const pratique = await startPratique({
    dir,
    policy,
    upstreams: [{ name: 'corp', namespace: 'corp.test', url: upstream }],
  });
  try {
    await sleep(settling);
    return await work(pratique);
  } finally {
    await pratique.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Asks for a manifest until its verdict stands. dockerd is kept waiting for minutes, so that the answer comes with the verdict.
 * @returns when it stood, milliseconds since 1970
 */
export async function verdictStands(pratique: RunningPratique, tag: string): Promise<number> {
  for (;;) {
    const status = await statusOf(`${pratique.registry}/v2/corp/bench/manifests/${tag}`);
    if (status === 200) return Date.now();
    if (status !== 429) throw new Error(`${tag} was answered with ${status}:\n${pratique.log()}`);
  }
}

function statusOf(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { Accept: 'application/vnd.oci.image.manifest.v1+json', 'User-Agent': 'docker/28.0' };
    get(url, { headers }, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () => resolve(response.statusCode ?? 0));
    }).once('error', reject);
  });
}

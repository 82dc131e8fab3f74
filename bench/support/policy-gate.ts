import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { plainContext } from '../../core/context.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import { openRecords } from '../../db/state-client.ts';
import { boundPolicies, parsePolicySet } from '../../policy/bindings/parse.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import { openBlobStore } from '../../registry/blob-store.ts';
import { createUpstreamClient } from '../../registry/upstream/client.ts';
import { ANALYZERS } from '../../scanner/analyzers.ts';
import { defaultScanSettings } from '../../scanner/settings.ts';
import { buildImage } from '../../test/support/images.ts';
import { startUpstream } from '../../test/support/upstream.ts';
import { Analysis } from '../../vetting/analysis.ts';
import { Catalogue } from '../../vetting/catalogue.ts';
import { Judge } from '../../vetting/judge.ts';
import { defaultVettingLimits } from '../../vetting/limits.ts';
import { TagCounts } from '../../vetting/tag-counts.ts';
import { defaultTagTimes } from '../../vetting/tag-times.ts';
import { Vetting } from '../../vetting/vetting.ts';
import { policyText } from './policy-50.ts';
import { type Times, timesOf } from './policy-evaluate.ts';
import { imageWithFindings, packageMatchesOf } from './recorded-images.ts';
import type { Scratch } from './scratch.ts';

const bindings = 50;
const contexts = 200;
/** Calls that are timed together: one alone is shorter than what the clock can tell. */
const together = 20;

/** Asks the real gate for one image out of memory, under 50 bindings and as 200 namespaces, of which the last binding holds for most. */
export async function measureGate(
  scratch: Scratch,
  calls: number,
): Promise<Times & { readonly bindings: number }> {
  const dir = join(scratch.dir, 'gate');
  mkdirSync(dir);
  const image = buildImage({ layers: [{ files: [{ path: 'a', content: 'a' }] }] });
  const upstream = await startUpstream({ repositories: { 'bench/app': { latest: image } } });
  scratch.atEnd(() => upstream.close());
  const client = createUpstreamClient({
    name: 'corp',
    namespace: 'corp.test',
    url: upstream.url,
    credentials: null,
  });
  scratch.atEnd(() => client.close());
  const records = await openRecords(join(dir, 'state.db'), () => undefined);
  scratch.atEnd(() => records.close());

  const now = Date.now;
  const updatedAt = new Date(now()).toISOString();
  const { inventory, match } = imageWithFindings(200, { revision: 'bench', updatedAt });
  const digest = image.manifest.digest;
  await records.putInventory(digest, inventory, updatedAt);
  const found = packageMatchesOf(inventory, match);
  await records.putMatch({ digest, scannedAt: updatedAt, found });

  const set = parsePolicySet(setText(), 'policy-set.yaml', () => policyText(0));
  const rulebook = makeRulebook(set, []);
  const upstreams = { client: () => client };
  const never = (): Promise<never> => Promise.reject(new Error('everything is recorded'));
  const analysis = new Analysis({
    records,
    upstreams,
    limits: defaultVettingLimits,
    settings: defaultScanSettings,
    blobs: {
      has: (blob) => openBlobStore(dir).has(blob),
      size: never,
      bytes: never,
      makeRoom: () => Promise.resolve(),
      during: (_digests, work) => work(),
    },
    runner: { fetch: never, analyse: never, assemble: never },
  });
  const judge = new Judge({
    records,
    analysis,
    matcher: { revision: () => 'bench', match: () => never() },
    policies: () => boundPolicies(rulebook.set),
    analyzers: ANALYZERS,
    now,
    logger: silentLogger,
  });
  const vetting = new Vetting({
    catalogue: (onNew) =>
      new Catalogue({
        records,
        upstreams,
        timesOf: () => defaultTagTimes,
        counts: new TagCounts(),
        logger: silentLogger,
        now,
        onNew,
      }),
    analysis,
    judge,
    rulebook: () => rulebook,
    now,
    records,
    platforms: () => [{ os: 'linux', architecture: 'amd64', variant: null }],
    limits: defaultVettingLimits,
    logger: silentLogger,
  });

  const address = { upstream: 'corp', namespace: 'corp.test', path: 'bench/app' };
  const manifest = await vetting.resolve(address, { kind: 'digest', digest });
  const askers = Array.from({ length: contexts }, (_, n) => ({
    ...plainContext('admission'),
    cluster: 'bench',
    namespace: `team-${n}`,
    namespaceLabels: { tier: n % 2 === 0 ? 'front' : 'back' },
    workloadLabels: { app: `app-${n}` },
    serviceAccount: `team-${n}/default`,
  }));
  for (const asker of askers) await vetting.settled(address, manifest, 'admit', asker, 10_000);

  const times: number[] = [];
  for (let call = -calls; call < calls; call += together) {
    const started = performance.now();
    for (let one = 0; one < together; one += 1) {
      const asker = askers[Math.abs(call + one) % contexts];
      if (asker === undefined) throw new Error('nobody asks');
      const { status } = vetting.clearance(address, manifest, 'admit', asker);
      if (status === 'pending') throw new Error('the gate has no verdict in memory');
    }
    if (call >= 0) times.push(((performance.now() - started) * 1000) / together);
  }
  return { ...timesOf(times), bindings: set.bindings.length };
}

/** 50 bindings: by namespace, by labels, by image; with context rules. */
function setText(): string {
  return stringify({
    version: 1,
    name: 'bench',
    policies: ['bench.yaml'],
    bindings: [
      ...Array.from({ length: bindings - 1 }, (_, n) => ({
        id: `binding-${n}`,
        gates: n % 2 === 0 ? ['admission'] : ['proxy', 'admission'],
        namespaces: [`area-${n}-*`, `team-${n * 10}`],
        ...(n % 5 === 0 ? { namespaceLabels: { tier: 'front' } } : {}),
        ...(n % 7 === 0 ? { images: ['corp.test/bench/**'] } : {}),
        policy: n % 3 === 0 ? 'baseline' : 'bench',
        mode: n % 4 === 0 ? 'warn' : 'enforce',
        context: [{ id: `many-${n}`, action: 'deny', when: { counts: { critical: 3 }, fixableAtLeast: 10 } }],
      })),
      { id: 'everybody', policy: 'bench' },
    ],
  });
}

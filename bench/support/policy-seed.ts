import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataPaths } from '../../app/paths.ts';
import { viewOf } from '../../core/inventory.ts';
import type { PackageMatches } from '../../core/match.ts';
import type { JudgedEntry } from '../../core/ports/verdicts.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { openState, type StateFile } from '../../db/state.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { parsePolicy } from '../../policy/parse.ts';
import type { Policy } from '../../policy/policy.ts';
import { ANALYZERS } from '../../scanner/analyzers.ts';
import { osvRecord } from '../../test/support/osv.ts';
import { importFeeds } from '../../test/support/pratique.ts';
import { scannerNameOf } from '../../vetting/judge.ts';
import { hexDigest, imageSource, packageMatchesOf, type RecordedImage } from './recorded-images.ts';

/** Images in one transaction. */
const together = 500;

export interface Seeded {
  /** Folder with `data/` in it. */
  readonly dir: string;
  /** Images that were recorded for this; 0: an earlier run had done it. */
  readonly made: number;
  readonly seconds: number;
}

/**
 * Records images with inventories, findings and verdicts by a policy, as a server would have. What an earlier run has
 * left in the folder is used again, with advisories of now, so that they are not too old.
 */
export async function seed(dir: string, images: number, policyText: string): Promise<Seeded> {
  const done = join(dir, 'seeded.json');
  const wanted = JSON.stringify({ images, policyText, scanner: scannerNameOf(ANALYZERS) });
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return { dir, made: 0, seconds: 0 };
  const started = performance.now();
  mkdirSync(dir, { recursive: true });
  await importFeeds(dir, {
    Debian: [
      osvRecord({ id: 'DEBIAN-CVE-2026-0001', ecosystem: 'Debian:12', package: 'nothing', fixed: '2' }),
    ],
    npm: [osvRecord({ id: 'GHSA-0000', ecosystem: 'npm', package: 'nothing', fixed: '2' })],
  });
  const paths = dataPaths(join(dir, 'data'));
  const index = openAdvisoryIndex(paths.advisories);
  const source = imageSource({ revision: index.revision, updatedAt: new Date().toISOString() });
  index.close();
  const policy = parsePolicy(policyText, 'policy.yaml');
  const state = openState(paths.state);
  for (let first = 0; first < images; first += together) {
    const last = Math.min(images, first + together);
    state.together(() => {
      for (let image = first; image < last; image += 1) recordOne(state, policy, image, source(image));
    });
  }
  state.close();
  writeFileSync(done, wanted);
  return { dir, made: images, seconds: (performance.now() - started) / 1000 };
}

function recordOne(state: StateFile, policy: Policy, number: number, image: RecordedImage): void {
  recordImage(state, policy, number, image, packageMatchesOf(image.inventory, image.match));
}

/** Manifest, inventory, findings and verdict of one image. */
export function recordImage(
  state: StateFile,
  policy: Policy,
  number: number,
  image: RecordedImage,
  found: PackageMatches,
): void {
  const digest = hexDigest(number);
  const at = Date.now();
  const scannedAt = new Date(at).toISOString();
  const address = { upstream: 'corp', namespace: 'corp.test', path: image.repository };
  const manifest = {
    digest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    bytes: Buffer.from('{}'),
  };
  state.putManifest(address, { ...manifest, blobs: [{ digest: hexDigest(5_000_000 + number), size: 1000 }] });
  state.putInventory(digest, image.inventory, scannedAt);
  state.putMatch({ digest, scannedAt, found });
  const verdict = evaluate({
    policy,
    inventory: viewOf(image.inventory),
    match: image.match,
    image: [`corp.test/${image.repository}`],
    scanner: scannerNameOf(ANALYZERS),
    scannedAt,
    at,
  });
  const entries: JudgedEntry[] = [{ digest, verdict, cause: 'first' }];
  state.putVerdicts(entries, scannedAt);
}

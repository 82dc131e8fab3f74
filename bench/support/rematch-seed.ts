import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groundOf, PackageMatcher } from '../../advisories/match/index.ts';
import { dataPaths } from '../../app/paths.ts';
import type { Inventory, Package } from '../../core/inventory.ts';
import {
  assembleMatch,
  countPackages,
  type MatchGround,
  type PackageFound,
  type PackageMatches,
} from '../../core/match.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { openState } from '../../db/state.ts';
import { parsePolicy } from '../../policy/parse.ts';
import { ANALYZERS } from '../../scanner/analyzers.ts';
import { importFeeds } from '../../test/support/pratique.ts';
import { scannerNameOf } from '../../vetting/judge.ts';
import { recordImage, type Seeded } from './policy-seed.ts';
import { imageSource } from './recorded-images.ts';
import { feedsAfter } from './rematch-feeds.ts';

/** Images in one transaction. */
const together = 500;

/** Records images that were matched with real advisories, imported by the real command, as a server would have. */
export async function seedMatched(dir: string, images: number, policyText: string): Promise<Seeded> {
  const done = join(dir, 'seeded-matched.json');
  const wanted = JSON.stringify({ images, policyText, scanner: scannerNameOf(ANALYZERS) });
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return { dir, made: 0, seconds: 0 };
  const started = performance.now();
  mkdirSync(dir, { recursive: true });
  await importFeeds(dir, feedsAfter(0).feeds);
  const paths = dataPaths(join(dir, 'data'));
  const index = openAdvisoryIndex(paths.advisories);
  const matches = matcherOf(index);
  const source = imageSource({ revision: index.revision, updatedAt: new Date().toISOString() });
  const policy = parsePolicy(policyText, 'policy.yaml');
  const state = openState(paths.state);
  for (let first = 0; first < images; first += together) {
    const last = Math.min(images, first + together);
    state.together(() => {
      for (let image = first; image < last; image += 1) {
        const { inventory, repository } = source(image);
        const found = matches(inventory);
        const match = assembleMatch(countPackages(inventory.packages), found);
        recordImage(state, policy, image, { inventory, repository, match }, found);
      }
    });
  }
  state.close();
  index.close();
  writeFileSync(done, wanted);
  return { dir, made: images, seconds: (performance.now() - started) / 1000 };
}

/** Images share their packages: each is matched once. */
function matcherOf(index: AdvisoryIndex): (inventory: Inventory) => PackageMatches {
  const matcher = new PackageMatcher(index);
  const found = new Map<string, PackageFound>();
  let ground: MatchGround | null = null;
  const find = (inventory: Inventory, one: Package): PackageFound => {
    const known = found.get(one.purl);
    if (known !== undefined) return known;
    matcher.next();
    const its = matcher.find(inventory.os, one, []);
    found.set(one.purl, its);
    return its;
  };
  return (inventory) => {
    ground ??= groundOf(inventory.os, index);
    return {
      revision: index.revision,
      ground,
      packages: inventory.packages.map((one) => find(inventory, one)),
    };
  };
}

import { describe, expect, it } from '@jest/globals';
import type { Inventory } from '../core/inventory.ts';
import { type MatchGround, type PackageMatches, packageClasses } from '../core/match.ts';
import { sha256 } from '../test/support/images.ts';
import { matchedFindings } from './findings.ts';

const inventory: Inventory = {
  os: null,
  platform: null,
  packages: [],
  incomplete: [],
  unfit: [],
  analyzers: 'deb/1',
  content: 'image',
  facts: null,
  checks: [],
};
const recorded = { inventory, scannedAt: '2026-01-01T00:00:00Z' };
const digest = sha256('image');

/** Findings whose matcher counts what it is asked, and by which advisories. */
function findings(fails: readonly number[] = []) {
  const asked: string[] = [];
  const state = { revision: 'r1' };
  const source = matchedFindings(
    { getMatch: () => Promise.resolve(null), putMatch: () => Promise.resolve() },
    {
      revision: () => state.revision,
      match: () => {
        asked.push(state.revision);
        if (fails.includes(asked.length)) return Promise.reject(new Error(`match ${asked.length} failed`));
        return Promise.resolve(foundBy(state.revision));
      },
    },
    inventory.analyzers,
  );
  return { source, asked, state };
}

function foundBy(revision: string): PackageMatches {
  const covered = {
    ecosystem: 'Debian:12',
    release: '12',
    feed: 'osv:Debian',
    updatedAt: recorded.scannedAt,
    covered: true,
    known: true,
  };
  const classes = Object.fromEntries(packageClasses.map((its) => [its, covered])) as MatchGround['classes'];
  return { revision, ground: { system: covered, classes, catalogues: [], endOfLife: null }, packages: [] };
}

describe('what is found in an image while its inventory is recorded', () => {
  it('is found once', async () => {
    const { source, asked } = findings();
    source.begin?.(inventory);
    await source.known(digest, recorded);
    expect(asked).toEqual(['r1']);
  });

  it('is found anew by the advisories that came meanwhile', async () => {
    const { source, asked, state } = findings();
    source.begin?.(inventory);
    state.revision = 'r2';
    await source.known(digest, recorded);
    expect(asked).toEqual(['r1', 'r2']);
  });

  it('is found anew when it is asked for again', async () => {
    const { source, asked } = findings();
    source.begin?.(inventory);
    await source.known(digest, recorded);
    await source.known(digest, recorded);
    expect(asked).toEqual(['r1', 'r1']);
  });

  it('fails for who asks, and only then', async () => {
    const { source } = findings([1]);
    source.begin?.(inventory);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(source.known(digest, recorded)).rejects.toThrow('match 1 failed');
    await expect(source.known(digest, recorded)).resolves.toBeDefined();
  });
});

import type { Digest } from '../core/digest.ts';
import type { MatchResult } from '../core/finding.ts';
import { assembleMatch, countPackages } from '../core/match.ts';
import type { AttachedVexStore } from '../core/ports/attached-vex.ts';
import type { ManifestRecord, RecordedInventory } from '../core/ports/records.ts';
import type { JudgedEntry } from '../core/ports/verdicts.ts';
import { canonicalName, type RepositoryAddress, repositoryKey } from '../core/repository.ts';
import type { Verdict } from '../core/verdict.ts';
import type { AttachedVex } from '../core/vex.ts';
import type { JudgeRecords } from './judge.ts';

/** Records in memory, for the tests of this room. */
export interface MemoryRecords extends JudgeRecords, AttachedVexStore {
  /** Everything that was put, in order. */
  readonly judged: JudgedEntry[];
}

export function memoryRecords(): MemoryRecords {
  const manifests = new Map<
    string,
    { readonly address: RepositoryAddress; readonly record: ManifestRecord }
  >();
  const tags = new Map<string, { readonly digest: Digest; readonly seenAt: string }>();
  const proven = new Set<string>();
  const layers = new Map<string, string>();
  const inventories = new Map<string, RecordedInventory>();
  const matches = new Map<string, MatchResult>();
  const verdicts = new Map<string, Verdict>();
  const attached = new Map<Digest, readonly AttachedVex[]>();
  const judged: JudgedEntry[] = [];
  const at = (address: RepositoryAddress, what: string): string => `${repositoryKey(address)} ${what}`;
  const imagesOf = (digest: Digest): string[] =>
    [...manifests.values()]
      .filter(({ record }) => record.digest === digest)
      .map(({ address }) => canonicalName(address))
      .sort();
  // Every answer comes later, as that of a database does.
  const later = <Value>(value: Value): Promise<Value> =>
    new Promise((resolve) => setImmediate(() => resolve(value)));
  const done = (): Promise<void> => later(undefined);

  return {
    putManifest: (address, record) => {
      manifests.set(at(address, record.digest), { address, record });
      return done();
    },
    getManifest: (address, digest) => later(manifests.get(at(address, digest))?.record ?? null),
    imagesOf: (digest) => later(imagesOf(digest)),
    putTag: (address, tag, digest, seenAt) => {
      tags.set(at(address, tag), { digest, seenAt });
      return done();
    },
    getTag: (address, tag) => later(tags.get(at(address, tag))?.digest ?? null),
    tagSeen: (address, tag) => later(tags.get(at(address, tag)) ?? null),
    dropTag: (address, tag, digest) => {
      if (tags.get(at(address, tag))?.digest === digest) tags.delete(at(address, tag));
      return done();
    },
    manifestsWithBlob: (address, blob) =>
      later(
        [...manifests.values()].flatMap((held) => {
          const size = held.record.blobs.find(({ digest }) => digest === blob)?.size;
          return size === undefined || repositoryKey(held.address) !== repositoryKey(address)
            ? []
            : [{ manifest: held.record.digest, size }];
        }),
      ),
    isProven: (address, blob) => later(proven.has(at(address, blob))),
    prove: (address, blob) => {
      proven.add(at(address, blob));
      return done();
    },
    getLayer: (digest, analyzers) => later(layers.get(`${digest} ${analyzers}`) ?? null),
    putLayer: (digest, analyzers, analysis) => {
      layers.set(`${digest} ${analyzers}`, analysis);
      return done();
    },
    getInventory: (digest, analyzers) => later(inventories.get(`${digest} ${analyzers}`) ?? null),
    putInventory: (digest, inventory, scannedAt) => {
      inventories.set(`${digest} ${inventory.analyzers}`, { inventory, scannedAt });
      return done();
    },
    inventoried: () => later([...inventories.keys()].map((key) => key.split(' ')[0] as Digest)),
    getMatch: (digest, revision) => later(matches.get(`${digest} ${revision}`) ?? null),
    putMatch: ({ digest, scannedAt, found }) => {
      const recorded = [...inventories].find(
        ([key, one]) => key.startsWith(`${digest} `) && one.scannedAt === scannedAt,
      );
      if (recorded === undefined) return done();
      const { packages } = recorded[1].inventory;
      matches.set(`${digest} ${found.revision}`, assembleMatch(countPackages(packages), found));
      return done();
    },
    sweepPackages: () => later(null),
    putVerdicts: (entries) => {
      for (const entry of entries) {
        judged.push(entry);
        verdicts.set(`${entry.digest} ${entry.verdict.policy}`, entry.verdict);
      }
      return done();
    },
    getVerdict: (digest, policy) => later(verdicts.get(`${digest} ${policy}`) ?? null),
    attachedVex: (digest) => later(attached.get(digest) ?? []),
    putAttachedVex: (digest, found) => {
      const others = (attached.get(digest) ?? []).filter(({ repository }) => repository !== found.repository);
      attached.set(digest, [...others, found]);
      return done();
    },
    judged,
    close: done,
  };
}

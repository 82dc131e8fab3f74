import { matchInventory } from '../../advisories/match/index.ts';
import type { Digest } from '../../core/digest.ts';
import type { MatchResult } from '../../core/finding.ts';
import { type Inventory, viewOf } from '../../core/inventory.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { AttachedVex } from '../../core/vex.ts';
import type { ReadableState, SyncRecords } from '../../db/state.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Policy } from '../../policy/policy.ts';
import { scannerNameOf } from '../../vetting/judge.ts';

/** What recorded images are judged with. */
export interface RecordedTools {
  readonly records: Pick<SyncRecords, 'getInventory' | 'getMatch' | 'imagesOf'> &
    Pick<ReadableState, 'attachedVex' | 'getReported'>;
  readonly index: AdvisoryIndex;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The key of inventories (`analyzersOf`). */
  readonly analyzers: string;
}

/** One recorded image, ready to be judged by any policy. */
export interface RecordedCase {
  readonly digest: Digest;
  readonly inventory: Inventory;
  readonly match: MatchResult;
  /** Canonical names of the repositories that hold it. */
  readonly images: readonly string[];
  /** What repositories have attached to it, whether a policy believes it or not. */
  readonly attached: readonly AttachedVex[];
  /** Made once for each policy. */
  readonly verdict: (policy: Policy) => Verdict;
}

/** null: no inventory of it is recorded that this version has made, so nothing can be said of it. */
export function openRecordedCase(digest: Digest, tools: RecordedTools): RecordedCase | null {
  const { records, index, at, analyzers } = tools;
  const recorded = records.getInventory(digest, analyzers);
  if (recorded === null) return null;
  const { inventory, scannedAt } = recorded;
  // Where another scanner decides, nothing else is found.
  const reported = records.getReported(digest);
  const match =
    reported?.match ?? records.getMatch(digest, index.revision) ?? matchInventory(inventory, index);
  const images = records.imagesOf(digest);
  const attached = records.attachedVex(digest);
  const made = new Map<string, Verdict>();
  return {
    digest,
    inventory,
    match,
    images,
    attached,
    verdict: (policy) => {
      const key = `${policy.name} ${policy.revision}`;
      const known = made.get(key);
      if (known !== undefined) return known;
      const view = viewOf(inventory);
      const verdict = evaluate({
        policy,
        inventory: view,
        match,
        image: images,
        digest,
        attached,
        scanner: reported?.scanner ?? scannerNameOf(analyzers),
        scannedAt,
        at,
      });
      made.set(key, verdict);
      return verdict;
    },
  };
}

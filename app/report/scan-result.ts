import type { Digest } from '../../core/digest.ts';
import type { MatchResult } from '../../core/finding.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { Comparison } from '../../scanners/compare/compare.ts';
import type { SeenVex } from '../recorded/vex-seen.ts';

export interface ScannedLayer {
  /** Of the blob; of the unpacked bytes where only that is known. */
  readonly digest: Digest;
  /** The step that made it, as the config's history tells it, without what might be secret; null: nobody says. */
  readonly step: string | null;
}

/** Everything that one scan found out. */
export interface ScanResult {
  readonly reference: string;
  /** null: there is none, of a folder or an archive that has no manifest. */
  readonly digest: Digest | null;
  /** Whether it was read from a registry, so that its name means the same elsewhere. */
  readonly inRegistry: boolean;
  /** Its layers, the lowest first; empty where there are none. */
  readonly layers: readonly ScannedLayer[];
  /** What the way in which it was read cannot tell, each a sentence. */
  readonly notTold: readonly string[];
  readonly inventory: Inventory;
  readonly match: MatchResult;
  /** What the policy says. */
  readonly verdict: Verdict;
  /** What the gate `ci` makes of it. */
  readonly clearance: Clearance;
  /** null: the policy says nothing of VEX. */
  readonly vex: SeenVex | null;
  /** With another scanner; null: nobody has asked for it. */
  readonly comparison: Comparison | null;
}

import type { MatchResult } from '../core/finding.ts';
import type { InventoryView } from '../core/inventory.ts';
import { CountingMeter } from './counting-meter.ts';
import { CoverageView, FindingView, ImageView, OsView, PackageView } from './expressions/views.ts';
import { midnightBefore } from './time.ts';

/** What rules are held against: everything that is known of an image at an instant. */
export interface Ground {
  readonly inventory: InventoryView;
  readonly match: MatchResult;
  /** ISO 8601; null: not known. */
  readonly scannedAt: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Counts for all expressions of a policy over this image. */
  readonly meter: CountingMeter;
  /** What expressions see. Lists are made when one is first read, because most policies read none. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Each once, however often it has found something. */
function checkNames({ checks }: InventoryView): readonly string[] {
  return [...new Set(checks.map(({ id }) => id))];
}

export function groundOf(
  inventory: InventoryView,
  match: MatchResult,
  scannedAt: string | null,
  at: number,
): Ground {
  let packages: readonly PackageView[] | null = null;
  let findings: readonly FindingView[] | null = null;
  const values = {
    image: new ImageView(inventory, scannedAt, match.endOfLife),
    os: inventory.os === null ? undefined : new OsView(inventory.os),
    // The day, so that what an expression says holds until the next one.
    now: new Date(midnightBefore(at)),
    // Without a config, or with one switched off, a check that is not in the list proves nothing.
    checks: inventory.facts === null || inventory.unchecked !== undefined ? undefined : checkNames(inventory),
    coverage: match.coverage.map((one) => new CoverageView(one)),
    get packages() {
      packages ??= inventory.packages().map((one) => new PackageView(one));
      return packages;
    },
    get findings() {
      findings ??= match.findings.map((one) => new FindingView(one));
      return findings;
    },
  };
  return { inventory, match, scannedAt, at, meter: new CountingMeter(), values };
}

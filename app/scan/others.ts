import type { MatchResult } from '../../core/finding.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { AdvisoryIndex } from '../../core/ports/advisories.ts';
import type { OtherScannerName } from '../../core/ports/scanner.ts';
import type { ImageSource, SourceManifest } from './source.ts';

/** Another scanner, asked by the command itself: it pulls what the command reads. */
export interface OtherScan {
  readonly name: OtherScannerName;
  /**
   * What it says of one image of a source.
   * @param index what findings get from catalogues; null: nothing was imported
   * @throws PratiqueError `scanner-unavailable`, `scanner-failed`; `usage-invalid` where it has no manifest to be pulled by
   */
  match(
    source: ImageSource,
    image: SourceManifest,
    inventory: Inventory,
    index: AdvisoryIndex | null,
  ): Promise<MatchResult>;
  close(): Promise<void>;
}

/** Those that a scan asks beside the built-in scanner. */
export interface OtherScans {
  /** Whose findings decide; null: the built-in one's. */
  readonly decides: OtherScan | null;
  /** Whose findings are compared with the built-in one's; null: nobody's. */
  readonly compared: OtherScan | null;
  close(): Promise<void>;
}

/** The built-in scanner alone. */
export const noOthers: OtherScans = { decides: null, compared: null, close: () => Promise.resolve() };

/** What they say of one image; each is asked once. */
export async function askOthers(
  { decides, compared }: Pick<OtherScans, 'decides' | 'compared'>,
  ...asked: Parameters<OtherScan['match']>
): Promise<{ readonly decides: MatchResult | null; readonly compared: MatchResult | null }> {
  const said = decides === null ? null : await decides.match(...asked);
  if (compared === null) return { decides: said, compared: null };
  return { decides: said, compared: compared === decides ? said : await compared.match(...asked) };
}

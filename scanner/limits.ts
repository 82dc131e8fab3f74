import { defaultScanSettings, type ScanSettings, searchedFileBytes } from './settings.ts';

/** Bounds of one layer's analysis. Exceeding one makes the layer unreadable, by name. */
export interface LayerLimits {
  /** Unpacked bytes that are looked at. */
  readonly uncompressedBytes: number;
  /** Tar entries, pseudo-entries included. */
  readonly entries: number;
  /** Files of note, links and whiteouts that are kept. */
  readonly events: number;
  /** Bytes of all files of note together. */
  readonly contentBytes: number;
  /** Files of more bytes are not searched for secrets; 0: none is. No bound of the layer: nothing is missing then. */
  readonly secretFileBytes: number;
}

export const defaultLayerLimits: LayerLimits = {
  uncompressedBytes: 64 * 1024 ** 3,
  entries: 5_000_000,
  events: 500_000,
  // Each is held one at a time; what counts here is the work. Some layers are mostly Java archives.
  contentBytes: 4 * 1024 ** 3,
  secretFileBytes: defaultScanSettings.secretFileBytes,
};

export function layerLimitsFor(settings: ScanSettings): LayerLimits {
  return { ...defaultLayerLimits, secretFileBytes: searchedFileBytes(settings) };
}

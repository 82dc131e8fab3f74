/** Bounds of what is unpacked from one archive and all archives in it. */
export interface ZipLimits {
  /** Entries of all these archives together. */
  readonly entries: number;
  /** Bytes of one name. */
  readonly nameBytes: number;
  /** Bytes of one entry, unpacked. */
  readonly entryBytes: number;
  /** Unpacked bytes of all entries that are read. */
  readonly totalBytes: number;
  /** Unpacked bytes of all entries that are read for each byte of the archive, from `freeBytes` on. */
  readonly ratio: number;
  readonly freeBytes: number;
}

/**
 * The largest real archives have some 100,000 entries; names are bounded as paths are on Linux. Archives in archives
 * hardly get smaller, and texts by a half to a tenth.
 */
export const defaultZipLimits: ZipLimits = {
  entries: 1_000_000,
  nameBytes: 4096,
  entryBytes: 256 * 1024 ** 2,
  totalBytes: 512 * 1024 ** 2,
  ratio: 10,
  freeBytes: 1024 ** 2,
};

/** What is left of the limits; one for an archive and everything in it. */
export interface ZipBudget {
  readonly limits: ZipLimits;
  /** Unpacked bytes that were allowed in all. */
  readonly allowed: number;
  entries: number;
  bytes: number;
}

/** @param archiveBytes of the archive that is a file of its own */
export function zipBudget(archiveBytes: number, limits: ZipLimits = defaultZipLimits): ZipBudget {
  const allowed = Math.min(limits.totalBytes, limits.freeBytes + limits.ratio * archiveBytes);
  return { limits, allowed, entries: limits.entries, bytes: allowed };
}

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
}

/** The largest real archives have some 100,000 entries; names are bounded as paths are on Linux. */
export const defaultZipLimits: ZipLimits = {
  entries: 1_000_000,
  nameBytes: 4096,
  entryBytes: 256 * 1024 ** 2,
  totalBytes: 512 * 1024 ** 2,
};

/** What is left of the limits; one for an archive and everything in it. */
export interface ZipBudget {
  readonly limits: ZipLimits;
  entries: number;
  bytes: number;
}

export function zipBudget(limits: ZipLimits = defaultZipLimits): ZipBudget {
  return { limits, entries: limits.entries, bytes: limits.totalBytes };
}

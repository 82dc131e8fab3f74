/** How far a scan is. Times in milliseconds. */
export interface ScanProgress {
  /** Scans that are to be begun before this one; null: it runs. */
  readonly ahead: number | null;
  /** Since it was begun. */
  readonly elapsed: number;
  readonly layersDone: number;
  readonly layersTotal: number;
  /** How long a scan takes of late; null where none has ended yet. */
  readonly usual: number | null;
  /** Scans at once. */
  readonly concurrency: number;
}

/** Harbor reads an int8, and takes 5 s for what is more than 127. It restarts its own 30 minutes at each poll. */
const longest = 60;

/** Seconds until a poll is worth while, 1 to 60: `Refresh-After`. */
export function refreshAfter(progress: ScanProgress): number {
  const seconds = Math.ceil(remaining(progress) / 1000);
  return Math.min(longest, Math.max(1, seconds));
}

function remaining({ ahead, elapsed, layersDone, layersTotal, usual, concurrency }: ScanProgress): number {
  if (ahead !== null) return (usual ?? 5000) * (1 + ahead / concurrency);
  if (layersDone > 0 && layersTotal > 0) {
    return (elapsed / layersDone) * Math.max(0, layersTotal - layersDone);
  }
  // Nothing to reckon with: ask again after a third of the time that has passed.
  return usual !== null && usual > elapsed ? usual - elapsed : elapsed / 3;
}

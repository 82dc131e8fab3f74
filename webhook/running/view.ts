import type { RunningCounts, RunningRow } from './rows.ts';

/** What runs in the cluster and what is said of it, for people and metrics. */
export interface RunningView {
  /** Whether this process looks after it; another one may. */
  readonly leader: boolean;
  /** Which one does; null: nobody knows. */
  readonly holder: string | null;
  /** Whether all Pods were seen. */
  readonly synced: boolean;
  /** Why nothing new is known; null: what is told is so now. */
  readonly trouble: string | null;
  readonly pods: number;
  /** Images in Pods that could not be read, and Pods beyond the bounds: nobody knows what they run. */
  readonly unread: number;
  /** Images that were not judged yet. */
  readonly waiting: number;
  readonly counts: RunningCounts;
  /** Events on Pods. */
  readonly events: { readonly written: number; readonly dropped: number };
  /** The worst first, as many as were asked for. */
  readonly rows: readonly RunningRow[];
  /** Images in workloads. */
  readonly total: number;
}

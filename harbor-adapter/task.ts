import type { ScanJob } from '../core/ports/scan-jobs.ts';

/** One inspection of a digest, and the jobs that wait for it. */
export class ScanTask {
  readonly digest: string;
  /** By id, in the order in which they came. */
  readonly jobs = new Map<string, ScanJob>();
  /** Milliseconds since 1970; null: not begun. */
  begunAt: number | null = null;
  layersDone = 0;
  layersTotal = 0;

  constructor(digest: string) {
    this.digest = digest;
  }

  /** The job whose credentials are used: the first, since its robot account ends first. */
  driver(): ScanJob | null {
    const [first] = this.jobs.values();
    return first ?? null;
  }
}

/** Tasks that run and tasks that wait, at most so many of the first. A task is here from `of` until `remove`. */
export class TaskQueue {
  readonly #concurrency: number;
  readonly #byDigest = new Map<string, ScanTask>();
  readonly #running = new Set<ScanTask>();
  readonly #waiting = new Set<ScanTask>();

  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get running(): number {
    return this.#running.size;
  }

  /** The task of a digest, a new one where there is none. */
  of(digest: string): ScanTask {
    const there = this.#byDigest.get(digest);
    if (there !== undefined) return there;
    const task = new ScanTask(digest);
    this.#byDigest.set(digest, task);
    this.#waiting.add(task);
    return task;
  }

  /** The next task that may begin; it counts as running from here on. */
  take(): ScanTask | null {
    if (this.#running.size >= this.#concurrency) return null;
    const [task] = this.#waiting;
    if (task === undefined) return null;
    this.#waiting.delete(task);
    this.#running.add(task);
    return task;
  }

  remove(task: ScanTask): void {
    this.#running.delete(task);
    this.#waiting.delete(task);
    if (this.#byDigest.get(task.digest) === task) this.#byDigest.delete(task.digest);
  }

  /** How many are to be begun before this one; null: it has been. */
  ahead(task: ScanTask): number | null {
    if (!this.#waiting.has(task)) return null;
    let count = 0;
    for (const other of this.#waiting) {
      if (other === task) break;
      count += 1;
    }
    return count;
  }
}

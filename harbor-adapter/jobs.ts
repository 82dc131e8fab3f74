import { isPratiqueError, type PlainError, PratiqueError } from '../core/errors.ts';
import type { ScanJob, ScanJobState } from '../core/ports/scan-jobs.ts';
import type { Scanned } from '../core/ports/scans.ts';
import type { ScanEngineOptions } from './engine-options.ts';
import { concernsToo, deadlinePassed, explain, failure } from './failure.ts';
import { inspect } from './inspection.ts';
import { refreshAfter } from './refresh-after.ts';
import { makeReports } from './reports.ts';
import type { ScanRequest } from './scan-request.ts';
import { ReportShelf } from './shelf.ts';
import { type ScanTask, TaskQueue } from './task.ts';

/** What can be said of a job. Reports are read with `ScanEngine.shelf`. */
export type JobStatus = { readonly job: ScanJob } & (
  | { readonly kind: 'waiting'; readonly refreshAfter: number }
  | { readonly kind: 'done'; readonly revision: string; readonly finishedAt: string }
  | { readonly kind: 'failed'; readonly error: PlainError }
);

interface ActiveJob {
  readonly job: ScanJob;
  readonly task: ScanTask;
  readonly callOff: () => void;
}

const pruneEvery = 60 * 60_000;

/**
 * Scans that Harbor asked for, in the background: durable before they are answered, one inspection for a digest
 * however many ask, each with a deadline of its own. `start` takes up what a process before left waiting.
 */
export class ScanEngine {
  readonly shelf: ReportShelf;
  readonly #options: ScanEngineOptions;
  readonly #queue: TaskQueue;
  readonly #active = new Map<string, ActiveJob>();
  /** States that could not be recorded; told from here until the process ends. */
  readonly #unrecorded = new Map<string, JobStatus>();
  /** Jobs that are being recorded. */
  #arriving = 0;
  #usual: number | null = null;
  #stopped = false;
  #callOffPruning: () => void = () => undefined;

  constructor(options: ScanEngineOptions) {
    this.#options = options;
    this.#queue = new TaskQueue(options.limits.concurrency);
    this.shelf = new ReportShelf(options.jobs, options.limits.reportMemory);
  }

  /** Jobs that are not finished, and inspections that run. */
  get load(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.#active.size, running: this.#queue.running };
  }

  /** To be called once, before requests come. */
  async start(): Promise<void> {
    for (const job of await this.#options.jobs.waiting()) this.#begin(job);
    this.#prune();
  }

  /** Takes nothing up any more. What waits is recorded, and taken up at the next start. */
  stop(): void {
    this.#stopped = true;
    this.#callOffPruning();
    for (const { callOff } of this.#active.values()) callOff();
  }

  /**
   * Records a job and starts it.
   * @returns its id
   * @throws PratiqueError `queue-full`
   */
  async accept(request: ScanRequest): Promise<string> {
    const { limits, now, newId, jobs } = this.#options;
    if (this.#active.size + this.#arriving >= limits.mostWaiting) {
      throw new PratiqueError(
        'queue-full',
        `${limits.mostWaiting} scans wait already, and no more are taken: scan the image again later`,
        { waiting: this.#active.size },
      );
    }
    const at = now();
    const job: ScanJob = {
      id: newId(),
      ...request,
      createdAt: new Date(at).toISOString(),
      deadline: new Date(at + limits.deadline).toISOString(),
      state: { kind: 'waiting' },
    };
    this.#arriving += 1;
    try {
      await jobs.put(job);
    } finally {
      this.#arriving -= 1;
    }
    this.#begin(job);
    return job.id;
  }

  /** What stands of a job; null: there is none of that id, or no longer. */
  async status(id: string): Promise<JobStatus | null> {
    const active = this.#active.get(id);
    if (active !== undefined) {
      return { kind: 'waiting', job: active.job, refreshAfter: this.#refreshAfter(active.task) };
    }
    const unrecorded = this.#unrecorded.get(id);
    if (unrecorded !== undefined) return unrecorded;
    const job = await this.#options.jobs.get(id);
    if (job === null) return null;
    switch (job.state.kind) {
      case 'done':
        return { kind: 'done', job, revision: job.state.revision, finishedAt: job.state.finishedAt };
      case 'failed':
        return { kind: 'failed', job, error: job.state.error };
      case 'waiting':
        return { kind: 'waiting', job, refreshAfter: 5 };
    }
  }

  #refreshAfter(task: ScanTask): number {
    return refreshAfter({
      ahead: this.#queue.ahead(task),
      elapsed: task.begunAt === null ? 0 : this.#options.now() - task.begunAt,
      layersDone: task.layersDone,
      layersTotal: task.layersTotal,
      usual: this.#usual,
      concurrency: this.#options.limits.concurrency,
    });
  }

  #begin(job: ScanJob): void {
    const task = this.#queue.of(job.source.digest);
    task.jobs.set(job.id, job);
    const left = Math.max(0, Date.parse(job.deadline) - this.#options.now());
    const callOff = this.#options.after(left, () => this.#expire(job, task));
    this.#active.set(job.id, { job, task, callOff });
    this.#pump();
  }

  #pump(): void {
    for (let task = this.#next(); task !== null; task = this.#next()) {
      const begun = task;
      this.#run(begun).catch((error: unknown) => {
        this.#options.logger.error({ err: error, digest: begun.digest }, 'scan task failed');
        this.#leave(begun);
      });
    }
  }

  #next(): ScanTask | null {
    return this.#stopped ? null : this.#queue.take();
  }

  async #run(task: ScanTask): Promise<void> {
    const { now } = this.#options;
    task.begunAt = now();
    for (let driver = task.driver(); driver !== null; driver = task.driver()) {
      const inspected = await inspect(this.#options, task, driver.source, () => this.#stopped);
      if (inspected === null || this.#stopped) break;
      if ('scanned' in inspected) await this.#deliver(task, inspected.scanned);
      else await this.#refuse(task, driver, inspected.error);
    }
    const took = now() - task.begunAt;
    this.#usual = this.#usual === null ? took : this.#usual * 0.8 + took * 0.2;
    this.#leave(task);
  }

  #leave(task: ScanTask): void {
    this.#queue.remove(task);
    this.#pump();
  }

  /** Also to those who came while it was made. */
  async #deliver(task: ScanTask, scanned: Scanned): Promise<void> {
    for (let job = task.driver(); job !== null; job = task.driver()) {
      await this.#settle(job, task, await this.#finished(job, scanned));
    }
  }

  async #finished(job: ScanJob, scanned: Scanned): Promise<Exclude<ScanJobState, { kind: 'waiting' }>> {
    const { scanner, uncleared, now, logger } = this.#options;
    const finishedAt = new Date(now()).toISOString();
    try {
      const made = await makeReports(this.shelf, job, scanned, { scanner, uncleared, at: now() });
      return made.kind === 'made'
        ? { kind: 'done', revision: made.revision, finishedAt }
        : { kind: 'failed', error: failure(made.why), finishedAt };
    } catch (error) {
      logger.error({ err: error, id: job.id, digest: job.source.digest }, 'scan report failed');
      return { kind: 'failed', error: explain(null, job, now()), finishedAt };
    }
  }

  async #refuse(task: ScanTask, driver: ScanJob, error: unknown): Promise<void> {
    const { now, logger } = this.#options;
    if (!isPratiqueError(error)) logger.error({ err: error, digest: task.digest }, 'scan failed');
    const finishedAt = new Date(now()).toISOString();
    const concerned = [...task.jobs.values()].filter((job) => concernsToo(error, driver.source, job.source));
    for (const job of concerned) {
      await this.#settle(job, task, { kind: 'failed', error: explain(error, job, now()), finishedAt });
    }
  }

  #expire(job: ScanJob, task: ScanTask): void {
    const state = {
      kind: 'failed',
      error: deadlinePassed(job, task.begunAt !== null),
      finishedAt: new Date(this.#options.now()).toISOString(),
    } as const;
    this.#settle(job, task, state).catch((error: unknown) => {
      this.#options.logger.error({ err: error, id: job.id }, 'scan job failed');
    });
    // An inspection that nobody waits for any more does not keep others waiting.
    if (task.jobs.size === 0) this.#leave(task);
  }

  /** Ends a job once, whoever comes first. It counts as waiting until its end is recorded. */
  async #settle(
    job: ScanJob,
    task: ScanTask,
    state: Exclude<ScanJobState, { kind: 'waiting' }>,
  ): Promise<void> {
    const { jobs, logger, now, onFinished } = this.#options;
    if (!task.jobs.delete(job.id)) return;
    this.#active.get(job.id)?.callOff();
    try {
      await jobs.finish(job.id, state);
    } catch (error) {
      logger.error({ err: error, id: job.id }, 'scan job could not be recorded');
      this.#unrecorded.set(job.id, { kind: 'failed', job, error: explain(error, job, now()) });
      if (this.#unrecorded.size > this.#options.limits.mostWaiting) {
        const [oldest] = this.#unrecorded.keys();
        if (oldest !== undefined) this.#unrecorded.delete(oldest);
      }
    }
    this.#active.delete(job.id);
    const milliseconds = now() - Date.parse(job.createdAt);
    const outcome = { id: job.id, digest: job.source.digest, repository: job.source.repository };
    if (state.kind === 'done') logger.info({ ...outcome, milliseconds }, 'scan done');
    else
      logger.warn(
        { ...outcome, milliseconds, code: state.error.code, reason: state.error.message },
        'scan refused',
      );
    onFinished?.({ kind: state.kind, milliseconds });
  }

  #prune(): void {
    const { jobs, limits, now, logger, after } = this.#options;
    if (this.#stopped) return;
    jobs.prune(new Date(now() - limits.keep).toISOString()).catch((error: unknown) => {
      logger.error({ err: error }, 'old scan jobs could not be removed');
    });
    this.#callOffPruning = after(pruneEvery, () => this.#prune());
  }
}

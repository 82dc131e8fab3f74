import type { ReportKey, ScanJob, ScanJobState, ScanJobs } from '../core/ports/scan-jobs.ts';
import type { RegistryAuthorization } from '../core/ports/scans.ts';
import type { Sqlite } from './sqlite.ts';

/** The operations of `ScanJobs`, answered at once; named apart, because one thread answers for all of the state. */
export type SyncScanJobs = {
  [Name in keyof ScanJobs as `scanJobs.${Name}`]: (
    ...args: Parameters<ScanJobs[Name]>
  ) => Awaited<ReturnType<ScanJobs[Name]>>;
};

interface JobRow {
  readonly id: string;
  /** JSON of what never changes: the job without its id, its authorization and its state. */
  readonly job: string;
  /** JSON; null as soon as the job has ended. */
  readonly authorization: string | null;
  /** JSON of a `ScanJobState`. */
  readonly state: string;
}

type FinishedState = Exclude<ScanJobState, { kind: 'waiting' }>;

/** @returns the operations, and what has to be called after each commit of a transaction around them */
export function scanJobsOn(db: Sqlite): { readonly jobs: SyncScanJobs; readonly committed: () => void } {
  // What is deleted is overwritten: a job's authorization must not stay behind in free pages.
  db.pragma('secure_delete = ON');
  const sql = {
    put: db.prepare<JobRow & { digest: string; createdAt: string }>(
      `INSERT INTO scan_job (id, digest, job, authorization, state, created_at)
       VALUES (@id, @digest, @job, @authorization, @state, @createdAt)`,
    ),
    get: db.prepare<[string], JobRow>('SELECT id, job, authorization, state FROM scan_job WHERE id = ?'),
    finish: db.prepare<{ id: string; state: string; revision: string | null; finishedAt: string }>(
      `UPDATE scan_job SET authorization = NULL, state = @state, revision = @revision, finished_at = @finishedAt
       WHERE id = @id`,
    ),
    waiting: db.prepare<[], JobRow>(
      'SELECT id, job, authorization, state FROM scan_job WHERE finished_at IS NULL ORDER BY created_at, rowid',
    ),
    pruneJobs: db.prepare<[string]>('DELETE FROM scan_job WHERE finished_at < ?'),
    // A waiting job may find the reports of its digest ready, whatever their revision.
    pruneReports: db.prepare<[]>(
      `DELETE FROM scan_report WHERE NOT EXISTS (
         SELECT 1 FROM scan_job WHERE scan_job.digest = scan_report.digest
           AND (finished_at IS NULL OR scan_job.revision = scan_report.revision))`,
    ),
    putReport: db.prepare<[string, string, string, string, Uint8Array]>(
      `INSERT OR REPLACE INTO scan_report (digest, kind, media_type, revision, body) VALUES (?, ?, ?, ?, ?)`,
    ),
    getReport: db.prepare<[string, string, string, string], { body: Buffer }>(
      'SELECT body FROM scan_report WHERE digest = ? AND kind = ? AND media_type = ? AND revision = ?',
    ),
  };
  const prune = db.transaction((before: string): void => {
    sql.pruneJobs.run(before);
    sql.pruneReports.run();
  });
  let forgetting = false;
  /** The log of a database in WAL mode holds what pages were before; with nothing left in it, it is empty. */
  const forgetLog = (): void => {
    if (!forgetting || db.inTransaction) return;
    db.pragma('wal_checkpoint(TRUNCATE)');
    forgetting = false;
  };

  const jobs: SyncScanJobs = {
    'scanJobs.put': (job) => {
      const { id, source, state, ...rest } = job;
      const { authorization, ...place } = source;
      sql.put.run({
        id,
        digest: source.digest,
        job: JSON.stringify({ ...rest, source: place }),
        authorization: JSON.stringify(authorization),
        state: JSON.stringify(state),
        createdAt: job.createdAt,
      });
    },
    'scanJobs.get': (id) => {
      const row = sql.get.get(id);
      return row === undefined ? null : jobOf(row);
    },
    'scanJobs.finish': (id, state) => {
      const revision = state.kind === 'done' ? state.revision : null;
      sql.finish.run({ id, state: JSON.stringify(state), revision, finishedAt: state.finishedAt });
      forgetting = true;
      forgetLog();
    },
    'scanJobs.waiting': () => sql.waiting.all().map(jobOf),
    'scanJobs.prune': (before) => {
      prune(before);
    },
    'scanJobs.putReport': (key, body) => {
      sql.putReport.run(...columns(key), body);
    },
    'scanJobs.getReport': (key) => sql.getReport.get(...columns(key))?.body ?? null,
  };
  return { jobs, committed: forgetLog };
}

function columns(key: ReportKey): [string, string, string, string] {
  return [key.digest, key.kind, key.mediaType, key.revision];
}

/** What this program wrote. */
function jobOf(row: JobRow): ScanJob {
  const { source, ...rest } = JSON.parse(row.job) as Omit<ScanJob, 'id' | 'state' | 'source'> & {
    readonly source: Omit<ScanJob['source'], 'authorization'>;
  };
  const authorization =
    row.authorization === null
      ? ({ kind: 'none' } as const)
      : (JSON.parse(row.authorization) as RegistryAuthorization);
  const state = JSON.parse(row.state) as { readonly kind: 'waiting' } | FinishedState;
  return { ...rest, id: row.id, source: { ...source, authorization }, state };
}

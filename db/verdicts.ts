import type { Digest } from '../core/digest.ts';
import type {
  EvaluatedEntry,
  EvaluatedMatch,
  EvaluatedVerdicts,
  JudgedEntry,
  PutEvaluated,
  StandingVerdict,
  VerdictStore,
} from '../core/ports/verdicts.ts';
import type { FinalStatus, Verdict } from '../core/verdict.ts';
import type { ChangeLog } from './changes.ts';
import { entryOf, type PackedEntry, type StandingRow, unpackEvaluated } from './evaluated.ts';
import { packSmall, unpackSmall } from './packed-json.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

/** The part of `VerdictStore` that is about what stands, answered at once. */
export type SyncStanding = Sync<
  Pick<
    VerdictStore,
    | 'getVerdict'
    | 'putVerdicts'
    | 'verdictsOf'
    | 'listVerdicts'
    | 'pageVerdicts'
    | 'dueVerdicts'
    | 'nextDue'
    | 'keepPolicies'
  > &
    EvaluatedVerdicts
>;

interface Row {
  readonly digest: Digest;
  readonly policy: string;
  readonly version: number;
  readonly changed: number;
  readonly since: string;
  readonly status: FinalStatus;
  readonly verdict: Buffer;
}

const statusesWorstFirst: readonly FinalStatus[] = ['fail', 'error', 'warn', 'pass'];
const columns = 'digest, policy, version, changed, since, status, verdict';

/**
 * The standing verdicts. A row's version is the cursor of the change or the renewal that wrote it, so it is never used
 * twice; `changed` is that of its last change.
 */
export function verdictsOn(
  db: Sqlite,
  {
    log,
    imagesOf,
    putFound,
  }: {
    readonly log: ChangeLog;
    readonly imagesOf: (digest: Digest) => readonly string[];
    readonly putFound: (found: EvaluatedMatch) => void;
  },
): SyncStanding {
  const sql = {
    get: db.prepare<[Digest, string], Row>(
      `SELECT ${columns} FROM verdict_standing WHERE digest = ? AND policy = ?`,
    ),
    head: db.prepare<[Digest, string], Pick<Row, 'version' | 'changed' | 'since' | 'status'>>(
      'SELECT version, changed, since, status FROM verdict_standing WHERE digest = ? AND policy = ?',
    ),
    put: db.prepare<
      Omit<Row, 'verdict'> & Omit<EvaluatedEntry, 'before' | 'change' | 'text'> & { verdict: Uint8Array }
    >(
      `INSERT INTO verdict_standing (digest, policy, version, changed, status, since, policy_revision, advisories_revision, due_at, verdict)
       VALUES (@digest, @policy, @version, @changed, @status, @since, @policyRevision, @advisoriesRevision, @dueAt, @verdict)
       ON CONFLICT DO UPDATE SET version = @version, changed = @changed, status = @status, since = @since,
         policy_revision = @policyRevision, advisories_revision = @advisoriesRevision, due_at = @dueAt, verdict = @verdict`,
    ),
    ofImage: db.prepare<[Digest], Row>(
      `SELECT ${columns} FROM verdict_standing WHERE digest = ? ORDER BY policy`,
    ),
    worst: db.prepare<[FinalStatus, number], Row>(
      `SELECT ${columns} FROM verdict_standing WHERE status = ? ORDER BY changed DESC LIMIT ?`,
    ),
    page: db.prepare<[string, string, number], Row>(
      `SELECT ${columns} FROM verdict_standing WHERE (digest, policy) > (?, ?) ORDER BY digest, policy LIMIT ?`,
    ),
    due: db.prepare<[string], { digest: Digest }>(
      'SELECT digest FROM verdict_standing WHERE due_at <= ? ORDER BY due_at',
    ),
    nextDue: db.prepare<[], { due: string | null }>(
      'SELECT min(due_at) AS due FROM verdict_standing WHERE due_at IS NOT NULL',
    ),
    policies: db.prepare<[], { policy: string }>('SELECT DISTINCT policy FROM verdict_standing'),
    dropRenewals: db.prepare<[string]>(
      `DELETE FROM change WHERE kind = 'renewal' AND cursor IN (SELECT version FROM verdict_standing WHERE policy = ?)`,
    ),
    dropPolicy: db.prepare<[string]>('DELETE FROM verdict_standing WHERE policy = ?'),
  };

  const standingOf = (digest: Digest, policy: string): StandingRow | null => {
    const row = sql.get.get(digest, policy);
    return row === undefined ? null : { version: row.version, verdict: verdictOf(row) };
  };
  /** Written where the row is still the one that it was compared with. */
  const write = (entry: PackedEntry, at: string): boolean => {
    const { digest, policy, packed, before, change, ...columns } = entry;
    const standing = sql.head.get(digest, policy);
    if ((standing?.version ?? null) !== before) return false;
    if (standing !== undefined && standing.version !== standing.changed) log.dropRenewal(standing.version);
    const version = log.append(
      change === null
        ? { kind: 'renewal', at, digest, policy }
        : { kind: 'verdict', at, digest, policy, images: imagesOf(digest), to: entry.status, ...change },
    );
    sql.put.run({
      ...columns,
      digest,
      policy,
      version,
      changed: change === null ? (standing?.changed ?? version) : version,
      since: standing?.status === entry.status ? standing.since : at,
      verdict: packed,
    });
    return true;
  };
  const putVerdicts = db.transaction((entries: readonly JudgedEntry[], at: string): void => {
    for (const judged of entries) {
      const entry = entryOf(standingOf(judged.digest, judged.verdict.policy), judged);
      if (entry !== null) write({ ...entry, packed: packSmall(entry.text) }, at);
    }
  });
  const putEvaluated = db.transaction((batch: Uint8Array, at: string): PutEvaluated => {
    const { entries, matches } = unpackEvaluated(batch);
    for (const found of matches) putFound(found);
    const overtaken = entries.filter((entry) => !write(entry, at)).map(({ digest }) => digest);
    return { written: entries.length - overtaken.length, overtaken: [...new Set(overtaken)] };
  });
  const keepPolicies = db.transaction((names: readonly string[]): void => {
    for (const { policy } of sql.policies.all()) {
      if (names.includes(policy)) continue;
      sql.dropRenewals.run(policy);
      sql.dropPolicy.run(policy);
    }
  });
  const recordOf = (row: Row): StandingVerdict => ({
    digest: row.digest,
    policy: row.policy,
    verdict: verdictOf(row),
    images: imagesOf(row.digest),
    since: row.since,
  });

  return {
    getVerdict: (digest, policy) => standingOf(digest, policy)?.verdict ?? null,
    putVerdicts: (entries, at) => putVerdicts.immediate(entries, at),
    putEvaluated: (batch, at) => putEvaluated.immediate(batch, at),
    verdictsOf: (digest) => sql.ofImage.all(digest).map(recordOf),
    listVerdicts: (limit) => {
      const rows: Row[] = [];
      for (const status of statusesWorstFirst) {
        if (rows.length < limit) rows.push(...sql.worst.all(status, limit - rows.length));
      }
      return rows.map(recordOf);
    },
    pageVerdicts: (after, limit) =>
      sql.page.all(after?.digest ?? '', after?.policy ?? '', limit).map(recordOf),
    dueVerdicts: (at, limit) => {
      const digests = new Set<Digest>();
      for (const { digest } of sql.due.iterate(at)) {
        if (digests.size >= limit) break;
        digests.add(digest);
      }
      return [...digests];
    },
    nextDue: () => sql.nextDue.get()?.due ?? null,
    keepPolicies: (names) => keepPolicies.immediate(names),
  };
}

/** What this program wrote. */
export function verdictOf(row: { readonly verdict: Uint8Array }): Verdict {
  return JSON.parse(unpackSmall(row.verdict)) as Verdict;
}

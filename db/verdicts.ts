import type { Digest } from '../core/digest.ts';
import type {
  EvaluatedMatch,
  EvaluatedVerdicts,
  JudgedEntry,
  PutEvaluated,
  StandingVerdict,
  VerdictStore,
} from '../core/ports/verdicts.ts';
import type { FinalStatus } from '../core/verdict.ts';
import type { ChangeLog } from './changes.ts';
import { entryOf, type PackedEntry, type StandingRow, unpackEvaluated } from './evaluated.ts';
import { forgottenOn } from './forgotten.ts';
import { packSmall } from './packed-json.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';
import { markColumns, markOfRow, type VerdictRow, verdictOfRow } from './verdict-row.ts';

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

/** What a write has to know of the row that it takes the place of. */
interface HeadRow {
  readonly id: number;
  readonly version: number;
  readonly changed: number;
  readonly since: string;
  readonly status: FinalStatus;
  readonly due: string | null;
  readonly text: number;
}

interface Written {
  readonly id: number;
  readonly version: number;
  readonly changed: number;
  readonly since: string;
  readonly status: FinalStatus;
  readonly dueAt: string | null;
  readonly text: number;
  readonly decided: string;
  readonly described: string;
  readonly policyRevision: string;
  readonly advisoriesRevision: string;
  readonly scanner: string;
  readonly evaluatedAt: string;
  readonly validUntil: string | null;
  readonly nextAt: string | null;
  readonly nextStatus: FinalStatus | null;
}

const statusesWorstFirst: readonly FinalStatus[] = ['fail', 'error', 'warn', 'pass'];
const rows = `SELECT digest, policy, since, packed, ${markColumns}
  FROM verdict_standing JOIN verdict_text ON verdict_text.id = text`;
const terms = `policy_revision = @policyRevision, advisories_revision = @advisoriesRevision, scanner = @scanner,
  evaluated_at = @evaluatedAt, valid_until = @validUntil, next_at = @nextAt, next_status = @nextStatus`;

/**
 * The standing verdicts. A row's version is the cursor of the change or the renewal that wrote it, so it is never used
 * twice; `changed` is that of its last change, `text` that of the write that its text is of. A renewal that says the same
 * writes no text, and touches no index that it need not.
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
    get: db.prepare<[Digest, string], VerdictRow>(`${rows} WHERE digest = ? AND policy = ?`),
    head: db.prepare<[Digest, string], HeadRow>(
      `SELECT id, version, changed, since, status, due_at AS due, text FROM verdict_standing
       WHERE digest = ? AND policy = ?`,
    ),
    add: db.prepare<Omit<Written, 'id'> & { digest: Digest; policy: string }>(
      `INSERT INTO verdict_standing (digest, policy, version, changed, status, since, policy_revision, advisories_revision,
         scanner, evaluated_at, valid_until, next_at, next_status, due_at, decided, described, text)
       VALUES (@digest, @policy, @version, @changed, @status, @since, @policyRevision, @advisoriesRevision,
         @scanner, @evaluatedAt, @validUntil, @nextAt, @nextStatus, @dueAt, @decided, @described, @text)`,
    ),
    replace: db.prepare<Written>(
      `UPDATE verdict_standing SET version = @version, changed = @changed, status = @status, since = @since, ${terms},
         due_at = @dueAt, decided = @decided, described = @described, text = @text WHERE id = @id`,
    ),
    renew: db.prepare<Written>(`UPDATE verdict_standing SET version = @version, ${terms} WHERE id = @id`),
    addText: db.prepare<[number, Uint8Array]>('INSERT INTO verdict_text (id, packed) VALUES (?, ?)'),
    dropText: db.prepare<[number]>('DELETE FROM verdict_text WHERE id = ?'),
    ofImage: db.prepare<[Digest], VerdictRow>(`${rows} WHERE digest = ? ORDER BY policy`),
    worst: db.prepare<[FinalStatus, number], VerdictRow>(
      `${rows} WHERE status = ? ORDER BY changed DESC LIMIT ?`,
    ),
    page: db.prepare<[string, string, number], VerdictRow>(
      `${rows} WHERE (digest, policy) > (?, ?) ORDER BY digest, policy LIMIT ?`,
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
    dropTexts: db.prepare<[string]>(
      'DELETE FROM verdict_text WHERE id IN (SELECT text FROM verdict_standing WHERE policy = ?)',
    ),
    dropPolicy: db.prepare<[string]>('DELETE FROM verdict_standing WHERE policy = ?'),
  };

  const forgotten = forgottenOn(db);
  const standingOf = (digest: Digest, policy: string): StandingRow | null => {
    const row = sql.get.get(digest, policy);
    if (row === undefined) return null;
    const { version, status } = row;
    return { version, status, mark: markOfRow(row), verdict: () => verdictOfRow(row, row.packed) };
  };
  /** Written where the row is still the one that it was compared with. */
  const write = (entry: PackedEntry, at: string): boolean => {
    const { digest, policy, packed, before, change, mark } = entry;
    const standing = sql.head.get(digest, policy);
    if ((standing?.version ?? null) !== before) return false;
    if (standing !== undefined && standing.version !== standing.changed) log.dropRenewal(standing.version);
    const version = log.append(
      change === null
        ? { kind: 'renewal', at, digest, policy }
        : { kind: 'verdict', at, digest, policy, images: imagesOf(digest), to: entry.status, ...change },
    );
    const { next, ...terms } = mark.terms;
    const written = {
      ...terms,
      nextAt: next?.at ?? null,
      nextStatus: next?.status ?? null,
      status: entry.status,
      dueAt: entry.dueAt,
      decided: mark.decided,
      described: mark.described,
      version,
      changed: change === null ? (standing?.changed ?? version) : version,
      since: standing?.status === entry.status ? standing.since : at,
      text: packed === null ? (standing?.text ?? version) : version,
    };
    if (packed !== null) {
      if (standing !== undefined) sql.dropText.run(standing.text);
      sql.addText.run(version, packed);
    }
    if (standing === undefined) sql.add.run({ ...written, digest, policy });
    else if (packed === null && standing.due === entry.dueAt) sql.renew.run({ ...written, id: standing.id });
    else sql.replace.run({ ...written, id: standing.id });
    return true;
  };
  const putVerdicts = db.transaction((entries: readonly JudgedEntry[], at: string): void => {
    for (const judged of entries) {
      const entry = entryOf(standingOf(judged.digest, judged.verdict.policy), judged);
      if (entry === null) continue;
      const { text, ...rest } = entry;
      write({ ...rest, packed: text === null ? null : packSmall(text) }, at);
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
      sql.dropTexts.run(policy);
      sql.dropPolicy.run(policy);
      forgotten.note(policy);
    }
  });
  const recordOf = (row: VerdictRow): StandingVerdict => ({
    digest: row.digest,
    policy: row.policy,
    verdict: verdictOfRow(row, row.packed),
    images: imagesOf(row.digest),
    since: row.since,
  });

  return {
    getVerdict: (digest, policy) => standingOf(digest, policy)?.verdict() ?? null,
    putVerdicts: (entries, at) => putVerdicts.immediate(entries, at),
    putEvaluated: (batch, at) => putEvaluated.immediate(batch, at),
    verdictsOf: (digest) => sql.ofImage.all(digest).map(recordOf),
    listVerdicts: (limit) => {
      const found: VerdictRow[] = [];
      for (const status of statusesWorstFirst) {
        if (found.length < limit) found.push(...sql.worst.all(status, limit - found.length));
      }
      return found.map(recordOf);
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

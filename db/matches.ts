import { createHash } from 'node:crypto';
import type { Digest } from '../core/digest.ts';
import type { Finding, MatchResult } from '../core/finding.ts';
import type { Records } from '../core/ports/records.ts';
import { keptRevisionsOn } from './kept-revisions.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

export type SyncMatches = Sync<Pick<Records, 'getMatch' | 'putMatch'>>;

export interface MatchRow {
  /** JSON of a `MatchResult` with ids in the place of its findings. */
  readonly result: string;
}

type Result = Omit<MatchResult, 'findings'> & { readonly findings: readonly number[] };

/**
 * What was found in images. A finding is written once, however many images have it: most images share theirs with
 * others, and to read and to parse them again for each would be most of the work of judging all of them.
 * @param held findings that are kept in memory; none where the same connection writes
 */
export function matchesOn(
  db: Sqlite,
  held = 0,
): {
  readonly matches: SyncMatches;
  /** As `putMatch`, inside somebody's transaction. */
  readonly put: (digest: Digest, match: MatchResult) => void;
  /** Takes out what was found in an image. */
  readonly forget: (digest: Digest) => void;
} {
  const sql = {
    get: db.prepare<[Digest, string], MatchRow>(
      'SELECT result FROM match WHERE digest = ? AND advisories_revision = ?',
    ),
    put: db.prepare<[Digest, string, string]>(
      'INSERT OR REPLACE INTO match (digest, advisories_revision, result) VALUES (?, ?, ?)',
    ),
    forget: db.prepare<[Digest]>('DELETE FROM match WHERE digest = ?'),
    finding: db.prepare<[string, Uint8Array], { id: number }>(
      'SELECT id FROM finding WHERE revision = ? AND hash = ?',
    ),
    addFinding: db.prepare<[string, Uint8Array, string]>(
      'INSERT INTO finding (revision, hash, finding) VALUES (?, ?, ?)',
    ),
  };
  const keepRevision = keptRevisionsOn(db);
  // Who writes may remember nothing of another transaction: it may have been rolled back, and its ids given again.
  const findings = new FindingsById(db, held);
  const idOf = (revision: string, finding: Finding): number => {
    const text = JSON.stringify(finding);
    const hash = createHash('sha256').update(text).digest();
    const known = sql.finding.get(revision, hash)?.id;
    return known ?? Number(sql.addFinding.run(revision, hash, text).lastInsertRowid);
  };
  const put = (digest: Digest, match: MatchResult): void => {
    const { revision } = match.advisories;
    keepRevision(revision);
    const result: Result = { ...match, findings: match.findings.map((finding) => idOf(revision, finding)) };
    sql.put.run(digest, revision, JSON.stringify(result));
  };
  const putMatch = db.transaction(put);
  return {
    put,
    forget: (digest) => {
      sql.forget.run(digest);
    },
    matches: {
      getMatch: (digest, revision) => {
        const row = sql.get.get(digest, revision);
        return row === undefined ? null : matchOf(row, findings);
      },
      putMatch: (digest, match) => putMatch.immediate(digest, match),
    },
  };
}

/** Findings by their ids, `most` of them kept in memory. An id that is on disk never means another finding. */
export class FindingsById {
  readonly #held = new Map<number, Finding>();
  readonly #most: number;
  readonly #get;

  constructor(db: Sqlite, most: number) {
    this.#most = most;
    this.#get = db.prepare<[number], { finding: string }>('SELECT finding FROM finding WHERE id = ?');
  }

  /** @throws Error where it is not there: that would be damage, and no finding is left out for it */
  get(id: number): Finding {
    const held = this.#held.get(id);
    if (held !== undefined) return held;
    const row = this.#get.get(id);
    if (row === undefined) throw new Error(`finding ${id} is missing from the records`);
    const finding = JSON.parse(row.finding) as Finding;
    if (this.#most === 0) return finding;
    if (this.#held.size >= this.#most) this.#held.clear();
    this.#held.set(id, finding);
    return finding;
  }
}

/** What this program wrote. */
export function matchOf({ result }: MatchRow, findings: FindingsById): MatchResult {
  const { findings: ids, ...rest } = JSON.parse(result) as Result;
  return { ...rest, findings: ids.map((id) => findings.get(id)) };
}

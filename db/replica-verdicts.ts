import type { Digest } from '../core/digest.ts';
import type { HeldVerdict } from '../core/ports/replica.ts';
import type { ReplicaVerdict } from '../core/replica.ts';
import { type FinalStatus, textsOf, verdictOf } from '../core/verdict.ts';
import { digestBytes, markOf, verifyMark } from './replica-marks.ts';
import type { SharedTexts } from './replica-texts.ts';
import type { Sqlite } from './sqlite.ts';

interface Row {
  readonly policy_revision: number;
  readonly advisories_revision: number;
  readonly scanner: number;
  readonly evaluated_at: number;
  readonly since: number;
  readonly valid_until: number | null;
  readonly next_at: number | null;
  readonly next_status: FinalStatus | null;
  readonly text: number;
  readonly images: string;
  readonly mark: Buffer;
}

interface Shared {
  readonly text: number;
}

/** Between the two texts of a verdict; JSON has none. */
const separator = '\n';

export interface ReplicaVerdicts {
  /** @throws DamagedReplica */
  get(digest: Digest, policy: string): HeldVerdict | null;
  /** @returns whether it is one more */
  put(entry: ReplicaVerdict, generation: number): boolean;
  has(digest: Digest, policy: string): boolean;
  /** Whether one that was made later is held: an answer was long on its way, and the stream does not tell that one again. */
  isOvertaken(entry: Pick<ReplicaVerdict, 'digest' | 'policy' | 'verdict'>): boolean;
  /** All of a policy. */
  forget(policy: string): number;
  /** All that were not put in this generation. */
  forgetBefore(generation: number): number;
  count(): number;
}

export function replicaVerdictsOn(db: Sqlite, shared: SharedTexts): ReplicaVerdicts {
  const sql = {
    get: db.prepare<[Buffer, number], Row>(
      `SELECT policy_revision, advisories_revision, scanner, evaluated_at, since, valid_until, next_at, next_status, text,
         images, mark
       FROM verdict WHERE digest = ? AND policy = ?`,
    ),
    madeAt: db.prepare<[Buffer, number], Pick<Row, 'evaluated_at'>>(
      'SELECT evaluated_at FROM verdict WHERE digest = ? AND policy = ?',
    ),
    shared: db.prepare<[Buffer, number], Shared>('SELECT text FROM verdict WHERE digest = ? AND policy = ?'),
    put: db.prepare<
      [{ digest: Buffer; policy: number; generation: number } & { [Name in keyof Row]: Row[Name] }]
    >(
      `INSERT OR REPLACE INTO verdict (digest, policy, generation, policy_revision, advisories_revision, scanner, evaluated_at,
         since, valid_until, next_at, next_status, text, images, mark)
       VALUES (@digest, @policy, @generation, @policy_revision, @advisories_revision, @scanner, @evaluated_at,
         @since, @valid_until, @next_at, @next_status, @text, @images, @mark)`,
    ),
    forget: db.prepare<[number]>('DELETE FROM verdict WHERE policy = ?'),
    forgetBefore: db.prepare<[number]>('DELETE FROM verdict WHERE generation < ?'),
    sweepTexts: db.prepare<[]>('DELETE FROM text WHERE id NOT IN (SELECT text FROM verdict)'),
    count: db.prepare<[], { count: number }>('SELECT count(*) AS count FROM verdict'),
  };
  return {
    get: (digest, policy) => {
      const policyId = shared.knownWord(policy);
      const row = policyId === null ? undefined : sql.get.get(digestBytes(digest), policyId);
      if (row === undefined) return null;
      const { text, hash } = shared.text(row.text);
      verifyMark(row.mark, 'a verdict', ...marked(shared, digest, policy, row, hash));
      const end = text.indexOf(separator);
      const { next_at: at, next_status: status } = row;
      const terms = {
        policyRevision: shared.word(row.policy_revision),
        advisoriesRevision: shared.word(row.advisories_revision),
        scanner: shared.word(row.scanner),
        evaluatedAt: iso(row.evaluated_at),
        validUntil: row.valid_until === null ? null : iso(row.valid_until),
        next: at === null || status === null ? null : { at: iso(at), status },
      };
      const texts = { decided: text.slice(0, end), described: text.slice(end + 1) };
      return {
        verdict: verdictOf(policy, terms, texts),
        since: iso(row.since),
        images: JSON.parse(row.images) as readonly string[],
      };
    },
    put: ({ digest, policy, verdict, since, images }, generation) => {
      const { decided, described } = textsOf(verdict);
      const text = shared.keep(decided + separator + described);
      const key = [digestBytes(digest), shared.wordId(policy)] as const;
      const before = sql.shared.get(...key);
      const row = {
        policy_revision: shared.wordId(verdict.policyRevision),
        advisories_revision: shared.wordId(verdict.advisoriesRevision),
        scanner: shared.wordId(verdict.scanner),
        evaluated_at: Date.parse(verdict.evaluatedAt),
        since: Date.parse(since),
        valid_until: verdict.validUntil === null ? null : Date.parse(verdict.validUntil),
        next_at: verdict.next === null ? null : Date.parse(verdict.next.at),
        next_status: verdict.next?.status ?? null,
        text: text.id,
        images: JSON.stringify(images),
      };
      const mark = markOf(...marked(shared, digest, policy, row, text.hash));
      sql.put.run({ digest: key[0], policy: key[1], generation, ...row, mark });
      if (before !== undefined && before.text !== row.text) shared.release(before.text);
      return before === undefined;
    },
    has: (digest, policy) => {
      const policyId = shared.knownWord(policy);
      return policyId !== null && sql.shared.get(digestBytes(digest), policyId) !== undefined;
    },
    isOvertaken: ({ digest, policy, verdict }) => {
      const policyId = shared.knownWord(policy);
      const held = policyId === null ? undefined : sql.madeAt.get(digestBytes(digest), policyId);
      return held !== undefined && held.evaluated_at > Date.parse(verdict.evaluatedAt);
    },
    forget: (policy) => {
      const policyId = shared.knownWord(policy);
      if (policyId === null) return 0;
      const { changes } = sql.forget.run(policyId);
      if (changes > 0) sql.sweepTexts.run();
      return changes;
    },
    forgetBefore: (generation) => {
      const { changes } = sql.forgetBefore.run(generation);
      if (changes > 0) sql.sweepTexts.run();
      return changes;
    },
    count: () => sql.count.get()?.count ?? 0,
  };
}

function marked(
  shared: SharedTexts,
  digest: Digest,
  policy: string,
  row: Omit<Row, 'mark'>,
  textHash: string,
): readonly (string | number | null)[] {
  return [
    ...[digest, policy, shared.word(row.policy_revision), shared.word(row.advisories_revision)],
    shared.word(row.scanner),
    ...[row.evaluated_at, row.since, row.valid_until, row.next_at, row.next_status, textHash, row.images],
  ];
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

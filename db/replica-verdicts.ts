import type { Digest } from '../core/digest.ts';
import type { HeldVerdict } from '../core/ports/replica.ts';
import type { ReplicaVerdict } from '../core/replica.ts';
import { type FinalStatus, textsOf, verdictOf } from '../core/verdict.ts';
import { packSmall } from './packed-json.ts';
import { DamagedReplica, digestBytes, markOfText } from './replica-marks.ts';
import { unreadWord } from './replica-schema.ts';
import { type SharedWords, unpacked } from './replica-words.ts';
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
  readonly packed: Buffer;
  readonly images: string;
  readonly mark: Buffer;
}

type Written = { digest: Buffer; policy: number; generation: number } & { [Name in keyof Row]: Row[Name] };

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
  /** Of those that could not be read. */
  countUnread(): number;
}

export function replicaVerdictsOn(db: Sqlite, words: SharedWords): ReplicaVerdicts {
  const sql = {
    get: db.prepare<[Buffer, number], Row>(
      `SELECT policy_revision, advisories_revision, scanner, evaluated_at, since, valid_until, next_at, next_status, packed,
         images, mark
       FROM verdict WHERE digest = ? AND policy = ?`,
    ),
    madeAt: db.prepare<[Buffer, number], Pick<Row, 'evaluated_at'>>(
      'SELECT evaluated_at FROM verdict WHERE digest = ? AND policy = ?',
    ),
    add: db.prepare<[Written]>(
      `INSERT INTO verdict (digest, policy, generation, policy_revision, advisories_revision, scanner, evaluated_at, since,
         valid_until, next_at, next_status, packed, images, mark)
       VALUES (@digest, @policy, @generation, @policy_revision, @advisories_revision, @scanner, @evaluated_at, @since,
         @valid_until, @next_at, @next_status, @packed, @images, @mark)
       ON CONFLICT (digest, policy) DO NOTHING`,
    ),
    replace: db.prepare<[Written]>(
      `UPDATE verdict SET generation = @generation, policy_revision = @policy_revision,
         advisories_revision = @advisories_revision, scanner = @scanner, evaluated_at = @evaluated_at, since = @since,
         valid_until = @valid_until, next_at = @next_at, next_status = @next_status, packed = @packed, images = @images,
         mark = @mark
       WHERE digest = @digest AND policy = @policy`,
    ),
    forget: db.prepare<[number]>('DELETE FROM verdict WHERE policy = ?'),
    forgetBefore: db.prepare<[number]>('DELETE FROM verdict WHERE generation < ?'),
    unread: db.prepare<[], { count: number }>(
      `SELECT count(*) AS count FROM verdict WHERE policy_revision = ${unreadWord}`,
    ),
    count: db.prepare<[], { count: number }>('SELECT count(*) AS count FROM verdict'),
  };
  const madeAt = (digest: Digest, policy: string): number | null => {
    const policyId = words.knownId(policy);
    if (policyId === null) return null;
    return sql.madeAt.get(digestBytes(digest), policyId)?.evaluated_at ?? null;
  };
  return {
    get: (digest, policy) => {
      const policyId = words.knownId(policy);
      const row = policyId === null ? undefined : sql.get.get(digestBytes(digest), policyId);
      if (row === undefined) return null;
      const text = unpacked(row.packed);
      if (!marked(words, digest, policy, row, text).equals(row.mark))
        throw new DamagedReplica('a verdict is not as it was written');
      const end = text.indexOf(separator);
      const { next_at: at, next_status: status } = row;
      const terms = {
        policyRevision: words.word(row.policy_revision),
        advisoriesRevision: words.word(row.advisories_revision),
        scanner: words.word(row.scanner),
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
      const text = decided + separator + described;
      const row = {
        policy_revision: words.id(verdict.policyRevision),
        advisories_revision: words.id(verdict.advisoriesRevision),
        scanner: words.id(verdict.scanner),
        evaluated_at: Date.parse(verdict.evaluatedAt),
        since: Date.parse(since),
        valid_until: verdict.validUntil === null ? null : Date.parse(verdict.validUntil),
        next_at: verdict.next === null ? null : Date.parse(verdict.next.at),
        next_status: verdict.next?.status ?? null,
        packed: packSmall(text),
        images: JSON.stringify(images),
      };
      const mark = marked(words, digest, policy, row, text);
      const key = { digest: digestBytes(digest), policy: words.id(policy) };
      const written: Written = { ...key, generation, ...row, mark };
      const isNew = sql.add.run(written).changes > 0;
      if (!isNew) sql.replace.run(written);
      return isNew;
    },
    has: (digest, policy) => madeAt(digest, policy) !== null,
    isOvertaken: ({ digest, policy, verdict }) => {
      const held = madeAt(digest, policy);
      return held !== null && held > Date.parse(verdict.evaluatedAt);
    },
    forget: (policy) => {
      const policyId = words.knownId(policy);
      return policyId === null ? 0 : sql.forget.run(policyId).changes;
    },
    forgetBefore: (generation) => sql.forgetBefore.run(generation).changes,
    countUnread: () => sql.unread.get()?.count ?? 0,
    count: () => sql.count.get()?.count ?? 0,
  };
}

function marked(
  words: SharedWords,
  digest: Digest,
  policy: string,
  row: Omit<Row, 'mark' | 'packed'>,
  text: string,
): Buffer {
  return markOfText(
    text,
    ...[digest, policy, words.word(row.policy_revision), words.word(row.advisories_revision)],
    words.word(row.scanner),
    ...[row.evaluated_at, row.since, row.valid_until, row.next_at, row.next_status, row.images],
  );
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

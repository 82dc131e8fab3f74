import type { Digest } from '../core/digest.ts';
import { forGates, imagesForGates } from '../core/for-gates.ts';
import type {
  GateStream,
  HeldManifest,
  HeldPage,
  StandingPage,
  StreamPlace,
} from '../core/ports/gate-stream.ts';
import type { ReplicaVerdict } from '../core/replica.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import { forgottenOn } from './forgotten.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';
import { markColumns, type VerdictRow, verdictOfRow } from './verdict-row.ts';

/** The operations of `GateStream`, answered at once. */
export type SyncGateStream = Sync<GateStream>;

/** Rows of the log that one page looks at; most of an old log is overtaken, and costs a look each. */
const mostLookedAt = 20_000;
/** Characters of a page, and bytes of manifests: one more may be added. */
const largestPage = 8 * 1024 ** 2;
/** Starts of a server whose cursors are still known. */
const namesKept = 1_000;

interface HeldRow {
  readonly cursor: number;
  readonly repository: number;
  readonly upstream: string;
  readonly path: string;
  readonly namespace: string;
  readonly digest: Digest;
  /** null: the repository does not hold it any more. */
  readonly mediaType: string | null;
  readonly bytes: Buffer | null;
}

/** A row of the log, with the verdict that it has written and that still stands. */
type LoggedRow = { readonly cursor: number } & (VerdictRow | { readonly digest: null });

const addressColumns = `upstream, path, substr(canonical, 1, length(canonical) - length(path) - 1) AS namespace`;

export function gateStreamOn(db: Sqlite, imagesOf: (digest: Digest) => readonly string[]): SyncGateStream {
  const sql = {
    addName: db.prepare<[string]>(
      `INSERT INTO records_name (name, changes, held) VALUES (?,
         coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0),
         coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'held_change'), 0))`,
    ),
    trimNames: db.prepare<[number]>(
      'DELETE FROM records_name WHERE id <= (SELECT max(id) FROM records_name) - ?',
    ),
    newest: db.prepare<[], { name: string }>('SELECT name FROM records_name ORDER BY id DESC LIMIT 1'),
    /** How far cursors of a name count: to where the next one begins; null: it is the newest. */
    ends: db.prepare<[string], { changes: number | null; held: number | null }>(
      `SELECT next.changes, next.held FROM records_name AS own
       LEFT JOIN records_name AS next ON next.id = (SELECT min(id) FROM records_name WHERE id > own.id)
       WHERE own.name = ?`,
    ),
    last: db.prepare<[string], { seq: number }>('SELECT seq FROM sqlite_sequence WHERE name = ?'),
    // A standing verdict's version is the cursor of what wrote it: the rest of the log is overtaken.
    standing: db.prepare<[number], LoggedRow>(
      `SELECT change.cursor AS cursor, told.digest, told.policy, told.since, packed, ${markColumns
        .split(',')
        .map((column) => `told.${column.trim()}`)
        .join(', ')}
       FROM change LEFT JOIN verdict_standing AS told
         ON told.digest = change.digest AND told.policy = change.policy AND told.version = change.cursor
       LEFT JOIN verdict_text ON verdict_text.id = told.text
       WHERE change.cursor > ? ORDER BY change.cursor`,
    ),
    held: db.prepare<[number, number], HeldRow>(
      `SELECT cursor, changed.repository, ${addressColumns}, changed.digest, media_type AS mediaType, bytes
       FROM held_change AS changed JOIN repository ON repository.id = changed.repository
       LEFT JOIN repository_manifest AS here ON here.digest = changed.digest AND here.repository = changed.repository
       LEFT JOIN manifest ON manifest.digest = here.digest
       WHERE cursor > ? ORDER BY cursor LIMIT ?`,
    ),
    tags: db.prepare<[number, Digest], { tag: string }>(
      'SELECT tag FROM tag WHERE repository = ? AND digest = ? ORDER BY tag LIMIT 1000',
    ),
    manifest: db.prepare<[string, string, Digest], Pick<HeldManifest, 'mediaType' | 'bytes'>>(
      `SELECT media_type AS mediaType, bytes FROM manifest JOIN repository_manifest USING (digest)
       JOIN repository ON repository.id = repository WHERE upstream = ? AND path = ? AND digest = ?`,
    ),
  };
  const forgotten = forgottenOn(db);
  const lastOf = (log: 'change' | 'held_change'): number => sql.last.get(log)?.seq ?? 0;
  /** From where to go on; null: the place is not one of these records. */
  const startOf = ({ records, cursor }: StreamPlace, log: 'change' | 'held_change'): number | null => {
    if (records === null || cursor === 0) return 0;
    const ends = sql.ends.get(records);
    if (ends === undefined) return null;
    const end = (log === 'change' ? ends.changes : ends.held) ?? lastOf(log);
    return cursor <= end ? cursor : null;
  };
  const nameNow = (): string => {
    const name = sql.newest.get()?.name;
    if (name === undefined) throw new Error('records that were given no name');
    return name;
  };

  const standingAfter = db.transaction((place: StreamPlace, limit: number): StandingPage | 'gone' => {
    const from = startOf(place, 'change');
    if (from === null) return 'gone';
    const last = lastOf('change');
    const texts: string[] = [];
    let size = 0;
    let looked = 0;
    // What was taken out of the log at its end counts as read.
    let cursor = last;
    for (const row of sql.standing.iterate(from)) {
      looked += 1;
      if (row.digest !== null) {
        const text = JSON.stringify(toldOf(row));
        texts.push(text);
        size += text.length;
      }
      if (texts.length < limit && size < largestPage && looked < mostLookedAt) continue;
      cursor = row.cursor;
      break;
    }
    const verdicts = `[${texts.join(',')}]`;
    return {
      records: nameNow(),
      verdicts,
      count: texts.length,
      forgotten: forgotten.after(from),
      cursor,
      last,
    };
  });

  const toldOf = (row: VerdictRow): ReplicaVerdict => ({
    digest: row.digest,
    policy: row.policy,
    verdict: forGates(verdictOfRow(row, row.packed)),
    since: row.since,
    images: imagesForGates(imagesOf(row.digest)),
  });
  const heldAfter = db.transaction((place: StreamPlace, limit: number): HeldPage | 'gone' => {
    const from = startOf(place, 'held_change');
    if (from === null) return 'gone';
    const last = lastOf('held_change');
    const held: HeldManifest[] = [];
    const gone: { readonly address: RepositoryAddress; readonly digest: Digest }[] = [];
    let size = 0;
    let cursor = last;
    for (const row of sql.held.iterate(from, limit)) {
      const { upstream, path, namespace, digest, mediaType, bytes } = row;
      const address = { upstream, path, namespace };
      if (mediaType === null || bytes === null) gone.push({ address, digest });
      else held.push({ address, digest, mediaType, bytes, tags: tagsOf(row) });
      size += bytes?.length ?? 0;
      if (held.length + gone.length < limit && size < largestPage) continue;
      cursor = row.cursor;
      break;
    }
    return { records: nameNow(), held, gone, cursor, last };
  });
  const tagsOf = ({ repository, digest }: HeldRow): readonly string[] =>
    sql.tags.all(repository, digest).map(({ tag }) => tag);
  const beginRecords = db.transaction((name: string): void => {
    sql.addName.run(name);
    sql.trimNames.run(namesKept);
  });

  return {
    beginRecords: (name) => beginRecords.immediate(name),
    standingAfter: (place, limit) => standingAfter(place, limit),
    heldAfter: (place, limit) => heldAfter(place, limit),
    manifestsIn: (address, digests) =>
      digests.flatMap((digest) => {
        const found = sql.manifest.get(address.upstream, address.path, digest);
        return found === undefined ? [] : [{ address, digest, ...found, tags: [] }];
      }),
  };
}

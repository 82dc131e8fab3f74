import type { ReplicaPlace, ReplicaStream } from '../core/ports/replica.ts';
import { packSmall } from './packed-json.ts';
import { DamagedReplica, markOf, verifyMark } from './replica-marks.ts';
import { unpacked } from './replica-words.ts';
import type { Sqlite } from './sqlite.ts';

interface StreamState extends ReplicaPlace {
  /** Rises with every reading from the beginning; rows of an older one were not seen in it. */
  readonly generation: number;
  /** Whether it is being read from the beginning: what is of an older generation goes at its end. */
  readonly reading: boolean;
}

export interface ReplicaMeta {
  /** Which proxy it is of. */
  readonly proxy: string;
  readonly heardAt: number | null;
  readonly changes: StreamState;
  readonly images: StreamState;
}

const begun: StreamState = { records: null, cursor: 0, complete: false, generation: 1, reading: true };

export interface MetaRow {
  get(): ReplicaMeta;
  put(meta: ReplicaMeta): void;
  stream(stream: ReplicaStream): StreamState;
  putStream(stream: ReplicaStream, state: StreamState): void;
  /** Where a transaction that put something else was taken back. */
  reread(): void;
  ground(): string | null;
  putGround(text: string): void;
}

/**
 * @param proxy which one is followed now
 * @throws DamagedReplica where the file is that of another proxy
 */
export function metaOn(db: Sqlite, proxy: string): MetaRow {
  const sql = {
    get: db.prepare<[], { body: string; mark: Buffer }>('SELECT body, mark FROM meta'),
    put: db.prepare<[string, Buffer]>('INSERT OR REPLACE INTO meta (id, body, mark) VALUES (1, ?, ?)'),
    ground: db.prepare<[], { packed: Buffer; mark: Buffer }>('SELECT packed, mark FROM ground'),
    putGround: db.prepare<[Buffer, Buffer]>(
      'INSERT OR REPLACE INTO ground (id, packed, mark) VALUES (1, ?, ?)',
    ),
  };
  const read = (): ReplicaMeta => {
    const row = sql.get.get();
    if (row === undefined) return { proxy, heardAt: null, changes: begun, images: begun };
    verifyMark(row.mark, 'what it says of itself', row.body);
    return JSON.parse(row.body) as ReplicaMeta;
  };
  let meta = read();
  if (meta.proxy !== proxy) throw new DamagedReplica(`it is a replica of another proxy, ${meta.proxy}`);
  const put = (next: ReplicaMeta): void => {
    const body = JSON.stringify(next);
    sql.put.run(body, markOf(body));
    meta = next;
  };
  put(meta);
  return {
    get: () => meta,
    put,
    stream: (stream) => meta[stream],
    putStream: (stream, state) => put({ ...meta, [stream]: state }),
    reread: () => {
      meta = read();
    },
    ground: () => {
      const row = sql.ground.get();
      if (row === undefined) return null;
      const text = unpacked(row.packed);
      verifyMark(row.mark, 'its ground', text);
      return text;
    },
    putGround: (text) => {
      sql.putGround.run(packSmall(text), markOf(text));
    },
  };
}

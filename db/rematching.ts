import type { PackageFound } from '../core/match.ts';
import type { MatchState, MatchSwitch, Rematching, SwitchOutcome } from '../core/ports/rematching.ts';
import type { Sqlite } from './sqlite.ts';
import type { Sync } from './sync.ts';

/** The operations of `Rematching`, answered at once. */
export type SyncRematching = Sync<Rematching>;

/** Findings of a package under the revision to come, packed; null: they could not be made, and none are to be known. */
export interface RematchedPackage {
  readonly package: number;
  readonly findings: Uint8Array | null;
  readonly spokenFor: PackageFound['spokenFor'];
}

export interface RematchedGround {
  readonly system: string;
  /** JSON of a `MatchGround`. */
  readonly ground: string;
}

interface Head {
  readonly round: string;
  readonly packages: readonly {
    readonly package: number;
    readonly size: number | null;
    readonly spokenFor: PackageFound['spokenFor'];
  }[];
  readonly grounds: readonly RematchedGround[];
}

/** Bytes of the number that says how long the head is. */
const lengthBytes = 4;

/** What `stageMatches` takes: the head's length, the head (JSON), and the packed findings one after the other. */
export function packRematched(
  round: string,
  packages: readonly RematchedPackage[],
  grounds: readonly RematchedGround[] = [],
): Uint8Array {
  const head: Head = {
    round,
    packages: packages.map(({ package: id, findings, spokenFor }) => ({
      package: id,
      size: findings?.length ?? null,
      spokenFor,
    })),
    grounds,
  };
  const headBytes = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(headBytes.length);
  const parts = [length, headBytes, ...packages.flatMap(({ findings }) => findings ?? [])];
  // Not out of Node's shared pool, so that it can be handed over to another thread.
  const batch = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    batch.set(part, at);
    at += part.length;
  }
  return batch;
}

/** It never comes from outside the process. */
function unpackRematched(batch: Uint8Array): Omit<Head, 'packages'> & {
  readonly packages: readonly RematchedPackage[];
} {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  const headEnd = lengthBytes + bytes.readUInt32LE(0);
  const { packages, ...head } = JSON.parse(bytes.toString('utf8', lengthBytes, headEnd)) as Head;
  let at = headEnd;
  const take = (size: number): Uint8Array => {
    at += size;
    return bytes.subarray(at - size, at);
  };
  return {
    ...head,
    packages: packages.map(({ package: id, size, spokenFor }) => ({
      package: id,
      findings: size === null ? null : take(size),
      spokenFor,
    })),
  };
}

const [roundName, askedName, doneName] = ['rematch-round', 'rematch-asked', 'rematch-done'] as const;

/**
 * The findings of all packages go over to another revision in one transaction that only copies what was laid ready:
 * whoever reads sees all of the one or all of the other. Where it never comes to that, nothing has changed.
 */
export function rematchingOn(db: Sqlite): SyncRematching {
  const sql = {
    state: db.prepare<[], MatchState>('SELECT revision, generation FROM match_state'),
    last: db.prepare<[], { last: number }>('SELECT coalesce(max(id), 0) AS last FROM package_match'),
    stage: db.prepare<[number, Uint8Array | null, string | null]>(
      'INSERT OR REPLACE INTO match_next VALUES (?, ?, ?)',
    ),
    stageGround: db.prepare<[string, string]>('INSERT OR REPLACE INTO match_next_ground VALUES (?, ?)'),
    // What was taken out in between stays out.
    take: db.prepare(
      `UPDATE package_match SET findings = next.findings, spoken_for = next.spoken_for FROM match_next AS next
       WHERE next.package = package_match.package AND next.findings IS NOT NULL`,
    ),
    drop: db.prepare(
      `DELETE FROM package_match WHERE package IN (SELECT package FROM match_next WHERE findings IS NULL)`,
    ),
    dropGrounds: db.prepare('DELETE FROM match_ground'),
    takeGrounds: db.prepare('INSERT INTO match_ground SELECT system, ground FROM match_next_ground'),
    clear: db.prepare('DELETE FROM match_next'),
    clearGrounds: db.prepare('DELETE FROM match_next_ground'),
    move: db.prepare<[string]>('UPDATE match_state SET revision = ?, generation = generation + 1'),
    kept: db.prepare<[string], { value: string }>('SELECT value FROM kept WHERE name = ?'),
    keep: db.prepare<[string, string]>(
      `INSERT INTO kept (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
    ),
  };
  const kept = (name: string): string | null => sql.kept.get(name)?.value ?? null;
  const clear = (): void => {
    sql.clear.run();
    sql.clearGrounds.run();
  };
  const stageMatches = db.transaction((batch: Uint8Array): void => {
    const { round, packages, grounds } = unpackRematched(batch);
    if (kept(roundName) !== round) {
      clear();
      sql.keep.run(roundName, round);
    }
    for (const { package: id, findings, spokenFor } of packages) sql.stage.run(id, findings, spokenFor);
    for (const { system, ground } of grounds) sql.stageGround.run(system, ground);
  });
  const switchMatches = db.transaction((asked: MatchSwitch): SwitchOutcome => {
    const state = sql.state.get();
    const { round, from, to, seen } = asked;
    if (state === undefined) return 'overtaken';
    if (state.revision !== from.revision || state.generation !== from.generation) return 'overtaken';
    if (kept(roundName) !== round) return 'overtaken';
    if ((sql.last.get()?.last ?? 0) > seen) return 'later';
    sql.take.run();
    sql.drop.run();
    sql.dropGrounds.run();
    sql.takeGrounds.run();
    sql.move.run(to);
    clear();
    if (asked.asked !== null) sql.keep.run(doneName, asked.asked);
    return 'switched';
  });
  return {
    matchState: () => sql.state.get() ?? null,
    stageMatches: (batch) => stageMatches.immediate(batch),
    switchMatches: (asked) => switchMatches.immediate(asked),
    ...rematchMarksOn(db),
  };
}

/** What is asked for by hand, beside a running server or without one. */
export function rematchMarksOn(db: Sqlite): Pick<SyncRematching, 'askRematch' | 'rematchAsked'> {
  const kept = db.prepare<[string], { value: string }>('SELECT value FROM kept WHERE name = ?');
  const keep = db.prepare<[string, string]>(
    `INSERT INTO kept (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
  );
  return {
    askRematch: (at) => {
      keep.run(askedName, at);
    },
    rematchAsked: () => {
      const asked = kept.get(askedName)?.value ?? null;
      return asked === kept.get(doneName)?.value ? null : asked;
    },
  };
}

import type { VerdictChange } from '../core/change.ts';
import { displayId } from '../core/finding.ts';
import type { EvaluatedEntry, EvaluatedMatch, JudgedEntry } from '../core/ports/verdicts.ts';
import { compareMarks, type FinalStatus, type Verdict, type VerdictMark } from '../core/verdict.ts';
import { packSmall } from './packed-json.ts';
import { markOf } from './verdict-row.ts';

/** A standing row, as far as a verdict is compared with it. */
export interface StandingRow {
  /** Another with every write, and never the same twice. */
  readonly version: number;
  readonly status: FinalStatus;
  readonly mark: VerdictMark;
  /** Unpacks it, which costs time; null: nothing stands any more, and what is written is refused. */
  readonly verdict: () => Verdict | null;
}

const mostReasons = 5;
const mostNewlyDenying = 20;

/** What has to be written of a verdict; null: it says what stands already. */
export function entryOf(before: StandingRow | null, judged: JudgedEntry): EvaluatedEntry | null {
  const { digest, verdict } = judged;
  const { mark, text } = markOf(verdict);
  const compared = before === null ? 'changed' : compareMarks(before.mark, mark);
  if (compared === 'same') return null;
  const saysTheSame = compared === 'renewed' && before?.mark.described === mark.described;
  return {
    digest,
    policy: verdict.policy,
    status: verdict.status,
    mark,
    dueAt: dueAt(verdict),
    text: saysTheSame ? null : text(),
    before: before?.version ?? null,
    change: compared === 'changed' ? changeOf(before, judged) : null,
  };
}

/** An entry whose text is packed already, as the table holds it; null: what is written already. */
export type PackedEntry = Omit<EvaluatedEntry, 'text'> & { readonly packed: Uint8Array | null };

/** Bytes of the number that says how long the head is. */
const lengthBytes = 4;

interface Head {
  readonly entries: readonly (Omit<PackedEntry, 'packed'> & {
    /** null: it has none. */ readonly size: number | null;
  })[];
  readonly matches: readonly EvaluatedMatch[];
}

/**
 * What `EvaluatedVerdicts.putEvaluated` takes: the head's length, the head (JSON), and then the bytes of each text
 * one after the other. Packing is done by who judges, so that the thread that writes has only to write.
 */
export function packEvaluated(
  entries: readonly EvaluatedEntry[],
  matches: readonly EvaluatedMatch[] = [],
): Uint8Array {
  const rows: Buffer[] = [];
  const sizeOf = (text: string | null): number | null => {
    if (text === null) return null;
    const packed = packSmall(text);
    rows.push(packed);
    return packed.length;
  };
  const head: Head = {
    entries: entries.map(({ text, ...entry }) => ({ ...entry, size: sizeOf(text) })),
    matches,
  };
  const headBytes = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(headBytes.length);
  // Not out of Node's shared pool, so that it can be handed over to another thread.
  const parts = [length, headBytes, ...rows];
  const batch = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    batch.set(part, at);
    at += part.length;
  }
  return batch;
}

/** What `packEvaluated` packed; it never comes from outside the process. */
export function unpackEvaluated(batch: Uint8Array): {
  readonly entries: readonly PackedEntry[];
  readonly matches: readonly EvaluatedMatch[];
} {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  const headEnd = lengthBytes + bytes.readUInt32LE(0);
  const head = JSON.parse(bytes.toString('utf8', lengthBytes, headEnd)) as Head;
  let at = headEnd;
  const take = (size: number | null): Uint8Array | null => {
    if (size === null) return null;
    at += size;
    return bytes.subarray(at - size, at);
  };
  const entries = head.entries.map(({ size, ...entry }) => ({ ...entry, packed: take(size) }));
  return { entries, matches: head.matches };
}

function changeOf(
  before: StandingRow | null,
  { verdict, cause }: JudgedEntry,
): Pick<VerdictChange, 'from' | 'cause' | 'reasons' | 'newlyDenying'> {
  const denying = denyingIds(verdict);
  // Most that allow say so without looking at what stood.
  const stood = denying.length === 0 ? null : (before?.verdict() ?? null);
  const denied = new Set(stood === null ? [] : denyingIds(stood));
  const newly = new Set(denying.filter((id) => !denied.has(id)));
  return {
    from: before?.status ?? null,
    cause,
    reasons: verdict.reasons.slice(0, mostReasons),
    newlyDenying: [...newly].slice(0, mostNewlyDenying),
  };
}

function denyingIds({ blockers }: Verdict): readonly string[] {
  return blockers.list.flatMap(({ finding }) => (finding === null ? [] : [displayId(finding)]));
}

/** The first instant at which time overtakes the verdict; times are compared as texts, so all are written alike. */
function dueAt({ validUntil, next }: Verdict): string | null {
  const times = [validUntil, next?.at ?? null].flatMap((time) => (time === null ? [] : [Date.parse(time)]));
  return times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
}

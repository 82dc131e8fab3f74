import { hash } from 'node:crypto';
import { type Digest, parseDigest } from '../core/digest.ts';

/** Bytes of a mark: against a disk that gives back something else, not against somebody who can write the file. */
const markBytes = 8;

/** Thrown where what is read is not what was written. Whoever catches it throws the file away. */
export class DamagedReplica extends Error {
  override readonly name = 'DamagedReplica';
}

export function markOf(...values: readonly (string | number | null)[]): Buffer {
  return hash('sha256', JSON.stringify(values), 'buffer').subarray(0, markBytes);
}

/** Of a row with a long text, which JSON would only write longer. */
export function markOfText(text: string, ...values: readonly (string | number | null)[]): Buffer {
  return hash('sha256', `${JSON.stringify(values)}\n${text}`, 'buffer').subarray(0, markBytes);
}

/** @throws DamagedReplica */
export function verifyMark(mark: Buffer, what: string, ...values: readonly (string | number | null)[]): void {
  if (!markOf(...values).equals(mark)) throw new DamagedReplica(`${what} is not as it was written`);
}

export function digestBytes(digest: Digest): Buffer {
  return Buffer.from(digest.slice(digest.indexOf(':') + 1), 'hex');
}

/** @throws DamagedReplica */
export function digestOf(bytes: Buffer): Digest {
  const digest = parseDigest(`${bytes.length === 64 ? 'sha512' : 'sha256'}:${bytes.toString('hex')}`);
  if (digest === null) throw new DamagedReplica('a digest is not as it was written');
  return digest;
}

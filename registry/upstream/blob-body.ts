import type { Digest } from '../../core/digest.ts';
import { errorText, PratiqueError } from '../../core/errors.ts';
import { type Asked, shownUrl } from './failures.ts';
import type { TransportAnswer } from './transport.ts';

/** A blob's bytes from some offset on, as one place gives them. */
export interface BlobPart {
  readonly answer: TransportAnswer;
  readonly asked: Asked;
  /** Bytes of the whole blob; null where the place does not say. */
  readonly size: number | null;
  /** What names these very bytes at this place (a strong validator, RFC 9110, 8.8.1); null: nothing. */
  readonly validator: string | null;
}

/** Where a part begins. */
export interface BlobOffset {
  readonly offset: number;
  /** Of the part before, where it came from the same place. */
  readonly validator: string | null;
}

/** A registry that can be asked for a blob. */
export interface BlobPlace {
  /** @param from null: at the beginning, in an answer of its own kind */
  open(from: BlobOffset | null): Promise<BlobPart>;
  /** Bytes that came from here. */
  received(bytes: number): void;
  /** It has gone on with a blob. */
  resumed(): void;
  /** What came from here was cut, or turned out to be something else. */
  failed(error: unknown): void;
}

export interface OpenBlob {
  /** Bytes that were announced. */
  readonly size: number | null;
  readonly body: AsyncIterable<Uint8Array>;
  readonly cancel: () => void;
  /** Told where the bytes turned out to be others than their digest says. */
  readonly rejected?: (error: unknown) => void;
}

/** How often a blob may go on after a cut. */
const mostResumptions = 3;
/** Bytes after which they are told of. */
const tellEvery = 1024 ** 2;

class TooSlow extends Error {}

/**
 * A blob that goes on where it was cut, or begins anew where none of it has been read: a connection that ends takes with it
 * what was still to be read. It does so at the same place, else at the next one. Whoever reads it hashes on; that the parts
 * are of one blob shows in its digest.
 * @param first the part that has been opened, and the place that gave it, which is one of `places`
 */
export function resumableBlob(options: {
  readonly digest: Digest;
  readonly first: { readonly part: BlobPart; readonly place: BlobPlace };
  readonly places: readonly BlobPlace[];
  readonly signal: AbortSignal | undefined;
  /** Milliseconds that may be waited without regard to the pace. */
  readonly patience: number;
  /** Bytes per second. */
  readonly leastPace: number;
}): OpenBlob {
  const { digest, first, places, signal, patience, leastPace } = options;
  let place = first.place;
  let part = listenedTo(first.part);
  const { size } = part;
  const used = new Set([place]);
  let received = 0;
  let waited = 0;
  let cancelled = false;

  const truncated = (error: unknown): PratiqueError => {
    const { upstream, url } = part.asked;
    return new PratiqueError(
      'blob-truncated',
      `the upstream ${upstream} broke off after ${received} bytes of the blob ${digest} at ${shownUrl(url)}: ${errorText(error)}`,
      { upstream, digest, received },
      error,
    );
  };

  const isLate = (): boolean => waited > patience + (received / leastPace) * 1000;

  /** Whether somebody gives the rest of the blob, which is then `part`. */
  const goOn = async (): Promise<boolean> => {
    const candidates = [place, ...places.filter((other) => other !== place)];
    for (const candidate of candidates) {
      const validator = candidate === place ? part.validator : null;
      try {
        // Where nothing has been read there is nothing to go on from, and a part from 0 on is no part.
        const next = await candidate.open(received === 0 ? null : { offset: received, validator });
        if (next.size !== null && size !== null && next.size !== size) {
          next.answer.body.destroy();
          continue;
        }
        part = listenedTo(next);
        place = candidate;
        used.add(place);
        place.resumed();
        return true;
      } catch {
        // Told with the cut that led here, when no other place gives the rest.
        signal?.throwIfAborted();
      }
    }
    return false;
  };

  async function* read(): AsyncGenerator<Uint8Array> {
    let untold = 0;
    const tell = (): void => {
      if (untold > 0) place.received(untold);
      untold = 0;
    };
    for (let resumptions = 0; ; resumptions += 1) {
      let since = performance.now();
      try {
        for await (const chunk of part.answer.body) {
          waited += performance.now() - since;
          const bytes = chunk as Buffer;
          received += bytes.length;
          untold += bytes.length;
          if (untold >= tellEvery) tell();
          if (isLate()) throw new TooSlow('it came too slowly');
          yield bytes;
          since = performance.now();
        }
        return;
      } catch (error) {
        signal?.throwIfAborted();
        const cut = truncated(error);
        waited += performance.now() - since;
        if (cancelled || resumptions === mostResumptions || isLate() || error instanceof TooSlow) {
          if (!cancelled) place.failed(cut);
          throw cut;
        }
        tell();
        if (!(await goOn())) {
          place.failed(cut);
          throw cut;
        }
      } finally {
        tell();
      }
    }
  }

  return {
    size,
    body: read(),
    cancel: () => {
      cancelled = true;
      part.answer.body.destroy();
    },
    rejected: (error) => {
      for (const one of used) one.failed(error);
    },
  };
}

/** The same part, which may break off before anybody reads it: who reads it then is told. */
function listenedTo(part: BlobPart): BlobPart {
  part.answer.body.on('error', () => undefined);
  return part;
}

/** The whole size that `Content-Range` tells of a part that begins at `offset`; null: it does not begin there. */
export function rangeFrom(header: string | null, offset: number): { readonly size: number | null } | null {
  const [, start, end, size] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(header?.trim() ?? '') ?? [];
  if (start === undefined || end === undefined || Number(start) !== offset) return null;
  if (size === undefined || size === '*') return { size: null };
  // A part that ends before the blob does would only be cut again.
  return Number(end) === Number(size) - 1 ? { size: Number(size) } : null;
}

/** A strong `ETag`; a weak one does not say that bytes are the same. */
export function strongTag(header: string | null): string | null {
  return header !== null && /^"[\x21\x23-\x7e]{0,500}"$/.test(header) ? header : null;
}

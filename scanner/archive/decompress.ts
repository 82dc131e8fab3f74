import { errorText, PratiqueError } from '../../core/errors.ts';
import { gunzip } from './gunzip.ts';
import { unzstd } from './unzstd.ts';

/** Bytes that tell every format apart. */
const magicLength = 6;

type Format = 'gzip' | 'zstd' | 'plain' | 'bzip2' | 'xz' | 'lz4';

/** Told by the first bytes, as container runtimes do; a media type can lie. */
export function formatOf(start: Uint8Array): Format {
  const at = (index: number): number => start[index] ?? -1;
  const is = (...bytes: readonly number[]): boolean => bytes.every((byte, index) => at(index) === byte);
  if (is(0x1f, 0x8b, 0x08)) return 'gzip';
  if (is(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
  // A skippable frame may come first (RFC 8878, 3.1.2): 0x184D2A50 to 0x184D2A5F, little-endian.
  if ((at(0) & 0xf0) === 0x50 && at(1) === 0x2a && at(2) === 0x4d && at(3) === 0x18) return 'zstd';
  if (is(0x42, 0x5a, 0x68)) return 'bzip2';
  if (is(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return 'xz';
  if (is(0x04, 0x22, 0x4d, 0x18)) return 'lz4';
  return 'plain';
}

/**
 * Unpacks a layer blob: gzip (all members), zstd (all frames) or plain bytes. Chunks stay valid after the next.
 * @throws PratiqueError `layer-unreadable` when the stream is broken, cut, followed by something else, or in a
 *   format that is not read here. Errors of the source pass through unchanged.
 */
export async function* decompress(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    const { head, done } = await readHead(iterator);
    const format = formatOf(head);
    let sourceError: { readonly error: unknown } | null = null;
    const whole = rejoin(head, iterator, done, (error) => {
      sourceError = { error };
    });
    if (format === 'plain') yield* whole;
    else if (format !== 'gzip' && format !== 'zstd') {
      const message = `it is compressed with ${format}, which is not read here`;
      throw new PratiqueError('layer-unreadable', message, { format });
    } else {
      // What fails is either the source (a download) or the format; `yield*` would blame our reader's too.
      const unpacked = (format === 'gzip' ? gunzip : unzstd)(whole);
      for (;;) {
        const next = await unpacked.next().catch((error: unknown) => {
          throw sourceError === null ? broken(format, error) : sourceError.error;
        });
        if (next.done === true) return;
        yield next.value;
      }
    }
  } finally {
    await iterator.return?.();
  }
}

function broken(format: Format, error: unknown): PratiqueError {
  const message = `its ${format} stream is broken: ${errorText(error)}`;
  return new PratiqueError('layer-unreadable', message, { format }, error);
}

async function readHead(
  iterator: AsyncIterator<Uint8Array>,
): Promise<{ readonly head: Uint8Array; readonly done: boolean }> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < magicLength) {
    const next = await iterator.next();
    if (next.done === true) return { head, done: true };
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, done: false };
}

async function* rejoin(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
  done: boolean,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  while (!done) {
    const next = await iterator.next().catch((error: unknown) => {
      onError(error);
      throw error;
    });
    if (next.done === true) return;
    yield next.value;
  }
}

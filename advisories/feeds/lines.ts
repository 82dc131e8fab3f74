import { type OpenFile, tooMuch, unreadable } from './unreadable.ts';

export interface LineLimits {
  /** Bytes altogether, unpacked. */
  readonly bytes: number;
  readonly lines: number;
  readonly lineBytes: number;
}

const newline = 0x0a;

/**
 * The lines of a text, without their ends, some at a time: to wait for each of a million costs more than to read it.
 * `\r\n` ends one too.
 * @throws PratiqueError `advisories-unreadable`, `limit-exceeded`
 */
export async function* linesOf(
  pieces: AsyncIterable<Buffer>,
  file: OpenFile,
  limits: LineLimits,
): AsyncGenerator<readonly string[]> {
  let rest: Buffer = Buffer.alloc(0);
  let bytes = 0;
  let lines = 0;
  const line = (end: number, from: number, of: Buffer): string => {
    lines++;
    if (lines > limits.lines) throw tooMuch(file, `more than ${limits.lines} lines`);
    if (end - from > limits.lineBytes) throw tooLong(file, limits);
    return of.toString('utf8', from, of[end - 1] === 0x0d && end > from ? end - 1 : end);
  };
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > limits.bytes) throw tooMuch(file, `more than ${limits.bytes} bytes`);
    const all = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const some: string[] = [];
    let from = 0;
    for (let end = all.indexOf(newline); end !== -1; end = all.indexOf(newline, from)) {
      some.push(line(end, from, all));
      from = end + 1;
    }
    rest = all.subarray(from);
    if (rest.length > limits.lineBytes) throw tooLong(file, limits);
    yield some;
  }
  if (rest.length > 0) yield [line(rest.length, 0, rest)];
}

function tooLong(file: OpenFile, limits: LineLimits) {
  return unreadable(file, `it has a line of more than ${limits.lineBytes} bytes`);
}

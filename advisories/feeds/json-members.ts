import { isUtf8 } from 'node:buffer';
import { fstatSync } from 'node:fs';
import { errorText } from '../../core/errors.ts';
import { JsonWindow, type WindowLimits } from './json-window.ts';
import { type OpenFile, tooMuch, unreadable } from './unreadable.ts';

/** A member of the file's object, or an element of the list that is one. */
export type JsonPart = {
  readonly key: string;
  /** The place in the list that was entered; null for a member. */
  readonly index: number | null;
} & ({ readonly value: unknown } | { readonly rejected: string });

export interface JsonLimits extends WindowLimits {
  /** Bytes of a member's name. */
  readonly nameBytes: number;
  readonly parts: number;
  /** Bytes of the file. */
  readonly totalBytes: number;
}

export const jsonLimits: JsonLimits = {
  piece: 1024 * 1024,
  partBytes: 64 * 1024 * 1024,
  depth: 64,
  nameBytes: 1024,
  parts: 2_000_000,
  totalBytes: 2 * 1024 * 1024 * 1024,
};

const [openBrace, closeBrace, openList, closeList, comma, colon, quote] = [
  ...Buffer.from('{}[],:"'),
] as const;

/**
 * The members of a JSON object in a file, one after the other, so that memory does not grow with the file. A name that
 * is there twice is given twice. A member that is no JSON within its brackets is a rejected part; a file that is no
 * object, breaks off or goes on after its end is an error, at the latest when all of it has been read.
 * @param enter the name of a member whose elements are given one by one, if it is a list that has any
 * @throws PratiqueError `advisories-unreadable`, `limit-exceeded`
 */
export function* jsonMembers(
  file: OpenFile,
  enter: string | null = null,
  limits: JsonLimits = jsonLimits,
): Generator<JsonPart> {
  refuseLarge(file, limits);
  const window = new JsonWindow(file, limits);
  const first = window.peek();
  if (first !== openBrace) throw unreadable(file, first === null ? 'it is empty' : 'it is no JSON object');
  window.take();
  let parts = 0;
  const count = (): void => {
    parts++;
    if (parts > limits.parts) throw tooMuch(file, `more than ${limits.parts} parts`);
  };
  if (window.peek() === closeBrace) window.take();
  else {
    do {
      const key = nameOf(window, file, limits);
      if (window.peek() !== colon) throw missing(window, 'a colon');
      window.take();
      if (window.peek() === null) throw window.cut();
      if (key !== enter || window.peek() !== openList) {
        count();
        yield partOf(key, null, window.value());
        continue;
      }
      for (const part of elements(window, key)) {
        count();
        yield part;
      }
    } while (goesOn(window, closeBrace));
  }
  if (window.peek() !== null) throw window.unexpected('the end of the file');
}

function* elements(window: JsonWindow, key: string): Generator<JsonPart> {
  window.take();
  if (window.peek() === closeList) {
    window.take();
    yield { key, index: null, value: [] };
    return;
  }
  let index = 0;
  do {
    if (window.peek() === null) throw window.cut();
    yield partOf(key, index, window.value());
    index++;
  } while (goesOn(window, closeList));
}

/** Takes what follows a value: true for a comma, false for the bracket that ends it all. */
function goesOn(window: JsonWindow, close: number | undefined): boolean {
  const next = window.peek();
  if (next !== comma && next !== close) throw missing(window, 'a comma or a closing bracket');
  window.take();
  return next === comma;
}

function missing(window: JsonWindow, what: string) {
  return window.peek() === null ? window.cut() : window.unexpected(what);
}

function nameOf(window: JsonWindow, file: OpenFile, limits: JsonLimits): string {
  if (window.peek() !== quote) throw missing(window, 'a name');
  const bytes = window.value();
  // The two quotes are not part of it.
  if (bytes.length > limits.nameBytes + 2)
    throw tooMuch(file, `a name of more than ${limits.nameBytes} bytes`);
  const name = parsed(bytes);
  if ('value' in name && typeof name.value === 'string') return name.value;
  throw unreadable(file, 'a name in it is no JSON text');
}

function partOf(key: string, index: number | null, bytes: Buffer): JsonPart {
  return { key, index, ...parsed(bytes) };
}

function parsed(bytes: Buffer): { readonly value: unknown } | { readonly rejected: string } {
  // JSON.parse would take what is left of a broken character for one.
  if (!isUtf8(bytes)) return { rejected: 'it is no UTF-8' };
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return { value };
  } catch (error) {
    return { rejected: `it is no JSON (${errorText(error).slice(0, 200)})` };
  }
}

function refuseLarge(file: OpenFile, limits: JsonLimits): void {
  let size: number;
  try {
    size = fstatSync(file.fd).size;
  } catch (error) {
    throw unreadable(file, errorText(error), error);
  }
  if (size > limits.totalBytes) throw tooMuch(file, `${size} bytes where ${limits.totalBytes} are allowed`);
}

import { readSync } from 'node:fs';
import { errorText, type PratiqueError } from '../../core/errors.ts';
import { type OpenFile, tooMuch, unreadable } from './unreadable.ts';

export interface WindowLimits {
  /** Bytes read at a time. */
  readonly piece: number;
  /** Bytes of one part: what is held at most. */
  readonly partBytes: number;
  readonly depth: number;
}

const quote = 0x22;
const backslash = 0x5c;

/** `,` `:` `]` `}` `"`: what ends a number or a word. */
const delimiters: ReadonlySet<number> = new Set([0x2c, 0x3a, 0x5d, 0x7d, quote]);

/** What may stand between two tokens (RFC 8259, section 2). */
function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/**
 * Goes through the bytes of a JSON text. It finds where values end and leaves it to JSON.parse whether they are right.
 * In UTF-8 no byte of a longer character is one of JSON's signs, so that bytes are enough. Synchronous: an import has
 * a thread to itself.
 */
export class JsonWindow {
  readonly #file: OpenFile;
  readonly #limits: WindowLimits;
  #bytes: Buffer;
  /** Where the part begins that is being held. */
  #from = 0;
  #at = 0;
  #end = 0;
  #position = 0;

  constructor(file: OpenFile, limits: WindowLimits) {
    this.#file = file;
    this.#limits = limits;
    this.#bytes = Buffer.allocUnsafe(limits.piece);
  }

  /** The next byte that is no space, without taking it; null at the end of the file. */
  peek(): number | null {
    for (;;) {
      while (this.#at < this.#end) {
        const byte = this.#bytes[this.#at];
        if (byte !== undefined && !isSpace(byte)) return byte;
        this.#at++;
      }
      this.#from = this.#at;
      if (!this.#more()) return null;
    }
  }

  /** Takes the byte that `peek` showed. */
  take(): void {
    this.#at++;
    this.#from = this.#at;
  }

  /** Takes a whole value. Its bytes are good until the next call. */
  value(): Buffer {
    this.#from = this.#at;
    const first = this.peek();
    if (first === quote) {
      this.#at++;
      this.#string();
    } else if (first === 0x7b || first === 0x5b) {
      this.#container();
    } else {
      this.#plain();
    }
    const part = this.#bytes.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return part;
  }

  /** To the end of an object or list, from its first bracket on. Which bracket closes which is JSON.parse's to say. */
  #container(): void {
    let depth = 0;
    for (;;) {
      let at = this.#at;
      let isString = false;
      const end = this.#end;
      const bytes = this.#bytes;
      while (at < end) {
        const byte = bytes[at++];
        if (byte === quote) {
          isString = true;
          break;
        }
        if (byte === 0x7b || byte === 0x5b) {
          depth++;
          if (depth > this.#limits.depth) {
            throw tooMuch(this.#file, `values nested more than ${this.#limits.depth} deep`);
          }
        } else if (byte === 0x7d || byte === 0x5d) {
          depth--;
          if (depth === 0) {
            this.#at = at;
            return;
          }
        }
      }
      this.#at = at;
      if (isString) this.#string();
      else if (!this.#more()) throw this.cut();
    }
  }

  /** To behind the closing quote, from behind the opening one on. */
  #string(): void {
    for (;;) {
      let at = this.#at;
      const end = this.#end;
      const bytes = this.#bytes;
      while (at < end) {
        const byte = bytes[at++];
        if (byte === quote) {
          this.#at = at;
          return;
        }
        // The byte after it belongs to it; it may still have to be read.
        if (byte === backslash) at++;
      }
      const over = at - end;
      this.#at = end;
      if (!this.#more()) throw this.cut();
      if (over > 0) this.#at += over;
    }
  }

  /** A number or a word: to what cannot be part of one. */
  #plain(): void {
    for (;;) {
      while (this.#at < this.#end) {
        const byte = this.#bytes[this.#at];
        if (byte === undefined || isSpace(byte) || delimiters.has(byte)) {
          if (this.#at === this.#from) throw this.unexpected('a value');
          return;
        }
        this.#at++;
      }
      if (!this.#more()) throw this.cut();
    }
  }

  /** For a file that ends too early. */
  cut(): PratiqueError {
    return unreadable(this.#file, `it breaks off after ${this.#position} bytes`);
  }

  /** For a byte that no JSON has here. */
  unexpected(wanted: string): PratiqueError {
    const place = this.#position - this.#end + this.#at;
    return unreadable(this.#file, `it is no JSON: ${wanted} is missing at byte ${place}`);
  }

  /** Reads on, behind what is held; false at the end of the file. Moves everything: `#from` becomes 0. */
  #more(): boolean {
    const held = this.#end - this.#from;
    if (held > this.#limits.partBytes) {
      throw tooMuch(this.#file, `a part of more than ${this.#limits.partBytes} bytes`);
    }
    const room = this.#bytes.length - held;
    const target = room >= this.#limits.piece / 2 ? this.#bytes : Buffer.allocUnsafe(2 * this.#bytes.length);
    if (this.#from > 0 || target !== this.#bytes) this.#bytes.copy(target, 0, this.#from, this.#end);
    this.#bytes = target;
    this.#at -= this.#from;
    this.#from = 0;
    this.#end = held;
    const got = this.#read();
    this.#end += got;
    this.#position += got;
    return got > 0;
  }

  #read(): number {
    const length = Math.min(this.#limits.piece, this.#bytes.length - this.#end);
    try {
      return readSync(this.#file.fd, this.#bytes, this.#end, length, this.#position);
    } catch (error) {
      throw unreadable(this.#file, errorText(error), error);
    }
  }
}

import type { SecretRule } from './rule.ts';

/** Where a secret may be, and by which rules. */
export interface AnchorFound {
  /** Index of the anchor's first byte. */
  readonly at: number;
  readonly rules: readonly SecretRule[];
}

interface Anchor {
  readonly bytes: Buffer;
  /** Where its window lies in it. */
  readonly offset: number;
  readonly rules: SecretRule[];
}

/** Bytes of an anchor that are looked for; the rest is compared. */
const windowBytes = 4;
/** Of three places in a row one begins a pair of bytes that lies in the window. */
const stride = windowBytes - 1;
const hashes = 1 << 16;

/**
 * Finds anchors in bytes, at a quarter of the time that one regular expression of all of them takes: of every three bytes
 * two are looked up in a table of the pairs that windows are made of, which says at which places of one they stand.
 */
export class AnchorSearch {
  /** By two bytes: bit 0, 1 or 2 for the place of the pair in some window. */
  readonly #pairs = new Uint8Array(hashes);
  readonly #hashed = new Uint8Array(hashes);
  readonly #windows = new Map<number, Anchor[]>();

  constructor(rules: readonly SecretRule[]) {
    const anchors = new Map<string, Anchor>();
    for (const rule of rules) {
      for (const text of rule.anchors) {
        if (text.length < windowBytes) throw new Error(`the anchor "${text}" of ${rule.id} is too short`);
        const known = anchors.get(text);
        if (known !== undefined) known.rules.push(rule);
        else anchors.set(text, { bytes: Buffer.from(text, 'latin1'), offset: rarest(text), rules: [rule] });
      }
    }
    for (const anchor of anchors.values()) this.#add(anchor);
  }

  #add(anchor: Anchor): void {
    const { bytes, offset } = anchor;
    for (let place = 0; place < stride; place += 1) {
      const pair = pairAt(bytes, offset + place);
      this.#pairs[pair] = (this.#pairs[pair] ?? 0) | (1 << place);
    }
    const window = windowAt(bytes, offset);
    this.#hashed[hashOf(window)] = 1;
    const others = this.#windows.get(window);
    if (others === undefined) this.#windows.set(window, [anchor]);
    else others.push(anchor);
  }

  /** @param most so many are found at most */
  in(bytes: Buffer, most: number): readonly AnchorFound[] {
    let found: AnchorFound[] | null = null;
    const last = bytes.length - windowBytes;
    const pairs = this.#pairs;
    for (let at = 0; at <= last + stride - 1; at += stride) {
      const places = pairs[pairAt(bytes, at)] ?? 0;
      if (places === 0) continue;
      for (let place = 0; place < stride; place += 1) {
        const start = at - place;
        if ((places & (1 << place)) === 0 || start < 0 || start > last) continue;
        const window = windowAt(bytes, start);
        if (this.#hashed[hashOf(window)] === 0) continue;
        for (const anchor of this.#windows.get(window) ?? []) {
          const begins = start - anchor.offset;
          if (!standsAt(bytes, begins, anchor.bytes)) continue;
          found ??= [];
          found.push({ at: begins, rules: anchor.rules });
          if (found.length === most) return inOrder(found);
        }
      }
    }
    return found === null ? nothing : inOrder(found);
  }
}

const nothing: readonly AnchorFound[] = [];

function inOrder(found: readonly AnchorFound[]): readonly AnchorFound[] {
  return found.toSorted((a, b) => a.at - b.at);
}

function pairAt(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function windowAt(bytes: Buffer, at: number): number {
  return pairAt(bytes, at) | (pairAt(bytes, at + 2) << 16);
}

/** Knuth's multiplicative hash, 16 bits. */
function hashOf(window: number): number {
  return Math.imul(window, 0x9e3779b1) >>> 16;
}

function standsAt(bytes: Buffer, at: number, anchor: Buffer): boolean {
  if (at < 0 || at + anchor.length > bytes.length) return false;
  return anchor.compare(bytes, at, at + anchor.length) === 0;
}

/** Where the four characters begin whose pairs are the rarest in texts, roughly. */
function rarest(text: string): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let offset = 0; offset + windowBytes <= text.length; offset += 1) {
    let sum = 0;
    for (let place = 0; place < stride; place += 1) {
      sum += commonness(text.charAt(offset + place)) * commonness(text.charAt(offset + place + 1));
    }
    if (sum < least) [best, least] = [offset, sum];
  }
  return best;
}

function commonness(char: string): number {
  if (/[etaoinsrl ]/.test(char)) return 10;
  if (/[a-z]/.test(char)) return 6;
  return /[0-9."]/.test(char) ? 3 : 1;
}

import type { Random } from '../support/random.ts';

/** Bytes of the largest input that is made. */
export const longestInput = 256 * 1024;

const numbers = [0, 1, 2, 127, 128, 255, 256, 512, 4096, 65_535, 65_536, 0x7fffffff, 0x80000000, 0xffffffff];
const digits = ['0', '-1', '1', '00', '4294967295', '18446744073709551616', '9007199254740993', '1e400', ''];

type Mutation = (bytes: Buffer, random: Random, other: Buffer, words: readonly string[]) => Buffer;

/** A place that is more often near the ends, where formats keep what matters. */
function place(bytes: Buffer, random: Random): number {
  const near = Math.min(64, bytes.length);
  if (random.chance(0.25)) return random.below(near + 1);
  if (random.chance(0.2)) return bytes.length - random.below(near + 1);
  return random.below(bytes.length + 1);
}

function replaced(bytes: Buffer, from: number, to: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(Math.max(from, to))]);
}

const flip: Mutation = (bytes, random) => {
  const out = Buffer.from(bytes);
  for (let times = 1 + random.below(4); times > 0 && out.length > 0; times -= 1) {
    const at = Math.min(place(out, random), out.length - 1);
    out[at] = random.chance(0.5) ? (out[at] ?? 0) ^ (1 << random.below(8)) : random.below(256);
  }
  return out;
};

const number: Mutation = (bytes, random) => {
  const out = Buffer.from(bytes);
  const width = random.pick([1, 2, 4, 8]);
  const at = Math.min(place(out, random), out.length - width);
  if (at < 0) return out;
  const value = random.chance(0.3) ? bytes.length + random.below(9) - 4 : random.pick(numbers);
  const low = value >>> 0;
  if (width === 1) out[at] = low & 255;
  else if (width === 2)
    random.chance(0.5) ? out.writeUInt16LE(low & 65_535, at) : out.writeUInt16BE(low & 65_535, at);
  else random.chance(0.5) ? out.writeUInt32LE(low, at) : out.writeUInt32BE(low, at + (width === 8 ? 4 : 0));
  return out;
};

const cut: Mutation = (bytes, random) => {
  const at = place(bytes, random);
  return random.chance(0.5)
    ? bytes.subarray(0, at)
    : replaced(bytes, at, at + random.below(64), Buffer.alloc(0));
};

const repeat: Mutation = (bytes, random) => {
  const at = place(bytes, random);
  const part = bytes.subarray(at, at + 1 + random.below(random.chance(0.1) ? 4096 : 48));
  const times = random.chance(0.05) ? 2000 : 1 + random.below(8);
  return replaced(bytes, at, at, Buffer.concat(Array.from({ length: times }, () => part)));
};

const splice: Mutation = (bytes, random, other) => {
  const from = place(other, random);
  const part = other.subarray(from, from + random.below(other.length + 1));
  const at = place(bytes, random);
  return replaced(bytes, at, random.chance(0.5) ? bytes.length : at + random.below(part.length + 1), part);
};

const word: Mutation = (bytes, random, _other, words) => {
  const at = place(bytes, random);
  const text = Buffer.from(words.length > 0 ? random.pick(words) : random.pick(digits), 'latin1');
  return replaced(bytes, at, random.chance(0.5) ? at : at + text.length, text);
};

/** A run of decimal digits becomes another one. */
const decimal: Mutation = (bytes, random) => {
  const from = place(bytes, random);
  const isDigit = (at: number): boolean => (bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39;
  for (let at = from; at < Math.min(bytes.length, from + 4096); at += 1) {
    if (!isDigit(at)) continue;
    let end = at;
    while (isDigit(end)) end += 1;
    return replaced(bytes, at, end, Buffer.from(random.pick(digits)));
  }
  return bytes;
};

const mutations: readonly Mutation[] = [flip, flip, number, number, cut, repeat, splice, word, word, decimal];

/** A variation of `bytes`: the same for the same random numbers. */
export function mutate(bytes: Buffer, random: Random, other: Buffer, words: readonly string[]): Buffer {
  let out = bytes;
  for (let times = 1 + random.below(random.chance(0.2) ? 8 : 3); times > 0; times -= 1) {
    out = random.pick(mutations)(out, random, other, words).subarray(0, longestInput);
  }
  return out;
}

/** Programs as tests make them: what is looked at, in its place, and nothing that would run. */

const magic = Buffer.from('\xff Go buildinf:', 'latin1');
const start = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex');
const end = Buffer.from('f932433186182072008242104116d8f2', 'hex');

export const heads = {
  elf: Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'),
  pe: Buffer.from('MZ\x90\0\x03\0\0\0', 'latin1'),
  'mach-o': Buffer.from('cffaedfe0c000001', 'hex'),
  'mach-o of 32 bits': Buffer.from('feedface00000007', 'hex'),
  'universal mach-o': Buffer.from('cafebabe00000002', 'hex'),
} as const;

/** A head, then the parts, each aligned as the linker aligns it in memory. */
export function program(head: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const padded = [head, Buffer.alloc(200), ...parts].flatMap((part) => [
    part,
    Buffer.alloc((16 - (part.length % 16)) % 16),
  ]);
  return Buffer.concat([...padded, Buffer.alloc(40, 0x41)]);
}

export const elf = (...parts: readonly Uint8Array[]): Buffer => program(heads.elf, ...parts);

/** What the linker of Go 1.18 and later writes; `lines`: the list of modules, without a frame if null. */
export function record(toolchain: string, lines: string | null): Buffer {
  return rawRecord(Buffer.from(toolchain), lines === null ? Buffer.alloc(0) : framed(lines));
}

/** A list of modules by itself, as it lies in a program's data. */
export function framed(lines: string): Buffer {
  return Buffer.concat([start, Buffer.from(lines), end]);
}

export function rawRecord(toolchain: Uint8Array, modules: Uint8Array, claimed = modules.length): Buffer {
  const head = Buffer.alloc(32);
  magic.copy(head);
  head.set([8, 2], 14);
  return Buffer.concat([head, length(toolchain.length), toolchain, length(claimed), modules]);
}

/** What older linkers wrote. */
export function oldRecord(width: 4 | 8, bigEndian: boolean): Buffer {
  const head = Buffer.alloc(32);
  magic.copy(head);
  head.set([width, bigEndian ? 1 : 0], 14);
  const at = (index: number): number => 16 + index * width + (bigEndian ? width - 4 : 0);
  for (const index of [0, 1]) {
    const address = 0x54_a0_10 + index * 16;
    if (bigEndian) head.writeUInt32BE(address, at(index));
    else head.writeUInt32LE(address, at(index));
  }
  return head;
}

/** An ELF note with a build ID. */
export function note(order: 'LE' | 'BE', name = 'Go'): Buffer {
  const numbers = Buffer.alloc(12);
  [4, 83, 4].forEach((value, index) => {
    if (order === 'LE') numbers.writeUInt32LE(value, 4 * index);
    else numbers.writeUInt32BE(value, 4 * index);
  });
  return Buffer.concat([numbers, Buffer.from(name.padEnd(4, '\0')), Buffer.from('4ZJV1ZgUBv1-JBku2TOE/abc')]);
}

/** `path@version`, and `path@version => path@version` for what was replaced. */
export function list(main: string, ...deps: readonly string[]): string {
  const module = (key: string, text: string): string => {
    const [path = '', version] = text.split('@');
    return `${key}\t${path}${version === undefined ? '' : `\t${version}`}\th1:abc=\n`;
  };
  const dep = (text: string): string => {
    const [original = '', by] = text.split(' => ');
    return module('dep', original) + (by === undefined ? '' : module('=>', by));
  };
  return `path\texample.org/main\n${module('mod', main)}${deps.map(dep).join('')}build\t-compiler=gc\n`;
}

/** A program for Linux built from modules, as `list` takes them. */
export function goProgram(toolchain: string, main: string, ...deps: readonly string[]): Buffer {
  return elf(record(toolchain, list(main, ...deps)));
}

function length(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}

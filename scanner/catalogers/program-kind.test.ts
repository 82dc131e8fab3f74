import { describe, expect, it } from '@jest/globals';
import { programKind } from './program-kind.ts';

describe('what a file begins as', () => {
  it.each<readonly [string, string, 'binary' | 'script' | null]>([
    ['ELF', '7f454c4602010100', 'binary'],
    ['PE', '4d5a900003000000', 'binary'],
    ['PE, cut', '4d5a', 'binary'],
    ['Mach-O', 'cffaedfe07000001', 'binary'],
    ['Mach-O of 32 bits', 'cefaedfe07000000', 'binary'],
    ['Mach-O, big-endian', 'feedfacf01000007', 'binary'],
    ['Mach-O for two architectures', 'cafebabe00000002', 'binary'],
    ['Mach-O for two architectures, of 64 bits', 'cafebabf00000002', 'binary'],
    ['a Java class', 'cafebabe00000034', null],
    ['a Java class, cut', 'cafebabe', null],
    ['a script', '23212f62696e2f73', 'script'],
    ['text', '6162636465666768', null],
    ['one byte', '7f', null],
    ['nothing', '', null],
  ])('%s', (_, hex, kind) => expect(programKind(Buffer.from(hex, 'hex'))).toBe(kind));
});

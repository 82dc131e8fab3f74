import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../../test/support/tar.ts';
import { hasValidChecksum } from './tar-header.ts';

const header = (): Buffer => Buffer.from(writeTar([{ path: 'ärger' }]).subarray(0, 512));

function withSum(sum: number, field = `${sum.toString(8).padStart(6, '0')}\0 `): Buffer {
  const block = header();
  block.fill(0, 148, 156);
  block.write(field, 148, 8, 'latin1');
  return block;
}

function sums(): { unsigned: number; signed: number } {
  const block = header();
  block.fill(0x20, 148, 156);
  const signed = new Int8Array(block.buffer, block.byteOffset, 512).reduce((total, one) => total + one, 0);
  return { unsigned: block.reduce((total, one) => total + one, 0), signed };
}

describe('hasValidChecksum', () => {
  const { unsigned, signed } = sums();
  it.each<readonly [string, Buffer, boolean]>([
    ['the unsigned sum', withSum(unsigned), true],
    ['the signed sum (old Sun tar)', withSum(signed), true],
    ['one more', withSum(unsigned + 1), false],
    ['spaces first', withSum(0, `  ${unsigned.toString(8)}`), true],
    ['bytes after a zero byte', withSum(0, `${unsigned.toString(8)}\0xy`), true],
    ['no digits', withSum(0, '        '), false],
    ['a digit that is none', withSum(0, '0000089\0'), false],
  ])('%s', (_, block, valid) => {
    expect(unsigned).not.toBe(signed);
    expect(hasValidChecksum(block)).toBe(valid);
  });
});

import { describe, expect, it } from '@jest/globals';
import { formatBytes, parseBytes } from './bytes.ts';

describe('sizes', () => {
  it.each<[string, number | null]>([
    ['200GiB', 200 * 1024 ** 3],
    ['1TiB', 1024 ** 4],
    ['512MiB', 512 * 1024 ** 2],
    ['7KiB', 7168],
    ['12B', 12],
    ['1000', 1000],
    ['0', null],
    ['01', null],
    ['1GB', null],
    ['1.5GiB', null],
    ['-1', null],
    ['99999999999TiB', null],
    ['', null],
  ])('%j is %j bytes', (text, bytes) => expect(parseBytes(text)).toBe(bytes));
  it.each<[number, string]>([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [200 * 1024 ** 3, '200 GiB'],
    [3 * 1024 ** 5, '3072 TiB'],
  ])('%j bytes are told as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

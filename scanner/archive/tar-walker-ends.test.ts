import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../../test/support/tar.ts';
import { after, entry, file, gnu, longLink, longName, walk } from './samples.ts';

const end = Buffer.alloc(1024);

describe('TarWalker ends', () => {
  const one = writeTar([file('a.txt', 'x')], { end: false });
  const zeros = (blocks: number): Buffer => Buffer.alloc(blocks * 512);
  it.each<readonly [string, Buffer, readonly string[]]>([
    ['two zero blocks', Buffer.concat([one, zeros(2)]), ['file a.txt = x']],
    ['no zero block', one, ['file a.txt = x']],
    ['one zero block', Buffer.concat([one, zeros(1)]), ['file a.txt = x']],
    ['no padding after the last body', one.subarray(0, 513), ['file a.txt = x']],
    [
      'whatever follows two zero blocks',
      Buffer.concat([one, zeros(2), writeTar([after])]),
      ['file a.txt = x'],
    ],
    ['an extended header for nobody', Buffer.concat([one, writeTar([longName('x')])]), ['file a.txt = x']],
    ['only zero blocks', zeros(2), []],
    ['a single zero block', zeros(1), []],
    ['an empty stream', zeros(0), []],
  ])('at %s', (_, bytes, lines) => {
    expect(walk(bytes)).toEqual({ lines, tar: true });
    expect(walk(bytes, 100)).toEqual({ lines, tar: true });
  });

  it.each<readonly [string, Buffer, RegExp]>([
    [
      'data after one zero block',
      Buffer.concat([one, zeros(1), writeTar([after])]),
      /zero block is followed/,
    ],
    ['half a header', Buffer.concat([one, one.subarray(0, 300)]), /inside the header after "a.txt"/],
    ['half a zero block', Buffer.concat([one, Buffer.alloc(100)]), /inside the header after "a.txt"/],
    ['half a body', writeTar([file('a.txt', 'x'.repeat(900))]).subarray(0, 1000), /ends inside "a.txt"/],
    ['half a body that nobody wants', writeTar([file('a', 'x'.repeat(900))]).subarray(0, 1000), /inside "a"/],
    ['a size that lies', writeTar([entry('0', 'a', 'x', { 124: '00000100000\0' })]), /ends inside "a"/],
    [
      'half a sparse map',
      writeTar([entry('S', 's', '', { ...gnu, 482: '\x01' })], { end: false }),
      /inside "s"/,
    ],
    ['half an extended header', writeTar([longName('x'.repeat(600))]).subarray(0, 700), /ends inside/],
    ['a wrong checksum further on', Buffer.concat([one, Buffer.alloc(512, 1)]), /wrong checksum/],
    ['a size that is no number', writeTar([entry('0', 'a', '', { 124: '9' })]), /"a" has no valid size/],
    ['a negative size', writeTar([entry('0', 'a', '', { 124: '\xff'.repeat(12) })]), /no valid size/],
    [
      'a size beyond counting',
      writeTar([entry('0', 'a', '', { 124: `\x80${'\x7f'.repeat(11)}` })]),
      /no valid/,
    ],
    ['a long name of megabytes', writeTar([longName('x'.repeat(2 ** 20 + 1))]), /extended header has/],
    ['a path longer than any', writeTar([longName('d/'.repeat(2100)), after]), /longer than paths can be/],
    [
      'a link longer than any',
      writeTar([longLink('d/'.repeat(2100)), { path: 's', link: 'x' }]),
      /longer than/,
    ],
    ['a broken PAX record', writeTar([entry('x', 'x', '99 path=a\n'), after]), /broken record/],
    ['a broken global header', writeTar([entry('g', 'g', 'path'), after]), /broken record/],
  ])('is an error at %s', (_, bytes, message) => {
    for (const chunk of [bytes.length, 77]) expect(() => walk(bytes, chunk)).toThrow(message);
  });

  it.each<readonly [string, Buffer]>([
    ['text', Buffer.from('{"not":"a tar"}'.repeat(100))],
    ['less than a block', Buffer.from('{}')],
    ['a header with a wrong checksum', Buffer.concat([Buffer.alloc(512, 7), end])],
  ])('takes %s for no archive', (_, bytes) => {
    expect(walk(bytes)).toEqual({ lines: [], tar: false });
    expect(walk(bytes, 9)).toEqual({ lines: [], tar: false });
  });

  it('names the limit of entries', () => {
    const bytes = writeTar([file('a'), file('b'), file('c')]);
    expect(walk(bytes, bytes.length, 3).lines).toHaveLength(3);
    let caught: unknown = null;
    try {
      walk(bytes, bytes.length, 2);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: 'limit-exceeded', message: 'it has more than 2 archive entries' });
  });
});

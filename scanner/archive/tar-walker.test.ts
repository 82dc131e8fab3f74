import { describe, expect, it } from '@jest/globals';
import { writeTar } from '../../test/support/tar.ts';
import type { Sample } from '../samples.ts';
import {
  after,
  afterLine,
  baseSize,
  entry,
  file,
  gnu,
  longLink,
  longName,
  pax,
  paxRecord,
  v7,
  walk,
} from './samples.ts';

describe('TarWalker names and types as Go reads them', () => {
  it.each<readonly [string, readonly Sample[], readonly string[]]>([
    [
      'files, folders and links',
      [
        file('a.txt', 'x'),
        { path: 'd/' },
        { path: 's', link: 'a.txt' },
        { path: 'h', link: 'a.txt', type: 'hardlink' },
        { path: 'f', type: 'fifo' },
        { path: 'c', type: 'character-device' },
      ],
      ['file a.txt = x', 'directory d', 'symlink s -> a.txt', 'hardlink h -> a.txt', 'other f', 'other c'],
    ],
    ['an empty file', [file('a.txt')], ['file a.txt']],
    ['a body of exactly one block', [file('a.txt', 'x'.repeat(512))], [`file a.txt = ${'x'.repeat(512)}`]],
    ['a ustar prefix', [entry('0', 'n.txt', 'x', { 345: 'some/dir' })], ['file some/dir/n.txt = x']],
    [
      'a star prefix',
      [entry('0', 'n.txt', 'x', { 345: 'p', 500: '01234567', 508: 'tar\0' })],
      ['file p/n.txt = x'],
    ],
    ['v7 without a prefix', [entry('\0', 'n.txt', 'x', { ...v7, 345: 'no' })], ['file n.txt = x']],
    ['v7 folders by their slash', [entry('\0', 'd/', '', v7)], ['directory d']],
    [
      'v7 folders as bodiless whatever their size',
      [entry('\0', 'd/', '', { ...v7, 124: '00000001000\0' }), after],
      ['directory d', afterLine],
    ],
    ['no prefix of GNU', [entry('0', 'n.txt', 'x', { ...gnu, 345: '00000000000\0' })], ['file n.txt = x']],
    [
      'a prefix of early Go under GNU magic',
      [entry('0', 'status', '', { ...gnu, 345: 'var/lib/dpkg' })],
      ['file var/lib/dpkg/status'],
    ],
    [
      'binary times of GNU as times',
      [entry('0', 'n.txt', 'x', { ...gnu, 345: `\x80${'\0'.repeat(10)}\x01` })],
      ['file n.txt = x'],
    ],
    [
      'overflowing times of GNU as no prefix when it is no ASCII',
      [entry('0', 'n.txt', 'x', { ...gnu, 345: `\x80${'\x7f'.repeat(11)}` })],
      ['file n.txt = x'],
    ],
    ['long names', [longName('l/o/n/g.txt'), file('short', 'x')], ['file l/o/n/g.txt = x']],
    ['empty long names as none', [longName(''), file('n.txt', 'x')], ['file n.txt = x']],
    ['long links', [longLink('l/o/n/g'), { path: 's', link: 'x' }], ['symlink s -> l/o/n/g']],
    ['both', [longLink('to'), longName('from'), { path: 's', link: 'x' }], ['symlink from -> to']],
    ['PAX names', [pax(['path', 'p/ä.txt']), file('short', 'x')], ['file p/ä.txt = x']],
    ['PAX link paths', [pax(['linkpath', 'to']), { path: 's', link: 'x' }], ['symlink s -> to']],
    ['the last of a PAX key', [pax(['path', 'a'], ['path', 'b.txt']), file('n', 'x')], ['file b.txt = x']],
    ['empty PAX values as none', [pax(['path', 'a'], ['path', '']), file('n.txt', 'x')], ['file n.txt = x']],
    [
      'the last PAX header',
      [pax(['path', 'a']), pax(['mtime', '1']), file('n.txt', 'x')],
      ['file n.txt = x'],
    ],
    ['PAX for one entry only', [pax(['path', 'p']), file('n'), file('m')], ['file p', 'file m']],
    [
      'long names before PAX names',
      [longName('l.txt'), pax(['path', 'p']), file('n', 'x')],
      ['file l.txt = x'],
    ],
    [
      'PAX sizes',
      [pax(['size', '1']), entry('0', 'n.txt', 'x', { 124: '00000000000\0' }), after],
      ['file n.txt = x', afterLine],
    ],
    [
      'links with a size as bodiless',
      [entry('1', 'h', '', { 124: '00000001000\0', 157: 'to' }), after],
      ['hardlink h -> to', afterLine],
    ],
    [
      'links with a PAX size as bodiless',
      [pax(['size', '512']), { path: 's', link: 'to' }, after],
      ['symlink s -> to', afterLine],
    ],
    ['unknown types with their bodies', [entry('Z', 'z', 'body'), after], ['other z', afterLine]],
    ['contiguous files', [entry('7', 'n.txt', 'x')], ['file n.txt = x']],
    [
      'numbers of base 256',
      [entry('0', 'n.txt', 'x', { 124: baseSize(1) }), after],
      ['file n.txt = x', afterLine],
    ],
    [
      'numbers with spaces before and after',
      [entry('0', 'n.txt', 'x', { 124: '       1   ' }), after],
      ['file n.txt = x', afterLine],
    ],
    [
      'numbers that a zero byte cuts',
      [entry('0', 'n.txt', 'x', { 124: '1\0\x0034567890' }), after],
      ['file n.txt = x', afterLine],
    ],
    [
      'names with a zero byte cut there',
      [entry('0', 'n.txt', 'x', { 0: 'n.txt\0evil' })],
      ['file n.txt = x'],
    ],
    ['an empty name', [entry('0', '', '')], ['file ']],
  ])('reads %s', (_, specs, lines) => {
    const bytes = writeTar(specs);
    expect(walk(bytes)).toEqual({ lines, tar: true });
    expect(walk(bytes, 511)).toEqual({ lines, tar: true });
    expect(walk(bytes, 1)).toEqual({ lines, tar: true });
  });

  it.each<readonly [string, readonly Sample[], readonly string[]]>([
    [
      'are an entry of their own',
      [entry('g', 'pax_global_header', paxRecord('comment', 'x')), after],
      ['other pax_global_header', afterLine],
    ],
    ['name only themselves', [entry('g', 'g', paxRecord('path', 'own')), after], ['other own', afterLine]],
    [
      'make a PAX name before them void',
      [pax(['path', 'decoy']), entry('g', 'g'), file('n.txt', 'x')],
      ['other g', 'file n.txt = x'],
    ],
    [
      'make a long name before them void',
      [longName('decoy'), entry('g', 'g'), file('n.txt', 'x')],
      ['other g', 'file n.txt = x'],
    ],
  ])('global headers %s', (_, specs, lines) => {
    expect(walk(writeTar(specs)).lines).toEqual(lines);
    expect(walk(writeTar(specs), 7).lines).toEqual(lines);
  });
});

describe('TarWalker sparse files', () => {
  const map = '4\0'.padEnd(512, '\0');
  const go = Buffer.alloc(512);
  go.writeUInt8(1, 504);
  it.each<readonly [string, readonly Sample[], readonly string[]]>([
    ['old GNU', [entry('S', 's', 'data', gnu), after], ['file s (sparse)', afterLine]],
    [
      'old GNU with two blocks of map',
      [
        entry('S', 's', '', { ...gnu, 124: '00000001000\0', 482: '\x01' }),
        { path: '', raw: Buffer.concat([go, Buffer.alloc(512), Buffer.alloc(512, 0x41)]) },
        after,
      ],
      ['file s (sparse)', afterLine],
    ],
    [
      'PAX 0.0',
      [pax(['GNU.sparse.offset', '0'], ['GNU.sparse.numbytes', '4']), file('s', 'data'), after],
      ['file s (sparse)', afterLine],
    ],
    [
      'PAX 0.1 with its real name',
      [
        pax(['GNU.sparse.map', '0,4'], ['GNU.sparse.name', 'real'], ['path', 'fake']),
        file('s', 'data'),
        after,
      ],
      ['file real (sparse)', afterLine],
    ],
    [
      'PAX 1.0 with its real name',
      [
        pax(['GNU.sparse.major', '1'], ['GNU.sparse.minor', '0'], ['GNU.sparse.name', 'real']),
        file('GNUSparseFile.0/s', `${map}data`),
        after,
      ],
      ['file real (sparse)', afterLine],
    ],
    [
      'a sparse name without a sparse format is ignored',
      [pax(['GNU.sparse.name', 'decoy']), file('n', 'x'), after],
      ['file n (sparse)', afterLine],
    ],
    [
      'a sparse name with an empty map is ignored',
      [pax(['GNU.sparse.name', 'decoy'], ['GNU.sparse.offset', '']), file('n', 'x'), after],
      ['file n (sparse)', afterLine],
    ],
    [
      'a sparse name of an unknown format is ignored',
      [
        pax(['GNU.sparse.major', '2'], ['GNU.sparse.minor', '0'], ['GNU.sparse.name', 'decoy']),
        file('n', 'x'),
      ],
      ['file n (sparse)'],
    ],
  ])('%s', (_, specs, lines) => {
    expect(walk(writeTar(specs)).lines).toEqual(lines);
    expect(walk(writeTar(specs), 100).lines).toEqual(lines);
  });
});

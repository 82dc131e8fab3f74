import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { isPratiqueError } from '../../core/errors.ts';
import { type TarEntry as Spec, writeTar } from '../../test/support/tar.ts';
import { TarWalker } from './tar-walker.ts';

/** `type path [-> link] [= content]`; content is taken of files that end in .txt. */
function walk(
  bytes: Uint8Array,
  chunk = bytes.length,
  mostEntries = 1000,
): { lines: string[]; tar: boolean } {
  const lines: string[] = [];
  const walker = new TarWalker(
    {
      entry: ({ type, path, linkName, size, sparse }) => {
        const link = type === 'symlink' || type === 'hardlink' ? ` -> ${linkName}` : '';
        lines.push(`${type} ${path}${link}${sparse ? ' (sparse)' : ''}`);
        return size > 0 && path.endsWith('.txt');
      },
      content: (_, content) => {
        lines.push(`${lines.pop() ?? ''} = ${content.toString()}`);
      },
    },
    mostEntries,
  );
  for (let at = 0; at < bytes.length; at += Math.max(1, chunk)) walker.write(bytes.subarray(at, at + chunk));
  return { lines, tar: walker.end() };
}

const file = (path: string, content = ''): Spec => ({ path, content });
const end = Buffer.alloc(1024);
const after = file('after.txt', 'still in step');
const afterLine = 'file after.txt = still in step';

/** An entry of any type; `at` writes text at an offset of its header. */
function entry(type: string, path: string, content = '', at: Readonly<Record<number, string>> = {}): Spec {
  return {
    path,
    content,
    type: 'file',
    patchHeader: (header) => {
      header.write(type, 156, 1, 'latin1');
      for (const [offset, value] of Object.entries(at)) header.write(value, Number(offset), 'latin1');
    },
  };
}

function pax(...records: readonly (readonly [string, string])[]): Spec {
  return entry('x', 'PaxHeader', records.map(([key, value]) => paxRecord(key, value)).join(''));
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (String(length).length + Buffer.byteLength(rest) !== length) length += 1;
  return `${length}${rest}`;
}

const longLink = (path: string): Spec => entry('K', '././@LongLink', `${path}\0`);
const longName = (path: string): Spec => entry('L', '././@LongLink', `${path}\0`);
const gnu = { 257: 'ustar  \0' };
const v7 = { 257: '\0\0\0\0\0\0\0\0' };
const baseSize = (size: number): string =>
  `\x80${'\0'.repeat(9)}${String.fromCharCode(size >> 8, size & 255)}`;

describe('TarWalker names and types as Go reads them', () => {
  it.each<readonly [string, readonly Spec[], readonly string[]]>([
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

  it.each<readonly [string, readonly Spec[], readonly string[]]>([
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
  it.each<readonly [string, readonly Spec[], readonly string[]]>([
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

describe('TarWalker properties', () => {
  const name = fc
    .array(fc.stringMatching(/^[a-zä.]{1,40}$/), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join('/'));
  const tree = fc.array(fc.tuple(name, fc.uint8Array({ maxLength: 1500 })), { maxLength: 12 });

  async function packed(files: readonly (readonly [string, Uint8Array])[]): Promise<Buffer> {
    const archive = pack();
    for (const [path, content] of files) archive.entry({ name: path }, Buffer.from(content));
    archive.finalize();
    const parts: Buffer[] = [];
    for await (const part of archive) parts.push(part as Buffer);
    return Buffer.concat(parts);
  }

  function contents(bytes: Buffer, cuts: readonly number[]): (readonly [string, Buffer])[] {
    const found: (readonly [string, Buffer])[] = [];
    const walker = new TarWalker(
      { entry: () => true, content: ({ path }, content) => found.push([path, content]) },
      10_000,
    );
    const sorted = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    sorted.forEach((from, index) => {
      walker.write(bytes.subarray(from, sorted[index + 1] ?? bytes.length));
    });
    walker.end();
    return found;
  }

  const clean = (path: string): string => {
    const parts: string[] = [];
    for (const part of path.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.') parts.push(part);
    }
    return parts.join('/');
  };

  it('reads back what tar-stream wrote, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.array(fc.nat(), { maxLength: 30 }), async (files, cuts) => {
        const found = contents(await packed(files), cuts);
        expect(found).toEqual(files.map(([path, bytes]) => [clean(path), Buffer.from(bytes)]));
      }),
      { numRuns: 60 },
    );
  });

  it('answers mutated archives with entries or a PratiqueError', () => {
    const original = writeTar([
      longName('some/long/name.txt'),
      file('short', 'x'.repeat(700)),
      pax(['path', 'p']),
      file('n', 'y'),
      entry('S', 's', 'data', gnu),
      { path: 's', link: 'to' },
      entry('g', 'g', paxRecord('path', 'q')),
      after,
    ]);
    const change = fc.tuple(fc.nat(original.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.boolean(), fc.nat(), (changes, repair, length) => {
        const bytes = Buffer.from(original);
        for (const [at, value] of changes) {
          bytes.writeUInt8(value, at);
          if (repair) repairChecksum(bytes, at - (at % 512));
        }
        outcome(() => walk(bytes.subarray(0, length % 2 === 0 ? bytes.length : length % bytes.length), 333));
      }),
      { numRuns: 2000 },
    );
  });

  it('answers random bytes with "no archive" or a PratiqueError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        outcome(() => walk(bytes));
        outcome(() => walk(Buffer.concat([writeTar([after], { end: false }), bytes])));
      }),
      { numRuns: 300 },
    );
  });
});

function repairChecksum(bytes: Buffer, start: number): void {
  const header = bytes.subarray(start, start + 512);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
}

function outcome(action: () => { lines: string[]; tar: boolean }): void {
  try {
    const { lines, tar } = action();
    expect(tar || lines.length === 0).toBe(true);
  } catch (error) {
    expect(isPratiqueError(error) ? error.code : error).toMatch(/^(layer-unreadable|limit-exceeded)$/);
  }
}

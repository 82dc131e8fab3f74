import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { isPratiqueError } from '../../core/errors.ts';
import { writeTar } from '../../test/support/tar.ts';
import { after, entry, file, gnu, longName, pax, paxRecord, walk } from './samples.ts';
import { TarWalker } from './tar-walker.ts';

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

  function contents(bytes: Buffer, cuts: readonly number[], inParts: boolean): (readonly [string, Buffer])[] {
    const found: (readonly [string, Buffer])[] = [];
    const walker = new TarWalker(
      {
        entry: ({ path }) => {
          if (!inParts) return 'whole';
          found.push([path, Buffer.alloc(0)]);
          return 'parts';
        },
        content: ({ path }, content) => found.push([path, content]),
        part: (bytes) => {
          const [path, before] = found.pop() ?? ['', Buffer.alloc(0)];
          found.push([path, Buffer.concat([before, bytes])]);
          return true;
        },
        partsEnd: () => undefined,
      },
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
      fc.asyncProperty(
        tree,
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.boolean(),
        async (files, cuts, inParts) => {
          const found = contents(await packed(files), cuts, inParts);
          expect(found).toEqual(files.map(([path, bytes]) => [clean(path), Buffer.from(bytes)]));
        },
      ),
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

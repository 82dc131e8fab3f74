import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inflate } from './inflate.ts';

const most = 1024 ** 2;
const text = Buffer.from(JSON.stringify(Array.from({ length: 3000 }, (_, n) => ({ name: n ** 2, n }))));
const packed = deflateSync(text, { level: 7 });

describe('an unpacked stream', () => {
  it('is what zlib makes of it, whatever was packed and how, and whatever follows', () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(fc.constantFrom('a', 'bc', '{"name":"', 'ü', 'x'.repeat(300)), { maxLength: 200 })
        .map((parts) => Buffer.from(parts.join(''))),
    );
    const options = fc.record({ level: fc.nat(9), strategy: fc.constantFrom(0, 1, 2, 3, 4) });
    fc.assert(
      fc.property(content, options, fc.uint8Array({ maxLength: 9 }), (bytes, how, behind) => {
        const stream = Buffer.concat([deflateSync(bytes, how), behind]);
        expect(inflate(stream, most)).toEqual({ kind: 'whole', content: bytes });
      }),
      { numRuns: 500 },
    );
    expect(inflate(packed, most)).toEqual({ kind: 'whole', content: text });
  });

  it('is cut where more is not wanted', () => {
    expect(inflate(packed, 12)).toEqual({ kind: 'more', content: text.subarray(0, 12) });
    expect(inflate(packed, text.length).kind).toBe('whole');
    expect(inflate(deflateSync(Buffer.alloc(50_000_000)), most).kind).toBe('more');
  });

  it('is short at any place before its end', () => {
    for (let end = 2; end < packed.length; end += 1 + (end >> 6))
      expect(['short', 'damaged']).toContain(inflate(packed.subarray(0, end), most).kind);
    expect(inflate(packed.subarray(0, -1), most)).toEqual({ kind: 'short' });
    expect(inflate(Buffer.alloc(0), most)).toEqual({ kind: 'short' });
  });

  it('is never thrown at, and whole only where zlib says so', () => {
    const sample = deflateSync(text.subarray(0, 2000));
    const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const bytes = Buffer.from(sample);
        for (const [at, value] of changes) bytes.writeUInt8(value, at);
        const result = inflate(bytes, most);
        // Its head is not looked at.
        bytes.set(sample.subarray(0, 2));
        let expected: Buffer | null = null;
        try {
          expected = inflateSync(bytes);
        } catch {
          expected = null;
        }
        expect('content' in result && result.kind === 'whole' ? result.content : null).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

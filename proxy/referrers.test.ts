import { describe, expect, it } from '@jest/globals';
import { type Digest, parseDigest } from '../core/digest.ts';
import type { Referrer } from '../registry/referrers.ts';
import { referrersTag } from '../registry/referrers.ts';
import { sha256, sha512 } from '../test/support/images.ts';
import { mergePage, referrersLimits } from './referrers.ts';

const digest = (at: number): Digest =>
  parseDigest(`sha256:${at.toString(16).padStart(64, '0')}`) ?? sha256('none');
const one = (at: number, more: Partial<Referrer> = {}): Referrer => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: digest(at),
  size: 10,
  artifactType: `t/${at % 2}`,
  ...more,
});
const whole = (...referrers: Referrer[]) => ({ referrers, more: false });
const nothing = whole();

/** All pages, one after the other. */
function pages(
  listed: readonly Referrer[],
  recorded: readonly Referrer[],
  atOnce: number,
  type: string | null,
) {
  const found: (readonly Referrer[])[] = [];
  for (let last: Digest | null = null; ; ) {
    const after: readonly Referrer[] = recorded.filter((each) => last === null || each.digest > last);
    const read = { referrers: after.slice(0, atOnce), more: after.length > atOnce };
    const page = mergePage(listed, read, last, type);
    found.push(page.manifests);
    if (page.next === null) return found;
    expect(last === null || page.next > last).toBe(true);
    last = page.next;
  }
}

describe('what is listed and what is recorded', () => {
  it('is told once, in the order of digests, and as its manifest says', () => {
    const listed = [one(3, { artifactType: 'said/otherwise' }), one(1), one(1)];
    expect(mergePage(listed, whole(one(2), one(3)), null, null)).toEqual({
      manifests: [one(1), one(2), one(3)],
      next: null,
    });
  });

  it.each([
    [1, null],
    [2, null],
    [100, null],
    [1, 't/1'],
    [3, 't/0'],
    [2, 't/none'],
  ])('loses nothing between pages of records of %d, of type %s', (atOnce, type) => {
    const listed = [9, 1, 4, 4, 7, 20, 30].map((at) => one(at));
    const recorded = [2, 3, 4, 10, 11, 12].map((at) => one(at));
    const expected = [1, 2, 3, 4, 7, 9, 10, 11, 12, 20, 30]
      .map((at) => one(at))
      .filter((each) => type === null || each.artifactType === type);
    expect(pages(listed, recorded, atOnce, type).flat()).toEqual(expected);
  });

  it('goes on after a thousand', () => {
    const listed = Array.from({ length: 2500 }, (_, at) => one(at + 1));
    expect(pages(listed, [], 10, null).map((page) => page.length)).toEqual([1000, 1000, 500]);
  });

  it('never has more bytes than a manifest may have', () => {
    const annotations = { note: 'é'.repeat(900_000) };
    const listed = [1, 2, 3, 4, 5].map((at) => one(at, { annotations }));
    const all = pages(listed, [], 10, null);
    expect(all.map((page) => page.length)).toEqual([2, 2, 1]);
    const largest = Math.max(...all.map((manifests) => Buffer.byteLength(JSON.stringify({ manifests }))));
    expect(largest).toBeLessThan(referrersLimits.bytes);
  });

  it('tells one whose annotations fill an answer without them', () => {
    const annotations = { note: 'x'.repeat(referrersLimits.bytes) };
    const { annotations: _, ...bare } = one(2);
    expect(mergePage([one(2, { annotations }), one(3)], nothing, null, null).manifests).toEqual([
      bare,
      one(3),
    ]);
  });
});

it.each([
  [sha256('x'), /^sha256-[0-9a-f]{64}$/],
  [sha512('x'), /^sha512-[0-9a-f]{64}$/],
])('%s has a tag of its own', (subject, tag) => {
  expect(referrersTag(subject)).toMatch(tag);
  expect(subject.replace(':', '-').startsWith(referrersTag(subject))).toBe(true);
});

import { describe, expect, it } from '@jest/globals';
import { replicaSchemaVersion, unreadRevision } from '../../core/replica.ts';
import { believeImages, believePage, believeVet } from './believe.ts';
import { address, digestOf, imageEntry, imagePage, page, start, verdictEntry } from './samples.ts';

const a = digestOf('a');
const b = digestOf('b');
const good = verdictEntry(a, 'pass');
const misfit = { ...verdictEntry(b, 'fail'), verdict: { ...verdictEntry(b, 'fail').verdict, status: 'odd' } };

describe('a page of changes', () => {
  it('is believed with the verdicts that it tells', () => {
    const believed = believePage(page([good, verdictEntry(b, 'fail')], 7, 9), 5, start);
    expect(believed.verdicts.map(({ digest, verdict }) => [digest, verdict.status])).toEqual([
      [a, 'pass'],
      [b, 'fail'],
    ]);
    expect(believed).toMatchObject({ cursor: 7, last: 9, unread: [] });
  });

  it.each<readonly [string, unknown, RegExp]>([
    ['is no object', 'pass', /cannot be read/],
    ['is of another version', { ...page([], 5), schemaVersion: 99 }, /schemaVersion/],
    ['has a cursor before the one that was asked for', page([], 4, 9), /runs backwards/],
    ['has a last one before its cursor', page([], 7, 6), /runs backwards/],
    ['stands still with news', page([good], 5), /stands still/],
    ['stands still before the end', page([], 5, 9), /stands still/],
    ['tells a verdict twice', page([good, good], 6), /two verdicts/],
    [
      'tells a verdict as one of another policy',
      page([{ ...good, policy: 'other' }], 6),
      /of the policy baseline as one of other/,
    ],
    ['tells a verdict of nobody knows what', page([good, { ...misfit, digest: 'sha256:1' }], 6), /a verdict/],
    ['tells a verdict by nobody knows which policy', page([{ ...misfit, policy: 7 }], 6), /a verdict/],
    [
      'has too many that cannot be read',
      page(
        Array.from({ length: 101 }, (_, n) => ({ ...misfit, policy: `p${n}` })),
        6,
      ),
      /more than 100/,
    ],
  ])('that %s is not believed', (_what, value, why) => {
    expect(() => believePage(value, 5, start)).toThrow(why);
  });
});

describe('one entry that cannot be read', () => {
  it('of the changes is an error of its image that nothing lifts, and the others count', () => {
    const { verdicts, unread } = believePage(page([misfit, good], 7), 5, start);
    expect(verdicts.map(({ digest, verdict }) => [digest, verdict.status])).toEqual([
      [b, 'error'],
      [a, 'pass'],
    ]);
    expect(verdicts[0]?.verdict).toMatchObject({
      ...{ policy: 'baseline', policyRevision: unreadRevision, validUntil: null, next: null },
      blockers: { complete: false, list: [] },
    });
    expect(unread).toEqual([
      { subject: `${b} by the policy baseline`, why: expect.stringContaining('verdict.status') },
    ]);
  });

  it('outweighs an answer that was made before it came', () => {
    const [entry] = believePage(page([misfit], 7), 5, start).verdicts;
    expect(Date.parse(entry?.verdict.evaluatedAt ?? '')).toBeGreaterThan(start);
  });

  it('cannot be told by a proxy that writes it itself', () => {
    const forged = { ...good, verdict: { ...good.verdict, policyRevision: unreadRevision } };
    expect(believePage(page([forged], 7), 5, start).verdicts[0]?.verdict.status).toBe('error');
  });

  it('of the images is one that is not to be judged', () => {
    const many = {
      ...imageEntry(b),
      platforms: Array.from({ length: 1001 }, () => ({ platform: null, digest: b })),
    };
    const { images, unread } = believeImages(imagePage([many, imageEntry(a, 'good')], 2), 0);
    expect(images).toEqual([
      {
        ...{ repository: address, digest: b, platforms: [], tags: [] },
        unfit: [expect.stringContaining('cannot be read here: platforms')],
      },
      imageEntry(a, 'good'),
    ]);
    expect(unread).toHaveLength(1);
    expect(() => believeImages(imagePage([{ ...many, digest: 'x' }], 2), 0)).toThrow(
      /an image cannot be read/,
    );
  });
});

describe('an answer about an image', () => {
  const asked = { upstream: 'corp', path: 'team/app', pointer: 'latest', milliseconds: 0 };
  const answer = {
    ...{
      schemaVersion: replicaSchemaVersion,
      asked: { upstream: 'corp', path: 'team/app', pointer: 'latest' },
    },
    ...{ image: imageEntry(a), verdicts: [good], failures: [], failure: null },
  };
  const failure = { code: 'manifest-unknown', message: 'there is none', fields: {} };

  it('is believed where it answers what was asked', () => {
    expect(believeVet(answer, asked, start)).toMatchObject({ image: { digest: a }, unread: [] });
    expect(believeVet({ ...answer, image: null, verdicts: [], failure }, asked, start).failure).toEqual(
      failure,
    );
  });

  it('with a verdict that cannot be read has it as an error', () => {
    const { verdicts } = believeVet({ ...answer, verdicts: [{ ...misfit, digest: a }] }, asked, start);
    expect(verdicts[0]?.verdict.status).toBe('error');
  });

  it('with an image that cannot be read has that one refused, whatever else it tells', () => {
    const image = { ...imageEntry(a), platforms: [{ platform: 'x'.repeat(513), digest: a }] };
    const believed = believeVet({ ...answer, image }, asked, start);
    expect(believed).toMatchObject({ image: { digest: a, platforms: [] }, verdicts: [], failures: [] });
    expect(believed.image?.unfit).toHaveLength(1);
  });

  it.each<readonly [string, object, RegExp]>([
    ['another reference', { asked: { ...answer.asked, pointer: 'other' } }, /answers for/],
    [
      'another repository',
      { image: { ...imageEntry(a), repository: { ...address, path: 'x' } } },
      /an image of corp\/x/,
    ],
    ['an image that is not there', { failure }, /says that there is none/],
    ['verdicts of no image', { image: null }, /does not name/],
    [
      'an image without a manifest',
      { image: { ...imageEntry(a), platforms: [] }, verdicts: [] },
      /without a manifest/,
    ],
    ['another image as well', { verdicts: [verdictEntry(b, 'pass')] }, /not asked for/],
    ['a failure of another image', { failures: [{ digest: b, failure }] }, /not asked for/],
  ])('that tells of %s is not believed', (_what, changes, why) => {
    expect(() => believeVet({ ...answer, ...changes }, asked, start)).toThrow(why);
  });

  it('for another digest than the one that was asked for is not believed', () => {
    const named = { ...asked, pointer: b };
    expect(() => believeVet({ ...answer, asked: { ...answer.asked, pointer: b } }, named, start)).toThrow(
      /answers for sha256:a/,
    );
  });
});

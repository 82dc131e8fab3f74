import { describe, expect, it } from '@jest/globals';
import { PratiqueError } from '../core/errors.ts';
import { referrersTag } from '../registry/referrers.ts';
import { sha256, sha512 } from '../test/support/images.ts';
import { type ReferrerLists, upstreamListLimits, upstreamReferrers } from './upstream-referrers.ts';

const subject = sha512('an image');
const address = { upstream: 'corp', namespace: 'registry.corp', path: 'team/app' };
const one = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: sha256('a'), size: 3 };
const other = { ...one, digest: sha256('b'), artifactType: 'a/b', annotations: { is: 'so' } };
const listOf = (...manifests: unknown[]): string => JSON.stringify({ schemaVersion: 2, manifests });
const fails = (code: ConstructorParameters<typeof PratiqueError>[0]) => (): Promise<never> =>
  Promise.reject(new PratiqueError(code, 'so it is'));

/** An upstream whose list has these pages; null: it has no list. */
function upstream(
  pages: readonly string[] | null,
  standIn: ReferrerLists['getManifest'] = fails('manifest-unknown'),
): ReferrerLists {
  return {
    getReferrers: (_path, _digest, page) => {
      const at = page === null ? 0 : Number(page);
      const text = pages?.[at];
      if (text === undefined || pages === null) return Promise.resolve(null);
      return Promise.resolve({
        bytes: Buffer.from(text),
        next: at + 1 < pages.length ? String(at + 1) : null,
      });
    },
    getManifest: standIn,
  };
}
const tagged =
  (text: string): ReferrerLists['getManifest'] =>
  (_path, pointer) => {
    expect(pointer).toEqual({ kind: 'tag', tag: referrersTag(subject) });
    const bytes = Buffer.from(text);
    return Promise.resolve({ bytes, mediaType: null, digest: sha256(bytes), etag: null });
  };

describe('what an upstream says refers to a digest', () => {
  it.each([
    ['in one page', upstream([listOf(one, other)]), [one, other]],
    ['in several', upstream([listOf(one), listOf(), listOf(other)]), [one, other]],
    ['nothing, as Go writes it', upstream(['{"schemaVersion":2,"manifests":null}']), []],
    ['by a tag, where it has no list', upstream(null, tagged(listOf(other))), [other]],
    ['nothing, where it has neither', upstream(null), []],
    [
      'without what leads to content',
      upstream([listOf({ ...one, data: 'e30=', urls: ['http://elsewhere.test'], platform: { os: 'x' } })]),
      [one],
    ],
  ])('%s', async (_what, client, expected) => {
    const found = await upstreamReferrers(client, address, subject);
    expect(JSON.parse(JSON.stringify(found))).toEqual(expected);
  });

  it.each([
    ['no JSON', upstream(['<html>'])],
    ['no list', upstream(['{}'])],
    ['no list, but a text', upstream(['"x"'])],
    ['an error with 200', upstream(['{"errors":[]}'])],
    ['a list of something else', upstream(['{"schemaVersion":2,"manifests":[{"digest":"x"}]}'])],
    ['a second page that is no list', upstream([listOf(one), '{}'])],
    ['a tag that is no list', upstream(null, tagged('{"schemaVersion":2,"layers":[]}'))],
  ])('%s is not told as nothing', async (_what, client) => {
    await expect(upstreamReferrers(client, address, subject)).rejects.toMatchObject({
      code: 'upstream-misbehaved',
      message: expect.stringContaining('registry.corp/team/app'),
    });
  });

  it.each(['upstream-unreachable', 'upstream-refused', 'upstream-throttled'] as const)(
    'a failure (%s) is not told as nothing',
    async (code) => {
      const client = { getReferrers: fails(code), getManifest: fails('manifest-unknown') };
      await expect(upstreamReferrers(client, address, subject)).rejects.toMatchObject({ code });
      await expect(upstreamReferrers(upstream(null, fails(code)), address, subject)).rejects.toMatchObject({
        code,
      });
    },
  );

  it.each([
    ['too many pages', Array.from({ length: upstreamListLimits.pages + 1 }, () => listOf(one))],
    ['too many bytes', [1, 2, 3].map(() => listOf({ ...one, annotations: { a: 'x'.repeat(1_500_000) } }))],
  ])('%s are refused by name, and not cut', async (_what, pages) => {
    await expect(upstreamReferrers(upstream(pages), address, subject)).rejects.toMatchObject({
      code: 'limit-exceeded',
      message: expect.stringMatching(/more than \d+ (?:pages|bytes)/),
    });
  });

  it('as many pages as are followed are told whole', async () => {
    const pages = Array.from({ length: upstreamListLimits.pages }, () => listOf(one));
    expect(await upstreamReferrers(upstream(pages), address, subject)).toHaveLength(upstreamListLimits.pages);
  });
});

import { describe, expect, it } from '@jest/globals';
import { buildPrefetch, prefetchListSchema } from './prefetch-schema.ts';

const names = {
  upstreams: [
    { name: 'docker.io', namespace: 'docker.io' },
    { name: 'corp', namespace: 'registry.corp' },
  ],
  publicNames: [],
};
const build = (entries: unknown) => buildPrefetch(prefetchListSchema.parse(entries), names, 'c.yaml');

describe('images that are prefetched', () => {
  it.each([
    [{ jitter: 'off' }, 0],
    [{ jitter: '90s' }, 90_000],
    [{ jitter: '10m' }, 600_000],
    [{}, 60_000],
  ])('with %j', (keys, jitter) => {
    const images = ['docker.io/library/nginx:1.27', 'corp/team/app:latest', 'hosted/team/app'];
    const [entry] = build([{ images, schedule: '*/15 * * * *', ...keys }]);
    expect(entry?.images.map(({ name }) => name)).toEqual([
      'docker.io/library/nginx:1.27',
      'registry.corp/team/app:latest',
      'hosted/team/app:latest',
    ]);
    expect([entry?.schedule, entry?.jitter]).toEqual(['*/15 * * * *', jitter]);
  });
  it('are none where nothing is said', () => {
    expect(build(undefined)).toEqual([]);
  });
  it.each([
    ['ghcr.io/a/b:1', /^c.yaml prefetch\[0\].images\[0\]: found "ghcr.io\/a\/b:1", allowed the name of an/],
    ['corp/A:1', /prefetch\[0\].images\[0\]: found "corp\/A:1"/],
  ])('cannot be %s', (image, message) => {
    expect(() => build([{ images: [image], schedule: '* * * * *' }])).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(message) }),
    );
  });
  it.each([
    [{ images: [], schedule: '* * * * *' }],
    [{ images: ['corp/a'] }],
    [{ images: ['corp/a'], schedule: '' }],
    [{ images: ['corp/a'], schedule: '* * * * *', jitter: '5' }],
    [{ images: ['corp/a'], schedule: '* * * * *', every: '5m' }],
  ])('are not %j', (entry) => {
    expect(prefetchListSchema.safeParse([entry]).success).toBe(false);
  });
});

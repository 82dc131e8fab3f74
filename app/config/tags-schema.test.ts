import { describe, expect, it } from '@jest/globals';
import { defaultTagTimes } from '../../vetting/tag-times.ts';
import { buildTagTimes, hostedSchema, immutableTags } from './tags-schema.ts';

describe('times of tags', () => {
  it('are the usual ones where nothing is said', () => {
    expect(buildTagTimes({})).toEqual(defaultTagTimes);
  });
  it('are read in seconds, minutes, hours and days', () => {
    expect(buildTagTimes({ tagTtl: '0s', staleFor: '2d', staleAfter: '5s', missingTtl: '1m' })).toEqual({
      ttl: 0,
      staleFor: 172_800_000,
      staleAfter: 5000,
      missingTtl: 60_000,
    });
  });
});

describe('immutable tags', () => {
  it.each<[string, string, string, boolean]>([
    ['hosted/**:v*', 'hosted/team/app', 'v1.0', true],
    ['hosted/**:v*', 'hosted/team/app', 'latest', false],
    ['hosted/**:*', 'hosted/app', 'latest', true],
    ['**:1.*', 'hosted/app', '1.2', true],
    ['hosted/team/app:1.0', 'hosted/team/app', '1.0', true],
    ['hosted/team/app:1.0', 'hosted/team/app', '1.00', false],
    ['hosted/team/app:1.0', 'hosted/team/app2', '1.0', false],
    ['hosted/*:1.0', 'hosted/team/app', '1.0', false],
    ['hosted/**:*-rc*', 'hosted/a', '1-rc1', true],
    ['hosted/**:a*a', 'hosted/a', 'a', false],
    ['hosted/**:a*b*b', 'hosted/a', 'axb', false],
    ['hosted/**:a*b*b', 'hosted/a', 'axbyb', true],
  ])('%s and %s:%s', (pattern, repository, tag, expected) => {
    expect(immutableTags([pattern])(repository, tag)).toBe(expected);
  });
  it.each(['hosted/app', 'corp/app:1', ':1', 'hosted/app:', 'hosted/app:a/b', 'Hosted/app:1'])(
    '%s is no pattern',
    (pattern) => {
      expect(hostedSchema.safeParse({ immutableTags: [pattern] }).success).toBe(false);
    },
  );
});

import { expect, it } from '@jest/globals';
import { type ErrorFields, PratiqueError } from '../../core/errors.ts';
import { buildImage } from '../../test/support/images.ts';
import { warmImage } from './warm-image.ts';

const image = buildImage({ layers: [{ files: [{ path: 'a', content: 'x' }] }] });
const named = {
  name: 'registry.corp/app:1',
  address: { upstream: 'corp', namespace: 'registry.corp', path: 'app' },
  pointer: { kind: 'tag', tag: '1' },
} as const;
const throttled = (retryAfter: number | null) =>
  new PratiqueError('upstream-throttled', 'later', { retryAfter, said: 'not cleared yet' });
const refused = (said: string, fields: ErrorFields = {}) =>
  new PratiqueError('upstream-refused', 'answered 403', { said, ...fields });

it.each<[string, readonly Error[], boolean, string, string | null, number]>([
  ['is allowed', [], true, 'allowed', null, 0],
  ['is waited for as the server says', [throttled(7), throttled(null)], true, 'allowed', null, 12_000],
  [
    'is pending where its time would be over',
    [throttled(7), throttled(60)],
    true,
    'pending',
    'not cleared yet',
    7000,
  ],
  [
    'is refused by a verdict',
    [refused('Blocked by Pratique: registry.corp/app:1: CVE-1')],
    true,
    'refused',
    'CVE-1',
    0,
  ],
  [
    'is an error where there is no verdict',
    [refused('Not cleared by Pratique: x: y')],
    true,
    'error',
    'Not cleared by Pratique: x: y',
    0,
  ],
  [
    'is an error where the server is away',
    [new PratiqueError('upstream-unreachable', 'm', { cause: 'ECONNREFUSED' })],
    true,
    'error',
    'http://proxy could not be reached: ECONNREFUSED',
    0,
  ],
  [
    'is an error where a blob is missing',
    [],
    false,
    'error',
    `its blob ${image.config.digest} is not there`,
    0,
  ],
])('an image %s', async (_, failures, there, status, reason, waited) => {
  const left = [...failures];
  let clock = 0;
  const { bytes, mediaType, digest } = image.manifest;
  const warmed = await warmImage(named, {
    client: {
      getManifest: () => {
        const failure = left.shift();
        return failure === undefined
          ? Promise.resolve({ bytes, mediaType, digest, etag: null })
          : Promise.reject(failure);
      },
      headBlob: () => Promise.resolve(there ? { size: null } : null),
    },
    registry: 'http://proxy',
    platforms: [],
    deadline: 30_000,
    now: () => clock,
    pause: (milliseconds) => {
      clock += milliseconds;
      return Promise.resolve();
    },
    show: () => undefined,
  });
  expect([warmed.status, warmed.platforms[0]?.reason, clock]).toEqual([status, reason, waited]);
});

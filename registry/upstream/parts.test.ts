import { describe, expect, it } from '@jest/globals';
import { parseChallenges } from './challenge.ts';
import { parseRetryAfter } from './failures.ts';
import { mayHaveCredentials } from './trust.ts';

describe('parseChallenges', () => {
  const read = (header: string) =>
    parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
  it.each([
    ['', []],
    ['Basic', [['basic', {}]]],
    ['Basic realm="x"', [['basic', { realm: 'x' }]]],
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"',
      [
        [
          'bearer',
          {
            realm: 'https://auth.docker.io/token',
            service: 'registry.docker.io',
            scope: 'repository:library/nginx:pull',
          },
        ],
      ],
    ],
    ['bearer Realm = "a" , SERVICE=b', [['bearer', { realm: 'a', service: 'b' }]]],
    [
      'Bearer realm="a \\"b\\", c",scope="x:pull,push y:pull"',
      [['bearer', { realm: 'a "b", c', scope: 'x:pull,push y:pull' }]],
    ],
    ['Bearer realm=https://a/token,service=b', [['bearer', { realm: 'https://a/token', service: 'b' }]]],
    [
      'Basic realm="a", Bearer realm="b",service="c"',
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b', service: 'c' }],
      ],
    ],
    [
      'Negotiate, Basic realm="a"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'a' }],
      ],
    ],
    // The first one of a name counts; a second cannot move the realm elsewhere.
    ['Bearer realm="a",realm="b"', [['bearer', { realm: 'a' }]]],
    ['Bearer realm="a', [['bearer', { realm: 'a' }]]],
    ['Bearer realm="a";x', [['bearer', { realm: 'a' }]]],
    ['=,,"', []],
  ])('%j', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it('takes no time over hostile text', () => {
    const started = performance.now();
    for (const text of [',', ' ', 'a=', '"\\', 'Bearer a="', '\\"'])
      parseChallenges(`Bearer ${text.repeat(100_000)}`);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

it.each([
  ['https://registry-1.docker.io', 'https://auth.docker.io/token', true],
  ['https://ghcr.io', 'https://ghcr.io/token', true],
  ['https://registry.gitlab.com', 'https://gitlab.com/jwt/auth', true],
  ['http://localhost:5000', 'http://localhost:5001/auth', true],
  ['http://10.0.0.1:5000', 'http://10.0.0.1/auth', true],
  ['http://registry.corp', 'https://registry.corp/auth', true],
  ['https://ghcr.io', 'http://ghcr.io/token', false],
  ['https://registry-1.docker.io', 'https://auth.docker.io.evil.example/token', false],
  ['https://registry-1.docker.io', 'https://evil.example/docker.io', false],
  ['https://a.co.uk', 'https://b.co.uk/token', false],
  ['https://alice.github.io', 'https://mallory.github.io/token', false],
  ['http://10.0.0.1:5000', 'http://10.0.0.2/auth', false],
  ['http://localhost:5000', 'http://127.0.0.1/auth', false],
  ['http://registry', 'http://auth/token', false],
])('credentials of %s to %s: %s', (upstream, realm, allowed) => {
  expect(mayHaveCredentials(new URL(upstream), new URL(realm))).toBe(allowed);
});

it.each([
  [null, null],
  ['17', 17],
  ['soon', null],
  ['-3', null],
  ['Thu, 01 Jan 1970 00:01:10 GMT', 10],
  ['Thu, 01 Jan 1970 00:00:10 GMT', 0],
])('Retry-After: %s is %s seconds', (header, seconds) => {
  expect(parseRetryAfter(header, 60_000)).toBe(seconds);
});

import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createFallbackStop, type FallbackStop } from './stop-fallback.ts';

interface Asked {
  readonly method?: string;
  readonly url?: string;
  readonly agent?: string;
}

function asked({ method = 'HEAD', url = '/v2/a/b/manifests/1?ns=c', agent = 'containerd/1.6.20' }: Asked) {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method, url });
  request.headers = { 'user-agent': agent };
  return request;
}

function answered(stop: FallbackStop, status: number, request: Asked = {}): number {
  return stop(asked(request))?.(status) ?? status;
}

describe('what is told to containerd so that it asks nobody else', () => {
  it.each<[string, Asked, number, number]>([
    ['a refusal', {}, 403, 300],
    ['a name that is nobody’s here', {}, 404, 300],
    ['a refusal by digest', { url: '/v2/a/manifests/sha256:0' }, 403, 300],
    ['that it has to log in', {}, 401, 401],
    ['that it is served', {}, 200, 200],
    ['to come back', {}, 429, 429],
    ['a refused GET', { method: 'GET' }, 403, 403],
    ['a refused blob', { url: '/v2/a/blobs/sha256:0' }, 403, 403],
    ['a refusal of another client', { agent: 'skopeo/1.9' }, 403, 403],
    ['a refusal of who only names it', { agent: 'x containerd/1.6' }, 403, 403],
  ])('%s', (_what, request, status, expected) => {
    expect(answered(createFallbackStop(true), status, request)).toBe(expected);
    expect(answered(createFallbackStop(false), status, request)).toBe(status);
  });
  it('the fifth time to come back is the last, for this name alone', () => {
    const stop = createFallbackStop(true);
    const other = { url: '/v2/other/manifests/1' };
    expect([1, 2, 3, 4].map(() => answered(stop, 429))).toEqual([429, 429, 429, 429]);
    expect(answered(stop, 429, other)).toBe(429);
    expect(answered(stop, 429)).toBe(300);
    expect(answered(stop, 429)).toBe(429);
  });
});

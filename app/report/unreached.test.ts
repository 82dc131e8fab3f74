import { describe, expect, it } from '@jest/globals';
import { unreachedAdvice } from './unreached.ts';

const service = { kind: 'service', namespace: 'pratique', name: 'pratique-webhook', port: 443 } as const;
const url = { kind: 'url', url: 'https://10.0.0.7:8443' } as const;
const called =
  'failed calling webhook "images.pratique.dev": failed to call webhook: Post "https://10.0.0.7:8443/validate?timeout=15s"';

describe('a webhook that is not reached', () => {
  it.each<readonly [string, RegExp]>([
    [
      'dial tcp 10.0.0.7:8443: connect: connection refused',
      /is pratique serve running at https:\/\/10\.0\.0\.7:8443/,
    ],
    ['context deadline exceeded', /is pratique serve running/],
    [
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-30T17:35:53Z is after 2026-01-01T00:00:00Z',
      /^what to do: its certificate has ended/,
    ],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', /caBundle/],
    [
      'tls: failed to verify certificate: x509: certificate is valid for localhost, not pratique',
      /webhook\.names/,
    ],
    [
      "tls: failed to verify certificate: x509: cannot validate certificate for 10.0.0.7 because it doesn't contain any IP SANs",
      /webhook\.names/,
    ],
    [
      'the server responded with the status code 403 but did not return more information',
      /webhook\.clientCa/,
    ],
  ])('because of "%s" says what to do', (why, todo) => {
    const [effect, what, off] = unreachedAdvice({
      ...{ mode: 'enforce', failurePolicy: 'Fail', place: url, why: `${called}: ${why}` },
    });
    expect(effect).toMatch(/^meanwhile nothing that would start an image is let in/);
    expect(what).toMatch(todo);
    expect(off).toContain('pratique webhook enforce --off');
  });

  it('in audit says that nothing is refused, and where to look though the API server says nothing', () => {
    const advice = unreachedAdvice({ mode: 'audit', failurePolicy: 'Ignore', place: service, why: null });
    expect(advice).toEqual([
      'meanwhile everything is let in, and nothing is told of it',
      expect.stringContaining('kubectl -n pratique logs deployment/pratique-webhook'),
    ]);
  });
});

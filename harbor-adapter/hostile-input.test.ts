import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { negotiate, parseContentType } from './accept.ts';
import { parseAuthorization } from './authorization.ts';
import { vulnerabilityReportType } from './media-types.ts';
import { isRefusal } from './refusal.ts';
import { scanRequest } from './samples.ts';
import { parseScanRequest } from './scan-request.ts';

const rules = { sbom: true, registries: null };
const read = (body: unknown) => parseScanRequest(Buffer.from(JSON.stringify(body)), rules);

/** Whatever comes: an answer that the API has, or values that cannot be wrong. */
function isSound(answer: ReturnType<typeof parseScanRequest>): boolean {
  if (isRefusal(answer)) return [400, 422, 501].includes(answer.status) && !/[\n\r]/.test(answer.message);
  const url = new URL(answer.source.registry);
  return (
    url.origin === answer.source.registry &&
    /^https?:$/.test(url.protocol) &&
    /^sha(?:256|512):[0-9a-f]+$/.test(answer.source.digest) &&
    !/\.\.|[^a-z0-9._/-]/.test(answer.source.repository) &&
    answer.kinds.length > 0
  );
}

describe('whatever is sent', () => {
  it('as bytes is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => isSound(parseScanRequest(bytes, rules))),
    );
  });

  it('as JSON is read or refused', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => isSound(read(value))));
  });

  it('in a field of a request is read or refused', () => {
    const names = ['url', 'authorization', 'insecure', 'repository', 'digest', 'tag', 'mime_type', 'type'];
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.oneof(fc.jsonValue(), fc.string(), fc.webUrl(), fc.string({ unit: 'binary' })),
        (name, value) => {
          const text = JSON.stringify(scanRequest());
          const changed: unknown = JSON.parse(text, (key, old: unknown) => (key === name ? value : old));
          return isSound(read(changed));
        },
      ),
    );
  });

  it('in a header is read or not, and never thrown at', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        negotiate(text, [vulnerabilityReportType]);
        parseContentType(text);
        const authorization = parseAuthorization(text);
        return authorization === null || ['none', 'basic', 'bearer'].includes(authorization.kind);
      }),
    );
  });

  it('takes no time', () => {
    const started = performance.now();
    for (const text of ['"'.repeat(60_000), ';'.repeat(60_000), 'a/b;'.repeat(10_000), ','.repeat(60_000)]) {
      negotiate(text, [vulnerabilityReportType]);
      parseContentType(text);
      parseAuthorization(`Basic ${text}`);
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

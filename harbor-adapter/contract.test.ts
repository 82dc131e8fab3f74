import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv, type SchemaObject } from 'ajv';
import addFormats from 'ajv-formats';
import { type Exchange, playExchanges } from './samples-exchanges.ts';

/**
 * The answers' shapes, closed: a field that is not named here fails. Written from what Harbor reads
 * (`test/integration/harbor-contract.test.ts` compares with the API's own documents where they are at hand).
 */
const text = { type: 'string' };
const texts = { type: 'array', items: text };
const time = { type: 'string', format: 'date-time' };
const closed = (
  properties: Record<string, SchemaObject>,
  optional: readonly string[] = [],
): SchemaObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});
const scanner = closed({ name: text, vendor: text, version: text });
const artifact = closed({ repository: text, digest: text, tag: text, mime_type: text }, ['tag', 'mime_type']);
const severity = { enum: ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical'] };
const head = { generated_at: time, artifact, scanner };
const oldItem = {
  id: text,
  package: text,
  version: text,
  fix_version: text,
  severity,
  description: text,
  links: { type: 'array', items: { type: 'string', format: 'uri', not: { pattern: '\\|' } } },
};
const score = { type: 'number', minimum: 0, maximum: 10 };
const item = {
  ...oldItem,
  status: text,
  preferred_cvss: closed({ score_v3: score, vector_v3: text, score_v2: score, vector_v2: text }, [
    'score_v3',
    'vector_v3',
    'score_v2',
    'vector_v2',
  ]),
  cwe_ids: texts,
  vendor_attributes: { type: 'object', propertyNames: { not: { pattern: '^[Cc][Vv][Ss][Ss]$' } } },
};
const image = 'application/vnd.docker.distribution.manifest.v2+json';
const capability = closed(
  {
    type: { enum: ['vulnerability', 'sbom'] },
    consumes_mime_types: { type: 'array', items: text, contains: { const: image } },
    produces_mime_types: { ...texts, minItems: 1, maxItems: 1 },
    additional_attributes: closed({ sbom_media_types: texts }),
  },
  ['additional_attributes'],
);

const metadata = closed({
  scanner,
  capabilities: { type: 'array', items: capability, minItems: 1 },
  properties: { type: 'object', additionalProperties: text },
});
const error = closed({ error: closed({ message: { type: 'string', minLength: 10 } }) });
const shapes: Readonly<Record<string, SchemaObject>> = {
  'application/vnd.scanner.adapter.metadata+json; version=1.0': metadata,
  'application/vnd.scanner.adapter.metadata+json; version=1.1': metadata,
  'application/vnd.scanner.adapter.scan.response+json; version=1.0': closed({ id: text }),
  'application/vnd.scanner.adapter.error+json; version=1.0': error,
  'application/vnd.security.vulnerability.report; version=1.1': closed({
    ...head,
    severity,
    vulnerabilities: { type: 'array', items: closed(item, ['preferred_cvss']) },
    vendor_attributes: { type: 'object' },
  }),
  'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0': closed({
    ...head,
    severity,
    vulnerabilities: { type: 'array', items: closed(oldItem) },
  }),
  'application/vnd.security.sbom.report+json; version=1.0': closed({
    ...head,
    media_type: { enum: ['application/spdx+json', 'application/vnd.cyclonedx+json'] },
    sbom: { type: 'object', minProperties: 5 },
    vendor_attributes: { type: 'object' },
  }),
};

describe('every answer of the adapter', () => {
  let exchanges: readonly Exchange[] = [];
  beforeAll(async () => {
    exchanges = await playExchanges();
  });
  const ajv = new Ajv({ strict: true, allErrors: true, strictTypes: false });
  addFormats.default(ajv);

  it('has the shape of its Content-Type', () => {
    for (const { what, reply } of exchanges) {
      const type = reply.headers['content-type'];
      if (type === undefined) {
        expect([what, reply.status, reply.text]).toEqual([what, 302, '']);
        continue;
      }
      const shape = shapes[type];
      if (shape === undefined) throw new Error(`${what}: ${type} is not a type of the API`);
      const problems = ajv.validate(shape, reply.json) ? null : ajv.errorsText();
      expect([what, problems]).toEqual([what, null]);
    }
  });

  it('is an error or what was asked for', () => {
    for (const { what, reply } of exchanges) {
      const isError = reply.headers['content-type']?.includes('.error+json') === true;
      expect([what, isError]).toEqual([what, reply.status >= 400]);
    }
  });

  it.each(['application/vnd.scanner.adapter.metadata+json; version=1.1', ...Object.keys(shapes)])(
    'there is one of %s',
    (type) => {
      expect(exchanges.some(({ reply }) => reply.headers['content-type'] === type)).toBe(true);
    },
  );

  it('says when to ask again, in what fits an int8', () => {
    const waiting = exchanges.filter(({ reply }) => reply.status === 302);
    expect(waiting.map(({ reply }) => reply.headers['refresh-after'])).toEqual([
      expect.stringMatching(/^(?:[1-9]|[1-9]\d|1[01]\d|12[0-7])$/),
    ]);
  });
});

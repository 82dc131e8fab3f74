import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv, type SchemaObject } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Exchange, playExchanges } from '../../harbor-adapter/samples-exchanges.ts';

/**
 * Every exchange with the adapter against Harbor's own documents of the API, and the other way round: every answer
 * that a document has is given at least once, or is named here with the reason why it is not.
 */
const folder = process.env.PRATIQUE_SCANNER_SPEC ?? '';
const versions = ['1.0', '1.1', '1.2'] as const;
type Version = (typeof versions)[number];
const fileOf = (version: Version) => join(folder, `scanner-adapter-openapi-v${version}.yaml`);

const neverGiven = new Map([
  [
    '/scan/{scan_request_id}/report get 200 application/vnd.scanner.adapter.vuln.report.raw',
    'not offered: Pratique has no raw report, and the API does not say what would be in it',
  ],
]);

/** Answers that a later version, or HTTP itself, has. */
const beyond: Readonly<Record<Version, readonly string[]>> = {
  '1.0': [
    '/metadata get 200 application/vnd.scanner.adapter.metadata+json; version=1.1',
    '/scan post 501 application/vnd.scanner.adapter.error+json; version=1.0',
    '/scan/{scan_request_id}/report get 200 application/vnd.security.vulnerability.report; version=1.1',
    '/scan/{scan_request_id}/report get 200 application/vnd.security.sbom.report+json; version=1.0',
    '/scan/{scan_request_id}/report get 400 application/vnd.scanner.adapter.error+json; version=1.0',
    '/scan/{scan_request_id}/report get 501 application/vnd.scanner.adapter.error+json; version=1.0',
  ],
  '1.1': [
    '/metadata get 200 application/vnd.scanner.adapter.metadata+json; version=1.1',
    '/scan post 501 application/vnd.scanner.adapter.error+json; version=1.0',
    '/scan/{scan_request_id}/report get 200 application/vnd.security.sbom.report+json; version=1.0',
    '/scan/{scan_request_id}/report get 400 application/vnd.scanner.adapter.error+json; version=1.0',
    '/scan/{scan_request_id}/report get 501 application/vnd.scanner.adapter.error+json; version=1.0',
  ],
  '1.2': [],
};

/** A schema is an object whose inside is left to Ajv. */
const schemaShape = z.record(z.string(), z.unknown());
const contentShape = z.record(z.string(), z.object({ schema: schemaShape }));
const documentShape = z.looseObject({
  info: z.object({ version: z.string() }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        requestBody: z.object({ content: contentShape }).optional(),
        responses: z.record(
          z.string(),
          z.object({
            content: contentShape.optional(),
            headers: z.record(z.string(), z.unknown()).optional(),
          }),
        ),
      }),
    ),
  ),
  components: z.object({ schemas: z.record(z.string(), schemaShape) }),
});
type Document = z.infer<typeof documentShape>;

/** OpenAPI 3.0 says `nullable` where JSON Schema has a type of its own; Ajv knows it beside `type` alone. */
function jsonSchema(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(jsonSchema);
  if (typeof part !== 'object' || part === null) return part;
  const { nullable, example: _example, ...rest } = part as { readonly [key: string]: unknown };
  const plain = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, jsonSchema(value)]));
  return nullable === true ? { anyOf: [{ type: 'null' }, plain] } : plain;
}

function problemsOf(document: Document, schema: object, value: unknown): string | null {
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { url: true, float: true } });
  addFormats.default(ajv);
  const whole: SchemaObject = {
    ...(jsonSchema(schema) as object),
    components: jsonSchema(document.components),
  };
  return ajv.validate(whole, value) ? null : ajv.errorsText();
}

function answerOf({ path, method, reply }: Exchange): string {
  return `${path} ${method} ${reply.status} ${reply.headers['content-type'] ?? 'nothing'}`;
}

/** All answers that a document has; 404 and 302 have no content there, and may have any. */
function answersIn(document: Document): readonly string[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.entries(responses).flatMap(([status, { content }]) =>
        Object.keys(content ?? { any: 0 }).map((type) => `${path} ${method} ${status} ${type}`),
      ),
    ),
  );
}

const missing = versions.filter((version) => folder === '' || !existsSync(fileOf(version)));
const why =
  'PRATIQUE_SCANNER_SPEC names no folder with scanner-adapter-openapi-v1.0.yaml, -v1.1.yaml and -v1.2.yaml (goharbor/pluggable-scanner-spec, api/spec)';
if (missing.length > 0) {
  process.stderr.write(
    `not run: ${missing.map((version) => `contract of the scanner API v${version}`).join(', ')}: ${why}\n`,
  );
}

describe.each(versions)('the scanner API v%s', (version) => {
  const run = missing.includes(version) ? it.skip : it;
  let document: Document;
  let exchanges: readonly Exchange[] = [];
  beforeAll(async () => {
    if (missing.includes(version)) return;
    document = documentShape.parse(parse(readFileSync(fileOf(version), 'utf8')));
    exchanges = await playExchanges();
  });

  run('is the document that its name says', () => {
    expect(document.info.version).toBe(version);
  });

  run('has every answer that is given, in its shape', () => {
    for (const exchange of exchanges) {
      const { path, method, reply, what } = exchange;
      const given = answerOf(exchange);
      const response = document.paths[path]?.[method]?.responses[String(reply.status)];
      if (response === undefined) {
        expect([what, beyond[version]]).toEqual([what, expect.arrayContaining([given])]);
        continue;
      }
      for (const header of Object.keys(response.headers ?? {})) {
        expect([what, reply.headers[header.toLowerCase()]]).toEqual([what, expect.stringMatching(/^\d+$/)]);
      }
      if (response.content === undefined) continue;
      const schema = response.content[reply.headers['content-type'] ?? '']?.schema;
      if (schema === undefined) {
        expect([what, beyond[version]]).toEqual([what, expect.arrayContaining([given])]);
        continue;
      }
      expect([what, problemsOf(document, schema, reply.json)]).toEqual([what, null]);
    }
  });

  run('has no answer that is never given, but for those that are named', () => {
    const given = new Set(
      exchanges.flatMap((exchange) => [
        answerOf(exchange),
        `${exchange.path} ${exchange.method} ${exchange.reply.status} any`,
      ]),
    );
    const never = answersIn(document).filter((answer) => !given.has(answer));
    expect(never).toEqual([...neverGiven.keys()]);
  });

  run('takes the requests of the exchanges that were accepted', () => {
    const accepted = exchanges.filter(({ reply }) => reply.status === 202);
    expect(accepted.length).toBeGreaterThan(2);
    for (const { what, sent } of accepted) {
      for (const { schema } of Object.values(document.paths['/scan']?.post?.requestBody?.content ?? {})) {
        const body = JSON.parse(
          JSON.stringify(sent, (_key, value: unknown) => value ?? undefined),
        ) as unknown;
        expect([what, problemsOf(document, schema, body)]).toEqual([what, null]);
      }
    }
  });
});

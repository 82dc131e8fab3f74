import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { type ErrorCode, PratiqueError } from '../core/errors.ts';
import { ociErrorBody, ociErrorOf, ociErrorTable, reasonPhrase } from './oci-error.ts';

it('has the fourteen codes of the specification, each with a real status', () => {
  expect(Object.keys(ociErrorTable)).toHaveLength(14);
  for (const status of Object.values(ociErrorTable)) expect(STATUS_CODES[status]).toBeDefined();
});

it.each<[ErrorCode, number, string]>([
  ['manifest-unknown', 404, 'MANIFEST_UNKNOWN'],
  ['blob-unknown', 404, 'BLOB_UNKNOWN'],
  ['registry-unknown', 404, 'NAME_UNKNOWN'],
  ['upstream-throttled', 429, 'TOOMANYREQUESTS'],
  ['queue-full', 429, 'TOOMANYREQUESTS'],
  ['upstream-unreachable', 403, 'DENIED'],
  ['upstream-refused', 403, 'DENIED'],
  ['digest-mismatch', 403, 'DENIED'],
  ['layer-unreadable', 403, 'DENIED'],
  ['advisories-missing', 403, 'DENIED'],
])('%s is answered %i %s with its reason', (code, status, ociCode) => {
  expect(ociErrorOf(new PratiqueError(code, 'the reason'))).toMatchObject({
    status,
    code: ociCode,
    message: 'the reason',
  });
});

it.each([
  [undefined, 5],
  [null, 5],
  [0, 1],
  [2.2, 3],
  [10 ** 9, 3600],
])('an upstream that says %s makes clients come back after %i seconds', (retryAfter, seconds) => {
  const fields = retryAfter === undefined ? {} : { retryAfter };
  expect(ociErrorOf(new PratiqueError('upstream-throttled', 'later', fields)).retryAfter).toBe(seconds);
});

it('writes a body whose detail is a text', () => {
  expect(JSON.parse(ociErrorBody('DENIED', 'no', 'because'))).toEqual({
    errors: [{ code: 'DENIED', message: 'no', detail: 'because' }],
  });
});

describe('reasonPhrase', () => {
  it.each([
    ['Blocked: 3 critical', 'Blocked: 3 critical'],
    ['two\r\nSet-Cookie: lines', 'two Set-Cookie: lines'],
    ['grün – “x”\u0000', 'gr?n ? ?x??'],
    ['', 'Refused'],
  ])('%j', (text, expected) => {
    expect(reasonPhrase(text)).toBe(expected);
  });

  it('is at most 200 characters', () => {
    expect(reasonPhrase('x'.repeat(10_000))).toHaveLength(200);
  });
});

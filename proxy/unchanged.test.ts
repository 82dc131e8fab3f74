import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { parseDigest } from '../core/digest.ts';
import { isUnchanged } from './unchanged.ts';

const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
if (digest === null) throw new Error('no digest');

describe('what a client has already', () => {
  it.each<[string | undefined, boolean]>([
    [undefined, false],
    ['', false],
    [`"${digest}"`, true],
    [`W/"${digest}"`, true],
    ['*', true],
    [' * ', true],
    [`"x", "${digest}"`, true],
    [`"x","y"`, false],
    [digest, false],
    [`"${digest}`, false],
    [`"${digest.toUpperCase()}"`, false],
    [`"sha256:${'b'.repeat(64)}"`, false],
  ])('If-None-Match: %s', (header, expected) => {
    const headers = header === undefined ? {} : { 'if-none-match': header };
    expect(isUnchanged({ headers } as IncomingMessage, digest)).toBe(expected);
  });
});

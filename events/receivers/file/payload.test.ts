import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporaryDirectory } from '../../../test/support/temp.ts';
import { messageOf } from '../../message.ts';
import { event } from '../../samples.ts';
import { appendLine } from './append.ts';
import { fileLine } from './payload.ts';

const message = messageOf(event({ title: 'a\nb' }), '1');
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('a file of messages', () => {
  test('holds one message in each line, for its owner alone', async () => {
    const path = join(temporaryDirectory(), 'events.jsonl');
    await appendLine({ path, maxBytes: 10_000 }, fileLine(message));
    await appendLine({ path, maxBytes: 10_000 }, fileLine(message));
    expect(linesOf(path).map((line) => JSON.parse(line) as unknown)).toEqual([message, message]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is bounded: two files of at most the size', async () => {
    const path = join(temporaryDirectory(), 'events.jsonl');
    const maxBytes = fileLine(message).length * 3;
    for (let count = 0; count < 8; count += 1) await appendLine({ path, maxBytes }, fileLine(message));
    expect([linesOf(path).length, linesOf(`${path}.1`).length]).toEqual([2, 3]);
    expect(existsSync(`${path}.2`)).toBe(false);
  });

  test('half a line of a power cut takes no other with it', async () => {
    const path = join(temporaryDirectory(), 'events.jsonl');
    appendFileSync(path, '{"half');
    await appendLine({ path, maxBytes: 10_000 }, fileLine(message));
    expect(JSON.parse(linesOf(path)[1] ?? '')).toEqual(message);
  });

  test('a folder in its place is an error', async () => {
    const path = join(temporaryDirectory(), 'folder');
    mkdirSync(path);
    await expect(appendLine({ path, maxBytes: 10_000 }, 'x\n')).rejects.toThrow('EISDIR');
  });
});

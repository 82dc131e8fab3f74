import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

const made: string[] = [];

/** A fresh directory that is removed when the test file ends. For use under Jest only. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pratique-test-'));
  made.push(directory);
  return directory;
}

afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

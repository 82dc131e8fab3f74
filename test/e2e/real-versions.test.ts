import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../support/temp.ts';
import { environmentPath } from './support/programs.ts';
import { run } from './support/run.ts';

// Real tables of versions are no part of the project: whoever has them names their folder.
const data = environmentPath('PRATIQUE_REAL_DATA', 'real tables of versions');
const check = (folder: string) => run('node', ['dist/bench/versions.js', folder]);

describe('a folder without tables', () => {
  it('is refused', async () => {
    expect(await check(temporaryDirectory())).toMatchObject({
      code: 2,
      err: expect.stringContaining('has no tables of versions'),
    });
  });
});

(data === null ? describe.skip : describe)('real tables of versions (needs PRATIQUE_REAL_DATA)', () => {
  it('have no row that is wrong, or not read without a known reason', async () => {
    const { code, out } = await check(join(data ?? '', 'versions'));
    expect(out.split('\n').filter((line) => /^(WRONG|UNDETERMINED)/.test(line))).toEqual([]);
    expect(code).toBe(0);
    const schemes = ['apk', 'composer', 'deb', 'gem', 'maven', 'nuget', 'pep440', 'rpm', 'semver'];
    // The scheme, its rows, those that are right, known exceptions, undetermined, wrong.
    const rows = out.split('\n').flatMap((line) => {
      const cells = /^\| (\w+) +\| (\d+) +\| (\d+) +\| (\d+) +\| 0 +\| 0 +\|$/.exec(line);
      return cells === null ? [] : [cells.slice(1)];
    });
    expect(rows.map(([scheme]) => scheme).sort()).toEqual(schemes);
    for (const [, total, right, known] of rows) {
      expect(Number(total)).toBeGreaterThan(0);
      expect(Number(right) + Number(known)).toBe(Number(total));
    }
  });
});

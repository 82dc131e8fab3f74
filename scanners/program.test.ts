import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { environmentOf, inFolder, type ProgramRun, runProgram } from './program.ts';

const dir = mkdtempSync(join(tmpdir(), 'pratique-test-'));
const run = (script: string, more: Partial<ProgramRun> = {}): Promise<Buffer> =>
  runProgram({
    command: '/bin/sh',
    setting: 'scanner.trivy.command',
    args: ['-c', script],
    env: { PATH: process.env.PATH ?? '' },
    cwd: dir,
    timeout: 30_000,
    secrets: ['secret-token'],
    ...more,
  });

describe('a program', () => {
  it('gives what it writes to standard output, and nothing of what it complains about', async () => {
    expect((await run('echo report; echo progress >&2')).toString()).toBe('report\n');
  });

  it('tells its last words where it fails, without secrets', async () => {
    await expect(run('echo "FATAL: 401 for secret-token" >&2; exit 3')).rejects.toMatchObject({
      code: 'scanner-failed',
      message: '/bin/sh ended with 3: FATAL: 401 for ***',
    });
  });

  it('is named with its setting where there is none', async () => {
    await expect(run('', { command: join(dir, 'trivy') })).rejects.toMatchObject({
      code: 'scanner-unavailable',
      message: expect.stringMatching(/trivy cannot be run: .*ENOENT.*check scanner.trivy.command/),
    });
  });

  it('is ended with all that it has started when it takes too long', async () => {
    const mark = join(dir, 'mark');
    const script = `(sleep 1; touch ${mark}) & sleep 60`;
    await expect(run(script, { timeout: 200 })).rejects.toMatchObject({
      message: expect.stringContaining('took more than'),
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(existsSync(mark)).toBe(false);
  });

  it('is ended when it writes more than is read', async () => {
    await expect(run('yes', { largest: 10_000 })).rejects.toMatchObject({
      message: expect.stringContaining('more than 10000 bytes'),
    });
  });

  it('is ended, or not started, when nobody waits any more', async () => {
    const ending = new AbortController();
    const running = run('sleep 60', { signal: ending.signal });
    setTimeout(() => ending.abort(), 100);
    await expect(running).rejects.toMatchObject({ message: expect.stringContaining('nobody waits') });
    await expect(run('echo', { signal: ending.signal })).rejects.toMatchObject({
      message: expect.stringContaining('not started'),
    });
  });

  it('gets of the environment what is named, and nothing that leaves findings out', () => {
    const from = { PATH: '/bin', TRIVY_CACHE_DIR: '/c', TRIVY_IGNORE_UNFIXED: 'true', SECRET: 'x' };
    expect(environmentOf(from, ['TRIVY_CACHE_DIR'], { TMPDIR: '/t' })).toEqual({
      PATH: '/bin',
      TRIVY_CACHE_DIR: '/c',
      TMPDIR: '/t',
    });
  });

  it('has a folder of its own that is gone afterwards, however it ends', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'pratique-test-'));
    await expect(
      inFolder(parent, (folder) => {
        writeFileSync(join(folder, 'left'), '');
        return Promise.reject(new Error('it failed'));
      }),
    ).rejects.toThrow('it failed');
    expect(readdirSync(parent)).toEqual([]);
  });
});

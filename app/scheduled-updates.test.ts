import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../core/ports/logger.ts';
import type { AdvisoriesHold } from '../db/advisories-hold.ts';
import { temporaryDirectory } from '../test/support/temp.ts';
import { checkSchedule, scheduleUpdates } from './scheduled-updates.ts';

const dir = temporaryDirectory();
/** A stand-in for the command line. */
const script = (name: string, text: string): string => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};

interface Setting {
  readonly expression?: string;
  readonly jitter?: number;
  readonly random?: number;
  readonly hold?: AdvisoriesHold;
}

function updates(cli: string, setting: Setting = {}) {
  const lines: { readonly level: string; readonly fields: object; readonly message: string }[] = [];
  const ended: (string | null)[] = [];
  let told: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    told = resolve;
  });
  const keep = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
    told();
  };
  const scheduled = scheduleUpdates({
    expression: setting.expression ?? '0 0 1 1 *',
    jitter: setting.jitter ?? 0,
    random: () => setting.random ?? 0,
    hold: () => setting.hold ?? null,
    onEnded: (problem) => ended.push(problem),
    sources: { file: 'c.yaml', data: 'd' },
    logger: { ...silentLogger, info: keep('info'), warn: keep('warn'), error: keep('error') },
    cli,
  });
  return { scheduled, lines, first, ended };
}

describe('the schedule', () => {
  it.each(['0 */6 * * *', '*/30 * * * * *', '0 3 * * mon'])('may be %s', (expression) => {
    expect(() => checkSchedule(expression)).not.toThrow();
  });
  it.each(['', 'daily', '61 * * * *', '* * *', '0 25 * * *'])('may not be "%s"', (expression) => {
    expect(() => checkSchedule(expression)).toThrow(
      expect.objectContaining({
        code: 'config-invalid',
        message: expect.stringContaining('advisories.schedule'),
      }),
    );
  });
});

describe('scheduled updates', () => {
  it('run the command with the configuration of the server', async () => {
    const cli = script('echo.mjs', 'console.log(process.argv.slice(2).join(" "))');
    const { scheduled, lines, first } = updates(cli);
    scheduled.start();
    await first;
    await scheduled.close();
    const output = 'advisories update --scheduled --config c.yaml --data d\n';
    expect(lines).toEqual([{ level: 'info', fields: { output }, message: 'advisories updated' }]);
  });

  it.each([
    [0, null, 'info'],
    [3, null, 'warn'],
    [2, 'all is lost', 'error'],
  ])('tell what came of one that ends with %d', async (code, problem, level) => {
    const cli = script(`ends-${code}.mjs`, `console.error('all is lost'); process.exitCode = ${code};`);
    const { scheduled, lines, first, ended } = updates(cli);
    scheduled.start();
    await first;
    await scheduled.close();
    expect([ended, lines.map((line) => line.level)]).toEqual([[problem], [level]]);
  });

  it('run by the clock', async () => {
    const { scheduled, first, lines } = updates(script('quiet.mjs', ''), { expression: '* * * * * *' });
    await first;
    await scheduled.close();
    expect(lines[0]?.message).toBe('advisories updated');
  });

  it('wait a random part of the jitter, so that not all sites ask at once', async () => {
    const cli = script('late.mjs', '');
    const { scheduled, first } = updates(cli, { expression: '* * * * * *', jitter: 3000, random: 0.5 });
    const begun = Date.now();
    await first;
    await scheduled.close();
    // At the latest a second until the clock strikes, and half of the jitter, and a process.
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1500);
  });

  it('end in the middle of that', async () => {
    const { scheduled, lines } = updates(script('never.mjs', ''), {
      expression: '* * * * * *',
      jitter: 3_600_000,
      random: 0.9,
    });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const started = performance.now();
    await scheduled.close();
    expect(performance.now() - started).toBeLessThan(1000);
    expect(lines).toEqual([]);
  });

  it('are held after a rollback, and say so', async () => {
    const hold = { at: '2026-01-01T00:00:00.000Z', by: 'ada', from: 'b-1', to: 'a-1' };
    const { scheduled, lines, first } = updates(script('unwanted.mjs', ''), { hold });
    scheduled.start();
    await first;
    await scheduled.close();
    expect(lines).toEqual([
      { level: 'warn', fields: hold, message: expect.stringContaining('held since a rollback') },
    ]);
  });

  it('tell what went wrong', async () => {
    const cli = script('fail.mjs', 'console.error("no advisories were found"); process.exitCode = 2');
    const { scheduled, lines, first } = updates(cli);
    scheduled.start();
    await first;
    await scheduled.close();
    expect(lines).toMatchObject([
      { level: 'error', fields: { code: 2, output: 'no advisories were found\n' } },
    ]);
  });

  it('run one at a time, and end with the server', async () => {
    const cli = script('hang.mjs', 'setInterval(() => {}, 1000)');
    const { scheduled, lines } = updates(cli);
    scheduled.start();
    scheduled.start();
    const started = performance.now();
    await scheduled.close();
    expect(performance.now() - started).toBeLessThan(5000);
    scheduled.start();
    expect(lines).toEqual([]);
  });
});

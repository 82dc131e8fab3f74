import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { importFeeds, runCli } from '../support/pratique.ts';
import { bad, clean, feeds, laterFeeds, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({});
  stage.upstream.put('team/app', 'clean', clean);
  stage.upstream.put('team/app', 'bad', bad);
}, 60_000);
afterAll(async () => stage?.close());

interface Status {
  readonly advisories: { readonly revision: string };
  readonly findings: { readonly revision: string | null; readonly current: boolean };
  readonly reevaluation: { readonly running: boolean; readonly startedAt: string | null };
}
async function told<Told>(path: string): Promise<Told> {
  return (await (await fetch(`${stage.pratique.management}${path}`)).json()) as Told;
}
const status = (): Promise<Status> => told('/api/v1/status');
async function until(isSo: (status: Status) => boolean): Promise<Status> {
  for (let turn = 0; turn < 200; turn += 1) {
    const now = await status();
    if (isSo(now)) return now;
    await sleep(100);
  }
  throw new Error(`it never came to that:\n${JSON.stringify(await status())}\n${stage.pratique.log()}`);
}
const isJudged = ({ findings, reevaluation }: Status): boolean => findings.current && !reevaluation.running;
const standingOf = async (): Promise<unknown> => {
  const { verdicts } = await told<{
    readonly verdicts: readonly { readonly digest: string; readonly verdict: { readonly status: string } }[];
  }>('/api/v1/verdicts');
  return Object.fromEntries(verdicts.map(({ digest, verdict }) => [digest, verdict.status]));
};

describe('recorded images', () => {
  it('are right for other advisories without a pull, and the change is told', async () => {
    await stage.pull('team/app', 'clean');
    await stage.pull('team/app', 'bad');
    const before = await until(isJudged);
    expect(await standingOf()).toEqual({ [clean.manifest.digest]: 'pass', [bad.manifest.digest]: 'fail' });
    const asked = stage.upstream.requests.length;
    await importFeeds(stage.dir, laterFeeds);
    const after = await until((now) => now.findings.revision !== before.findings.revision && isJudged(now));
    expect(after.findings).toEqual({ revision: after.advisories.revision, current: true });
    expect(await standingOf()).toEqual({ [clean.manifest.digest]: 'fail', [bad.manifest.digest]: 'fail' });
    const { changes } = await told<{ readonly changes: readonly { readonly kind: string }[] }>(
      '/api/v1/changes?after=0',
    );
    expect(changes.filter(({ kind }) => kind === 'verdict').at(-1)).toMatchObject({
      digest: clean.manifest.digest,
      ...{ from: 'pass', to: 'fail', cause: 'advisories', newlyDenying: ['CVE-2026-1003'] },
    });
    expect(stage.upstream.requests.length).toBe(asked);
  }, 60_000);

  it('are right again after advisories were swapped while nothing ran', async () => {
    await stage.pratique.stop();
    await importFeeds(stage.dir, feeds);
    await stage.restart();
    const { findings, advisories } = await until(isJudged);
    expect(findings.revision).toBe(advisories.revision);
    expect(await standingOf()).toEqual({ [clean.manifest.digest]: 'pass', [bad.manifest.digest]: 'fail' });
  }, 60_000);

  it('are matched again by hand, whatever has changed', async () => {
    const { reevaluation } = await until(isJudged);
    const { code, out } = await runCli(['advisories', 'rematch', '--data', stage.pratique.dataDir]);
    expect([code, out]).toEqual([0, expect.stringContaining('asked')]);
    await until((now) => now.reevaluation.startedAt !== reevaluation.startedAt && isJudged(now));
    const matched = stage.pratique
      .log()
      .split('\n')
      .filter((line) => line.includes('findings are right again'));
    expect(matched.at(-1)).toContain('"matched":2');
    expect(await standingOf()).toEqual({ [clean.manifest.digest]: 'pass', [bad.manifest.digest]: 'fail' });
  }, 60_000);
});

import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeLayout } from '../support/layout.ts';
import { cli, importFeeds, type RunningPratique, runCli, startPratique } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { writeUsers } from '../support/users.ts';
import { ask } from './client.ts';
import { bad, clean, feeds, laterFeeds } from './stage.ts';

/**
 * Site A updates its advisories from a folder and hands them on, through a file and through its own registry. Site B has
 * no other source than that.
 */
const root = temporaryDirectory();
const [dirA, dirB] = [join(root, 'a'), join(root, 'b')];
const dataOf = (dir: string): string => join(dir, 'data');
const layout = join(root, 'layout');
let upstream: Upstream;
let siteA: RunningPratique;
let siteB: RunningPratique;

const set = (policy: string): string => `
version: 1
name: site
policies: [advisories.yaml]
bindings:
  - { id: advisories, gates: [proxy], images: [hosted/pratique/advisories], policy: ${policy} }
`;
/** What docs/advisories.md tells to do with the baseline. */
const allowing = async (): Promise<string> => {
  const { out } = await runCli(['policy', 'show', 'baseline']);
  return out.replace(/^name: .*$/m, 'name: advisories').replace(/^artifacts: deny$/m, 'artifacts: allow');
};
const login = (user: string): NodeJS.ProcessEnv => {
  const folder = join(root, `login-${user}`);
  mkdirSync(folder, { recursive: true });
  const auth = Buffer.from(`${user}:pw-${user}`).toString('base64');
  const auths = { [`127.0.0.1:${siteA.ports.registry}`]: { auth } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }));
  return { DOCKER_CONFIG: folder };
};
const nobody = { DOCKER_CONFIG: join(root, 'nowhere') };
const artifact = (): string => `oci://127.0.0.1:${siteA.ports.registry}/hosted/pratique/advisories:latest`;
const advisories = (dir: string, ...args: readonly string[]) =>
  runCli(['advisories', ...args, '--data', dataOf(dir)], nobody);
const push = () => runCli(['advisories', 'export', artifact(), '--data', dataOf(dirA)], login('ci'));

interface Status {
  readonly revision: string;
  readonly hold: { readonly from: string; readonly to: string } | null;
  readonly kept: readonly { readonly revision: string; readonly inForce: boolean }[];
}
async function status(dir: string): Promise<Status> {
  return JSON.parse((await advisories(dir, 'status', '--format', 'json')).out) as Status;
}
async function verdictOf(dir: string, image: string): Promise<unknown> {
  const { out } = await runCli(['scan', `oci:${layout}:${image}`, '--format', 'json', '--data', dataOf(dir)]);
  const { verdict, findings } = JSON.parse(out) as { verdict: object; findings: object[] };
  return { verdict, findings };
}
/** What B says to a pull of `clean`, whose curl is critical by the later advisories. */
const pullAtB = async (): Promise<number> =>
  (await ask(siteB.registry, '/v2/corp/team/app/manifests/clean')).status;
async function becomes(wanted: number, patience: number): Promise<number> {
  const begun = Date.now();
  while ((await pullAtB()) !== wanted) {
    if (Date.now() - begun > patience) return Number.POSITIVE_INFINITY;
    await sleep(50);
  }
  return Date.now() - begun;
}

beforeAll(async () => {
  upstream = await startUpstream({ repositories: { 'team/app': { clean, bad } } });
  mkdirSync(dirA);
  mkdirSync(dirB);
  await writeLayout(layout, { clean, bad });
  await importFeeds(dirA, feeds);
  writeFileSync(join(dirA, 'advisories.yaml'), await allowing());
  siteA = await startPratique({
    dir: dirA,
    policy: set('baseline'),
    upstreams: [{ name: 'corp', url: upstream.url }],
    config: { auth: { users: writeUsers(dirA, ['ci']) } },
  });
});
afterAll(async () => {
  await siteB?.stop();
  await siteA?.stop();
  await upstream.close();
});

describe('advisories for a site without a network', () => {
  it('cannot be pushed by nobody, and not to an address that is none', async () => {
    const refused = await runCli(['advisories', 'export', artifact(), '--data', dataOf(dirA)], nobody);
    expect([refused.code === 0, refused.out]).toEqual([false, '']);
    expect(refused.err).toMatch(/check the credentials|wants credentials/);
    const wrong = await runCli(['advisories', 'export', 'oci://advisories', '--data', dataOf(dirA)]);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('names no registry')]);
  });

  it('are no image, so that the baseline of the registry refuses them, and says what to write', async () => {
    expect(await push()).toMatchObject({ code: 0 });
    const { code, err } = await advisories(dirB, 'import', artifact());
    expect(code).toBe(2);
    expect(err).toMatch(/artifacts/);
    expect(err).toContain('there are no advisories yet');
  });

  it('are had from the registry of another site whose policy lets them through, by digest too', async () => {
    writeFileSync(join(dirA, 'policy.yaml'), set('advisories'));
    const deadline = Date.now() + 10_000;
    let imported = await advisories(dirB, 'import', artifact());
    while (imported.code !== 0 && Date.now() < deadline)
      imported = await advisories(dirB, 'import', artifact());
    expect(imported).toMatchObject({ code: 0, out: expect.stringContaining('in force in') });
    const pinned = /to import exactly this: (\S+)/.exec((await push()).out)?.[1] ?? '';
    expect(pinned).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(await advisories(dirB, 'import', pinned)).toMatchObject({
      code: 0,
      out: expect.stringContaining('in force already'),
    });
    const other = `${pinned.slice(0, -4)}0000`;
    expect(await advisories(dirB, 'import', other)).toMatchObject({ code: 2 });
  });

  it('judge the same image alike on both sites', async () => {
    expect((await status(dirB)).revision).toBe((await status(dirA)).revision);
    for (const image of ['clean', 'bad']) {
      expect([image, await verdictOf(dirB, image)]).toEqual([image, await verdictOf(dirA, image)]);
    }
    expect(await verdictOf(dirB, 'bad')).toMatchObject({ verdict: { status: 'fail' } });
  });

  it('are followed by the schedule of a running server, which takes a new revision within a second', async () => {
    siteB = await startPratique({
      dir: dirB,
      upstreams: [{ name: 'corp', url: upstream.url }],
      config: { advisories: { from: artifact(), schedule: '*/2 * * * * *', jitter: 'off' } },
    });
    expect(await becomes(200, 10_000)).toBeLessThan(10_000);
    await importFeeds(dirA, laterFeeds);
    expect(await push()).toMatchObject({ code: 0 });
    expect(await becomes(403, 20_000)).toBeLessThan(20_000);
    expect((await status(dirB)).revision).toBe((await status(dirA)).revision);
  }, 60_000);

  it('are gone back from while the server runs; the schedule is held, over a restart too', async () => {
    const later = (await status(dirB)).revision;
    const back = await advisories(dirB, 'rollback');
    const begun = Date.now();
    expect(back).toMatchObject({ code: 0, out: expect.stringContaining('scheduled updates are held') });
    expect(await becomes(200, 5000)).toBeLessThan(5000);
    expect(Date.now() - begun).toBeLessThan(3000);
    const after = await status(dirB);
    expect(after).toMatchObject({ hold: { from: later, to: after.revision } });
    expect(after.kept.map(({ revision, inForce }) => [revision, inForce])).toEqual([
      [later, false],
      [after.revision, true],
    ]);
    await siteB.stop('SIGKILL');
    siteB = await startPratique({
      dir: dirB,
      upstreams: [{ name: 'corp', url: upstream.url }],
      config: { advisories: { from: artifact(), schedule: '*/2 * * * * *', jitter: 'off' } },
      ports: siteB.ports,
    });
    const deadline = Date.now() + 10_000;
    while (!siteB.log().includes('held since a rollback') && Date.now() < deadline) await sleep(100);
    expect(siteB.log()).toContain('held since a rollback');
    expect((await status(dirB)).revision).toBe(after.revision);
    expect(await pullAtB()).toBe(200);
    const asked = await runCli([
      'advisories',
      'update',
      '--scheduled',
      '--from',
      artifact(),
      '--data',
      dataOf(dirB),
    ]);
    expect([asked.code, asked.err]).toEqual([2, expect.stringContaining('are held since')]);
  }, 60_000);

  it('come again when the hold is released', async () => {
    expect(await advisories(dirB, 'rollback', '--release')).toMatchObject({
      code: 0,
      out: expect.stringContaining('go on again'),
    });
    expect(await becomes(403, 20_000)).toBeLessThan(20_000);
    expect((await status(dirB)).hold).toBeNull();
  });

  it('come in a file as well; one that is older is refused, unless that is meant', async () => {
    await siteB.stop();
    const dirC = join(root, 'c');
    await importFeeds(dirC, feeds);
    const [now, old] = [join(root, 'now.zst'), join(root, 'old.zst')];
    expect(await advisories(dirC, 'export', old)).toMatchObject({ code: 0 });
    await importFeeds(dirC, laterFeeds);
    expect(await advisories(dirC, 'export', now)).toMatchObject({ code: 0 });
    expect(await advisories(dirB, 'import', now)).toMatchObject({ code: 0 });
    const { revision } = await status(dirB);
    const refused = await advisories(dirB, 'import', old);
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringMatching(/older than what is in force.*--older/),
    ]);
    expect(refused.err).toContain(`as before: revision ${revision}`);
    expect(await advisories(dirB, 'import', old, '--older')).toMatchObject({
      code: 0,
      out: expect.stringContaining('older than before'),
    });
    expect((await status(dirB)).revision).not.toBe(revision);
  });

  it('leave the old ones and no litter where the disk takes no more', async () => {
    const dirD = join(root, 'd');
    await importFeeds(dirD, feeds);
    const before = await status(dirD);
    const names = readdirSync(dataOf(dirD));
    // Files of this process may have eight kilobytes: the nearest that there is to a full disk without a disk.
    const script = `ulimit -f 8; exec "${process.execPath}" "${cli}" advisories import "${join(root, 'now.zst')}" --data "${dataOf(dirD)}"`;
    const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, err]).toEqual([2, expect.stringMatching(/now\.zst cannot be unpacked to .*too large/)]);
    expect(await status(dirD)).toEqual(before);
    expect(readdirSync(dataOf(dirD))).toEqual(names);
  });
});

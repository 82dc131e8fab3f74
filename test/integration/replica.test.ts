import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type LoneWebhook, lonePorts, startLoneWebhook } from '../support/lone-webhook.ts';
import { osvRecord } from '../support/osv.ts';
import { type ProxyRelay, startProxyRelay } from '../support/proxy-relay.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { bad, clean, debian, feeds, openStage, type Reviewed, reviewOf, type Stage } from './stage.ts';

/** A webhook on its own feet beside a proxy, with somebody between them who stops, slows and lies. Two processes. */

/** Milliseconds until something that has to come counts as missing. */
const patience = 60_000;
const hour = 3_600_000;
const day = 24 * hour;
const start = Date.now();
const iso = (at: number): string => new Date(at).toISOString();
const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const record = (id: string, name: string, published: number) =>
  osvRecord({
    ...{ id: `DEBIAN-${id}`, ecosystem: 'Debian:12', package: name, fixed: '9', upstream: [id] },
    ...{ cvss: vector, published: iso(published) },
  });
const policy = (action = 'action: deny, grace: 7d') => `
version: 1
name: gate
rules:
  - { id: critical, ${action}, when: { severity: { atLeast: critical, unknown: true } } }
exceptions:
  - { advisory: CVE-2026-2001, reason: not called, author: ada, expires: "${iso(start + 2 * hour)}" }
require:
  advisories: { maxAge: 52w }
`;
const excepted = debian('expat', '1', 'excepted');
const graced = debian('libxml2', '1', 'graced');
const token = 'the-token-of-the-cluster-east-which-is-long-enough';

let stage: Stage;
let relay: ProxyRelay;
let webhook: LoneWebhook;
let ports: Awaited<ReturnType<typeof lonePorts>>;
const dir = temporaryDirectory();

const begin = (ahead?: number): Promise<LoneWebhook> =>
  startLoneWebhook({
    ...{ dir, url: relay.url, ca: relay.ca, token, ports },
    ...(ahead === undefined ? {} : { ahead }),
  });

beforeAll(async () => {
  const tokenFile = join(dir, 'token');
  writeFileSync(tokenFile, token);
  stage = await openStage({
    policy: policy(),
    repositories: {
      'team/app': { clean, bad, excepted, graced },
      'team/new': { one: debian('curl', '1', 'n') },
    },
    feeds: {
      ...feeds,
      Debian: [
        ...(feeds.Debian ?? []),
        record('CVE-2026-2001', 'expat', start - 100 * day),
        record('CVE-2026-2002', 'libxml2', start - 6 * day),
      ],
    },
    config: { gates: { tokens: [{ cluster: 'east', tokenFile }] } },
  });
  for (const tag of ['clean', 'bad', 'excepted', 'graced']) await stage.get(`team/app/manifests/${tag}`);
  relay = await startProxyRelay(stage.pratique.ports.gates, false);
  ports = await lonePorts();
  webhook = await begin();
  await heard();
}, 120_000);
afterAll(async () => {
  await webhook.stop();
  await relay.stop();
  await stage.close();
});
afterEach(async () => {
  relay.become({ kind: 'none' });
  await webhook.turn(0);
});

/** Until all that the proxy has to tell is read, and nothing is wrong. */
async function heard(): Promise<void> {
  for (const end = Date.now() + patience; ; await sleep(100)) {
    const { status, body } = await webhook.readyz();
    if (status === 200 && body.replica.problems.length === 0) return;
    if (Date.now() > end) throw new Error(`${JSON.stringify(body)}\n${webhook.log()}`);
  }
}

async function admit(name: string, seconds = 5): Promise<Reviewed> {
  const image = `registry.corp/${name}`;
  const { status, body } = await webhook.review(reviewOf(image), `/validate?timeout=${seconds}s`);
  expect(status).toBe(200);
  const { response } = body as { response: { allowed: boolean; status?: { message: string } } };
  return { allowed: response.allowed, message: response.status?.message ?? '' };
}

/** What is known is answered as it has to be. */
async function knows(): Promise<void> {
  for (const name of [
    'team/app:clean',
    `team/app@${clean.manifest.digest}`,
    'team/app:excepted',
    'team/app:graced',
  ])
    expect([name, await admit(name)]).toEqual([name, { allowed: true, message: '' }]);
  for (const name of ['team/app:bad', `team/app@${bad.manifest.digest}`]) {
    const { allowed, message } = await admit(name);
    expect([name, allowed, message]).toEqual([name, false, expect.stringMatching(/CVE-2026-1001.*openssl/)]);
  }
}

/** Until the status of the webhook tells of a problem. */
async function told(problem: RegExp): Promise<void> {
  for (;;) {
    const { body } = await webhook.readyz();
    if (body.replica.problems.some((one) => problem.test(one))) return;
    await sleep(50);
  }
}

const lie = (change: (path: string, value: Record<string, unknown>) => unknown) =>
  ({ kind: 'lies', change }) as const;
const other = `sha256:${'e'.repeat(64)}`;

describe('with its proxy', () => {
  it('answers as the proxy does', knows);

  it('has an image vetted that nobody has pulled, and knows it then', async () => {
    relay.seen.length = 0;
    const many = await Promise.all(Array.from({ length: 20 }, () => admit('team/new:one', 20)));
    expect(many.every(({ allowed }) => allowed)).toBe(true);
    const asked = relay.seen.filter((path) => path === '/gates/v1/vet').length;
    expect(asked).toBeLessThanOrEqual(4);
    relay.become({ kind: 'silent' });
    expect((await admit('team/new:one')).allowed).toBe(true);
  });

  it('refuses what the registry does not have, in the words of the proxy', async () => {
    expect(await admit('team/app:none')).toEqual({
      allowed: false,
      message: expect.stringContaining('has nothing there'),
    });
  });
});

describe('what is known is admitted and refused rightly, and what is not is refused, while the proxy', () => {
  const liesAboutVerdicts = (path: string, value: Record<string, unknown>): unknown =>
    path === '/gates/v1/vet'
      ? { ...value, image: null, verdicts: value.verdicts, failure: null }
      : { ...value, verdicts: [1] };
  it.each<readonly [string, Parameters<ProxyRelay['become']>[0], RegExp]>([
    ['is silent', { kind: 'silent' }, /away/],
    ['is slow', { kind: 'slow', milliseconds: 60_000 }, /away/],
    [
      'answers HTML',
      { kind: 'says', status: 200, type: 'text/html', body: '<html>pass</html>' },
      /not believed/,
    ],
    ['answers 500', { kind: 'says', status: 500, type: 'application/json', body: '{}' }, /away/],
    [
      'answers JSON that is none of its own',
      { kind: 'says', status: 200, type: 'application/json', body: '{"allowed":true}' },
      /not believed/,
    ],
    ['answers half of its JSON', { kind: 'half' }, /not believed/],
    ['sends elsewhere', { kind: 'says', status: 302, type: 'text/plain', body: '' }, /not believed/],
    [
      'answers with the cursor of yesterday',
      lie((path, value) => (path.endsWith('/changes') ? { ...value, cursor: 0, last: 0 } : value)),
      /backwards/,
    ],
    [
      'answers for other digests',
      lie((path, value) => answerFor(path, value, { digest: other })),
      /not believed/,
    ],
    [
      'answers with verdicts of other policies',
      lie((path, value) => answerFor(path, value, { policy: 'other' })),
      /not believed/,
    ],
    ['answers without sense', lie(liesAboutVerdicts), /not believed/],
    [
      'answers by a policy that is not what it says',
      lie((path, value) => otherGround(path, value)),
      /not believed/,
    ],
  ])('%s', async (_what, mischief, problem) => {
    relay.become(mischief);
    // Each unknown image is another one, so that somebody is asked.
    const unknown = admit('team/never:seen', 3);
    await knows();
    expect(await unknown).toEqual({
      allowed: false,
      message: expect.stringContaining('Blocked by Pratique'),
    });
    await told(problem);
    expect((await webhook.readyz()).status).toBe(200);
    await knows();
    relay.become({ kind: 'none' });
    await heard();
  });

  it('is stopped', async () => {
    await relay.stop();
    await told(/away/);
    await knows();
    const { allowed, message } = await admit('team/never:seen');
    expect([allowed, message]).toEqual([false, expect.stringMatching(/not yet: .*the proxy is away/)]);
    await relay.resume();
    await heard();
  });

  it('has another certificate', async () => {
    relay.disguise();
    await told(/not believed.*certificate/);
    await knows();
    expect((await admit('team/never:seen')).allowed).toBe(false);
    expect(await webhook.metrics()).toMatch(
      /pratique_replica_answers_total\{asked="changes",heard="not-believed"\} [1-9]/,
    );
    relay.undisguise();
    await heard();
  });
});

describe('while the proxy is away', () => {
  it('an exception that ends closes, and so does a grace', async () => {
    relay.become({ kind: 'silent' });
    await webhook.turn(3 * hour);
    expect((await admit('team/app:excepted')).allowed).toBe(false);
    expect((await admit('team/app:graced')).allowed).toBe(true);
    await webhook.turn(2 * day);
    expect((await admit('team/app:graced')).allowed).toBe(false);
    expect((await admit('team/app:clean')).allowed).toBe(true);
    // Back in time, and all is as it was.
    await webhook.turn(0);
    await knows();
  });

  it('a clock that jumps closes, and opens nothing', async () => {
    relay.become({ kind: 'silent' });
    await webhook.turn(-2 * day);
    const { allowed, message } = await admit('team/app:clean');
    expect([allowed, message]).toEqual([false, expect.stringMatching(/clocks/)]);
    expect((await admit('team/app:bad')).allowed).toBe(false);
    await webhook.turn(600 * day);
    for (const tag of ['clean', 'bad', 'excepted', 'graced'])
      expect([tag, (await admit(`team/app:${tag}`)).allowed]).toEqual([tag, false]);
  });

  it('a restart knows what was known, and is ready', async () => {
    await relay.stop();
    await webhook.stop('SIGKILL');
    webhook = await begin();
    expect((await webhook.readyz()).status).toBe(200);
    await knows();
    expect((await admit('team/never:seen')).allowed).toBe(false);
    await relay.resume();
    await heard();
  });
});

describe('a file that is damaged', () => {
  it.each([
    ['text', (): Buffer => Buffer.from('this is no database, and was never one\n'.repeat(100))],
    ['nothing', (): Buffer => Buffer.alloc(0)],
  ])('to %s is put aside, nothing is let in by it, and all is read again', async (what, bytes) => {
    await webhook.stop();
    writeFileSync(join(webhook.dataDir, 'replica.db'), bytes());
    await relay.stop();
    webhook = await begin();
    expect((await webhook.readyz()).status).toBe(503);
    expect((await admit('team/app:clean')).allowed).toBe(false);
    expect((await admit('team/app:bad')).allowed).toBe(false);
    if (what === 'text') expect(webhook.log()).toContain('put aside and begun anew');
    await relay.resume();
    for (; (await webhook.readyz()).status !== 200; await sleep(50));
    await knows();
    // What was told of the damage stays until the next start.
    await webhook.stop();
    webhook = await begin();
    await heard();
  });
});

/** Last: another policy. */
describe('a policy that changes while the proxy cannot be reached', () => {
  it('is in force when it comes back, and what was refused is judged by it', async () => {
    await relay.stop();
    await stage.restart('SIGTERM', { policy: policy('action: warn') });
    expect((await admit('team/app:bad')).allowed).toBe(false);
    await relay.resume();
    await heard();
    for (; !(await admit('team/app:bad')).allowed; await sleep(100));
    expect((await admit('team/app:clean')).allowed).toBe(true);
  }, 120_000);
});

/** The same with another digest or policy in its verdicts, wherever there is one. */
function answerFor(path: string, value: Record<string, unknown>, changes: object): unknown {
  if (path === '/gates/v1/vet')
    return {
      ...value,
      image: imageOf(value),
      verdicts: [{ ...verdictEntry(), ...changes }],
      failures: [],
      failure: null,
    };
  return path === '/gates/v1/changes' ? { ...value, verdicts: [{ ...verdictEntry(), ...changes }] } : value;
}

function imageOf(value: Record<string, unknown>): unknown {
  const { upstream, path } = value.asked as { upstream: string; path: string };
  const digest = clean.manifest.digest;
  return {
    repository: { upstream, namespace: 'registry.corp', path },
    ...{ digest, platforms: [{ platform: null, digest }], unfit: [], tags: [] },
  };
}

function verdictEntry(): object {
  return {
    digest: clean.manifest.digest,
    policy: 'gate',
    since: iso(start),
    images: ['registry.corp/team/app'],
    verdict: {
      ...{ status: 'pass', policy: 'gate', policyRevision: 'x', advisoriesRevision: 'y', scanner: 's' },
      ...{ rules: [], reasons: [], coverage: [], suppressed: [] },
      summary: {
        counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
        fixable: 0,
        worst: [],
      },
      blockers: { complete: true, list: [] },
      ...{ evaluatedAt: iso(start), validUntil: null, next: null },
    },
  };
}

function otherGround(path: string, value: Record<string, unknown>): unknown {
  if (path === '/gates/v1/changes') return { ...value, ground: 'another', verdicts: [] };
  if (path !== '/gates/v1/ground') return value;
  const ground = value as { policy: { texts: Record<string, string> } };
  const text = ground.policy.texts[''] ?? '';
  return {
    ...value,
    policy: { ...ground.policy, texts: { '': text.replace('action: deny, grace: 7d', 'action: info') } },
  };
}

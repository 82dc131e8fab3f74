import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask } from './client.ts';
import { bad, blobsIn, clean, debian, openStage, reviewOf, type Stage } from './stage.ts';

/** Ways round the gate through what decides: bindings, exceptions, expressions, the files themselves. */

const set = `
version: 1
name: set
beforeScan:
  - { id: never, images: [registry.corp/banned/**], action: refuse, reason: Nobody pulls from there. }
  - { id: trusted, images: [registry.corp/trusted/*], action: pass, reason: Vetted by the vendor. }
bindings:
  - { id: watched, images: [registry.corp/watched/*], policy: baseline, mode: audit }
  - { id: lenient-label, gates: [admission], workloadLabels: { let-me: in }, policy: audit, mode: audit }
  - { id: tier, gates: [admission], namespaceLabels: { tier: lab }, policy: audit, mode: audit }
  - { id: everywhere, policy: baseline, mode: enforce }
`;

describe('bindings', () => {
  let stage: Stage;
  beforeAll(async () => {
    const repository = { clean, bad };
    stage = await openStage({
      policy: set,
      repositories: {
        'team/app': repository,
        'watched/app': repository,
        'trusted/app': repository,
        'trusted/sub/app': repository,
        'banned/app': repository,
      },
    });
  });
  afterAll(() => stage.close());

  it('91: an image that one repository serves in audit stays refused in every other', async () => {
    const audited = await stage.pull('watched/app', 'bad');
    expect(audited.status).toBe(200);
    const { digest } = bad.manifest;
    for (const path of [`manifests/bad`, `manifests/${digest}`]) {
      expect([path, (await stage.get(`team/app/${path}`)).status]).toEqual([path, 403]);
      expect([path, (await stage.head(`team/app/${path}`)).status]).toEqual([path, 403]);
    }
    for (const blob of blobsIn(bad)) expect((await stage.get(`team/app/blobs/${blob}`)).status).toBe(403);
  });

  it('91: what is let through is counted', async () => {
    const counted = /gate="proxy",status="fail",allowed="true",binding="watched",mode="audit"\} [1-9]/;
    const metrics = async (): Promise<string> =>
      (await ask(stage.pratique.management, '/metrics')).body.toString();
    // Nobody waits for an inspection where nothing hangs on it, so what it says may come later.
    for (let tries = 0; tries < 100 && !counted.test(await metrics()); tries += 1) await sleep(100);
    expect(await metrics()).toMatch(counted);
  });

  it('92: what passes without a look does so in the repositories that the rule names alone', async () => {
    expect((await stage.pull('trusted/app', 'bad')).status).toBe(200);
    for (const blob of blobsIn(bad)) expect((await stage.get(`team/app/blobs/${blob}`)).status).toBe(403);
    expect((await stage.pull('trusted/sub/app', 'bad')).status).toBe(403);
  });

  it('93: what is refused without a look is refused by every door and spelling', async () => {
    const { digest } = clean.manifest;
    for (const path of [
      'manifests/clean',
      `manifests/${digest}`,
      ...blobsIn(clean).map((one) => `blobs/${one}`),
    ]) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await stage.get(`banned/app/${path}`, { method });
        expect([method, path, answer.status]).toEqual([method, path, 403]);
      }
    }
    const other = await ask(stage.pratique.registry, '/v2/banned/app/manifests/clean?ns=registry.corp');
    expect([403, 404]).toContain(other.status);
  });

  it('94: a label that whoever writes the object chooses opens nothing', async () => {
    const review = reviewOf('registry.corp/team/app:bad') as {
      request: { object: { spec: { template: { metadata?: object } } } };
    };
    review.request.object.spec.template.metadata = { labels: { 'let-me': 'in' } };
    const { body } = await stage.pratique.review(review);
    expect(body).toMatchObject({ response: { allowed: false } });
  });

  it("95: a namespace whose labels cannot be read gets no binding that asks for them, and no other's either", async () => {
    // No cluster is configured, so nobody can say which labels the namespace has.
    const { body } = await stage.pratique.review(reviewOf('registry.corp/team/app:clean'));
    expect(body).toMatchObject({ response: { allowed: false } });
    expect(JSON.stringify(body)).toMatch(/labels/);
  });
});

/** Lets through all that no upstream stands for, and whatever is said of the rest. */
const lenientSet = `
version: 1
name: lenient
beforeScan:
  - { id: never, images: [registry.corp/banned/**], action: refuse, reason: Nobody runs it. }
bindings:
  - { id: ours, images: [registry.corp/**], policy: baseline }
  - { id: rest, policy: baseline, mode: audit, unknownRegistry: allow }
`;
interface Review {
  request: { namespace: unknown; userInfo?: object };
}
const reviewWith = (fields: Partial<Review['request']>, ...images: string[]): Review => {
  const review = reviewOf(...images) as Review;
  return { ...review, request: { ...review.request, ...fields } };
};

describe('who asks, for which name', () => {
  let stage: Stage;
  beforeAll(async () => {
    const repository = { clean, bad };
    stage = await openStage({
      policy: lenientSet,
      repositories: { 'team/app': repository, 'banned/app': repository },
    });
  });
  afterAll(() => stage.close());

  it.each([
    ...['registry.corp', 'registry.corp:443', 'Registry.corp:443', 'registry.corp:80'].flatMap((host) => [
      `${host}/banned/app:clean`,
      `${host}/team/app:bad`,
      `${host}/team/app@${bad.manifest.digest}`,
    ]),
    ...['registry.corp:0443', 'registry.corp:080', 'registry.corp.', 'registry.corp.:443'].flatMap((host) => [
      `${host}/banned/app:clean`,
      `${host}/team/app:bad`,
    ]),
  ])('100: another spelling of a registry: %s', async (image) => {
    const { body } = await stage.pratique.review(reviewOf(image));
    expect(body).toMatchObject({ response: { allowed: false } });
  });

  it.each([
    `registry.corp/team/app@sha384:${'a'.repeat(96)}`,
    `registry.corp/team/app:bad@${bad.manifest.digest.toUpperCase()}`,
    `unknown.example/app@sha256:${'A'.repeat(64)}`,
    'unknown.example./app:1',
    'unknown.example:65536/app:1',
  ])('101: a reference that cannot be read, where everything is let through: %s', async (image) => {
    const { body } = await stage.pratique.review(reviewOf(image));
    expect(body).toMatchObject({
      response: { allowed: false, status: { message: expect.stringContaining('not an image reference') } },
    });
    expect((await stage.pratique.review(reviewOf('unknown.example/app:1'))).body).toMatchObject({
      response: { allowed: true },
    });
  });

  it('102: a namespace of megabytes is kept nowhere', async () => {
    const before = stage.pratique.log().length;
    for (let round = 0; round < 10; round += 1) {
      const namespace = `${round}${'n'.repeat(3_900_000)}`;
      const answer = await stage.pratique.review(reviewWith({ namespace }, 'registry.corp/team/app:clean'));
      expect(answer.status).toBe(400);
    }
    expect(stage.pratique.log().length - before).toBeLessThan(100_000);
    const report = await ask(stage.pratique.management, '/api/v1/reports/namespaces');
    expect(report.body.length).toBeLessThan(100_000);
  });

  it('103: ten thousand groups of somebody who asks for a hundred images hold up nobody', async () => {
    const groups = Array.from({ length: 10_000 }, (_, index) => `team-${index}-`.padEnd(380, 'x'));
    const images = Array.from({ length: 100 }, (_, index) => `unknown.example/a${index}`);
    const review = reviewWith({ userInfo: { username: 'u', groups } }, ...images);
    const started = performance.now();
    const { body } = await stage.pratique.review(review);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(body).toMatchObject({
      response: { allowed: false, status: { message: expect.stringContaining('10000 groups') } },
    });
  });

  it.each([
    ['evil.example', 421],
    ['evil.example:5080', 421],
    ['localhost', 200],
  ])('104: the management port under the name %s', async (host, status) => {
    const answer = await ask(stage.pratique.management, '/api/v1/status', { headers: { Host: host } });
    expect(answer.status).toBe(status);
  });
});

describe('the policy files', () => {
  const strictText = `
version: 1
name: strict
rules:
  - { id: all, title: Anything at all, action: deny, when: { any: true } }
`;
  let stage: Stage;
  const file = (): string => join(stage.dir, 'policy.yaml');
  const warned = debian('zlib', '1.2-1', 'policy files');
  const status = async (): Promise<{ policy: { name: string; problem?: string | null } }> => {
    const { body } = await ask(stage.pratique.management, '/api/v1/status');
    return JSON.parse(body.toString()) as Awaited<ReturnType<typeof status>>;
  };
  const becomes = async (what: () => Promise<boolean>): Promise<void> => {
    const patience = Date.now() + 15_000;
    while (!(await what()) && Date.now() < patience) await sleep(100);
    expect(await what()).toBe(true);
  };
  beforeAll(async () => {
    stage = await openStage({ policy: strictText, repositories: { 'team/app': { warned, clean } } });
  });
  afterAll(() => stage.close());

  it.each<readonly [string, () => void]>([
    ['is broken', () => writeFileSync(file(), 'rules: [')],
    ['has a typo', () => writeFileSync(file(), strictText.replace('action: deny', 'action: allow'))],
    ['is empty', () => writeFileSync(file(), '')],
    ['is gone', () => rmSync(file())],
    [
      'has an exception without an end',
      () =>
        writeFileSync(
          file(),
          `${strictText}exceptions:\n  - { advisory: CVE-2026-1002, reason: r, author: a }\n`,
        ),
    ],
    [
      'has an expression that never ends',
      () =>
        writeFileSync(
          file(),
          `${strictText}  - { id: loop, action: deny, expression: "packages.all(a, packages.all(b, packages.all(c, packages.all(d, a == b || c == d))))" }\n`,
        ),
    ],
  ])('96: the last good policy stays in force while the file %s', async (_what, spoil) => {
    writeFileSync(file(), strictText);
    await becomes(async () => (await status()).policy.problem == null);
    expect((await stage.get('team/app/manifests/warned')).status).toBe(403);
    spoil();
    await becomes(async () => (await status()).policy.problem != null);
    expect((await status()).policy.name).toBe('strict');
    expect((await stage.get('team/app/manifests/warned')).status).toBe(403);
    expect((await ask(stage.pratique.management, '/metrics')).body.toString()).toMatch(
      /^pratique_policy_problem 1$/m,
    );
  });

  it('96: and through a restart', async () => {
    writeFileSync(file(), 'rules: [');
    await stage.restart('SIGKILL', { policy: 'rules: [' });
    expect((await status()).policy).toMatchObject({ name: 'strict', problem: expect.any(String) });
    expect((await stage.get('team/app/manifests/warned')).status).toBe(403);
    expect((await stage.pull('team/app', 'clean')).status).toBe(200);
  });

  it('97: a stricter policy closes what was open within seconds, without a restart', async () => {
    writeFileSync(file(), strictText.replace('any: true', 'package: [nothing]').replace('strict', 'open'));
    await becomes(async () => (await stage.pull('team/app', 'warned')).status === 200);
    writeFileSync(file(), strictText);
    await becomes(async () => (await stage.get('team/app/manifests/warned')).status === 403);
    for (const blob of blobsIn(warned)) {
      if (blobsIn(clean).includes(blob)) continue;
      expect((await stage.get(`team/app/blobs/${blob}`)).status).toBe(403);
    }
  });
});

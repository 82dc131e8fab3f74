import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { everywhere, type GrantedException } from '../../core/exception.ts';
import { PolicyInForce } from './in-force.ts';
import { logger, MemoryStores } from './samples.ts';

const start = Date.parse('2026-06-01T12:00:00Z');
const day = 86_400_000;

let folder: string;
let file: string;
let stores: MemoryStores;
let clock: number;
let causes: string[];
let problems: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pratique-policy-'));
  file = join(folder, 'policy.yaml');
  stores = new MemoryStores();
  clock = start;
  causes = [];
  problems = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

function policy(name: string, exceptions = '', action = 'deny'): string {
  return `version: 1\nname: ${name}\nrules: [{ id: r, action: ${action}, when: { any: true } }]\n${exceptions}`;
}
const excepting = (expires: string) =>
  `exceptions: [{ advisory: CVE-1, reason: not called, author: ada, expires: ${expires} }]`;

const begin = (source: string | null = file) =>
  PolicyInForce.start({
    source,
    verdicts: stores.verdicts,
    exceptions: stores.exceptions,
    onChange: (cause) => causes.push(cause),
    onInvalid: (problem) => problems.push(problem),
    now: () => clock,
    logger,
  });

function exception(fields: Partial<GrantedException> = {}): GrantedException {
  return {
    id: 'ex-1',
    advisory: 'CVE-2',
    package: 'openssl',
    image: null,
    scope: everywhere,
    reason: 'r',
    author: 'ada',
    ticket: null,
    expires: '2026-06-03',
    endsAt: start + 2 * day,
    grantedAt: new Date(start).toISOString(),
    revoked: null,
    ...fields,
  };
}

describe('the start', () => {
  test.each([
    [null, 'baseline'],
    ['baseline', 'baseline'],
  ])('with %s', async (source, name) => {
    const inForce = await begin(source);
    expect(inForce).toMatchObject({ name, problem: null });
    expect(inForce.policies().map((one) => one.name)).toEqual([name]);
    expect(stores.told()).toEqual([expect.stringContaining('the policy baseline of revision')]);
  });

  test('with a file that is invalid, and nothing before it, fails with every problem', async () => {
    writeFileSync(file, policy('a', '', 'dany'));
    await expect(begin()).rejects.toThrow(/policy.yaml:3:.*did you mean "deny"/);
    expect(stores.good).toBeNull();
  });

  test('with a file that is not there fails', async () => {
    await expect(begin()).rejects.toThrow(/cannot be read: .*ENOENT/);
  });

  test('with a file that became invalid goes on with the last good one, and says so', async () => {
    writeFileSync(file, policy('a', excepting('2026-12-31')));
    const before = await begin();
    stores.told();
    writeFileSync(file, 'version: 1\nname: half-wri');
    const after = await begin();
    expect(after).toMatchObject({ name: 'a', revision: before.revision });
    expect(after.problem).toContain('policy.yaml');
    expect(problems).toEqual([after.problem]);
    expect(stores.told()).toEqual([]);
  });

  test('again with the same file tells nothing', async () => {
    writeFileSync(file, policy('a', excepting('2026-12-31')));
    await begin();
    expect(stores.told()).toEqual([
      expect.stringMatching(/^policy: the policy a of revision [0-9a-f]{16} is in force$/),
      expect.stringMatching(/^listed-in-policy a\/CVE-1\/[0-9a-f]{8}$/),
    ]);
    await begin();
    expect(stores.told()).toEqual([]);
  });
});

describe('a file that changes', () => {
  test('comes into force as a whole, with what it lists', async () => {
    writeFileSync(file, policy('a', excepting('2026-12-31')));
    const inForce = await begin();
    stores.told();
    expect(await inForce.refresh()).toBe('same');
    writeFileSync(file, policy('b'));
    expect(await inForce.refresh()).toBe('changed');
    expect(inForce.name).toBe('b');
    expect(causes).toEqual(['policy']);
    expect(stores.told()).toEqual([
      expect.stringContaining('the policy b of revision'),
      expect.stringContaining('gone-from-policy a/CVE-1/'),
    ]);
  });

  test('in a comment changes nothing', async () => {
    writeFileSync(file, policy('a'));
    const inForce = await begin();
    stores.told();
    const rulebook = inForce.rulebook();
    writeFileSync(file, `# why\n${policy('a')}`);
    expect(await inForce.refresh()).toBe('same');
    expect(inForce.rulebook()).toBe(rulebook);
    expect([causes, stores.told()]).toEqual([[], []]);
    expect(stores.good).toContain('# why');
  });

  test('and is invalid is told once; the last good one stays until it is right', async () => {
    writeFileSync(file, policy('a'));
    const inForce = await begin();
    writeFileSync(file, 'version: 1');
    expect(await inForce.refresh()).toBe('invalid');
    expect(await inForce.refresh()).toBe('same');
    expect(inForce).toMatchObject({ name: 'a', problem: expect.stringContaining('rules') });
    rmSync(file);
    expect(await inForce.refresh()).toBe('invalid');
    writeFileSync(file, policy('b'));
    expect(await inForce.refresh()).toBe('changed');
    expect(inForce).toMatchObject({ name: 'b', problem: null });
    expect(problems).toHaveLength(2);
  });

  test('beside the set is seen too, and a ConfigMap that is swapped', async () => {
    const set = 'version: 1\nname: set\npolicies: [p.yaml]\nbindings: [{ id: x, policy: p }]';
    for (const [version, action] of [
      ['..1', 'deny'],
      ['..2', 'warn'],
    ] as const) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'policy.yaml'), set);
      writeFileSync(join(folder, version, 'p.yaml'), policy('p', '', action));
    }
    symlinkSync('..1', join(folder, '..data'));
    symlinkSync('..data/policy.yaml', file);
    symlinkSync('..data/p.yaml', join(folder, 'p.yaml'));
    const inForce = await begin();
    const [before] = inForce.policies();
    symlinkSync('..2', join(folder, '..new'));
    renameSync(join(folder, '..new'), join(folder, '..data'));
    expect(await inForce.refresh()).toBe('changed');
    expect(inForce.policies()[0]?.revision).not.toBe(before?.revision);
  });

  test('is not in force before it is durable', async () => {
    writeFileSync(file, policy('a'));
    const inForce = await begin();
    writeFileSync(file, policy('b'));
    stores.broken = true;
    await expect(inForce.refresh()).rejects.toThrow('the disk is full');
    expect([inForce.name, causes]).toEqual(['a', []]);
    stores.broken = false;
    expect(await inForce.refresh()).toBe('changed');
    expect(inForce.name).toBe('b');
  });
});

describe('exceptions that are granted', () => {
  test('for a policy that nothing binds yet are as they are by then, when something does', async () => {
    const other = join(folder, 'other.yaml');
    writeFileSync(other, policy('other'));
    const set = (bound: string) =>
      `version: 1\nname: s\npolicies: [other.yaml]\nbindings: [{ id: all, policy: ${bound} }]\n`;
    writeFileSync(file, set('baseline'));
    const inForce = await begin();
    const scope = { ...everywhere, policies: ['other'] };
    const kept = exception({ id: 'ex-2', advisory: 'CVE-3', scope });
    stores.grant(exception({ scope }), kept);
    await inForce.refresh();
    stores.grant(exception({ scope, revoked: { at: '', by: 'bob', reason: '' } }), kept);
    await inForce.refresh();
    writeFileSync(file, set('other'));
    await inForce.refresh();
    const bound = inForce.policies().find(({ name }) => name === 'other');
    expect(bound?.exceptions.map(({ id }) => id)).toEqual(['ex-2']);
  });

  test('come into the policies, and go', async () => {
    writeFileSync(file, policy('a'));
    const inForce = await begin();
    const bare = inForce.revision;
    stores.told();
    stores.grant(exception());
    expect(await inForce.refresh()).toBe('changed');
    expect(inForce.policies()[0]?.exceptions).toMatchObject([{ id: 'ex-1' }]);
    expect(inForce.policies()[0]?.revision).toMatch(/^[0-9a-f]{16}\.[0-9a-f]{8}$/);
    stores.grant(exception({ revoked: { at: '', by: 'bob', reason: '' } }));
    expect(await inForce.refresh()).toBe('changed');
    expect(inForce.revision).toBe(bare);
    expect(causes).toEqual(['exception', 'exception']);
    expect(stores.told()).toEqual([
      'exception: the exception of CVE-2 in openssl by ada was granted',
      'exception: the exception of CVE-2 in openssl by ada was revoked',
    ]);
  });

  test('are seen while the file is invalid', async () => {
    writeFileSync(file, policy('a'));
    const inForce = await begin();
    writeFileSync(file, 'version: 1');
    await inForce.refresh();
    stores.grant(exception());
    expect(await inForce.refresh()).toBe('changed');
    expect(inForce.problem).not.toBeNull();
  });

  test('while the server stood are told at its start', async () => {
    writeFileSync(file, policy('a'));
    await begin();
    stores.told();
    stores.grant(exception());
    await begin();
    expect(stores.told()).toEqual(['exception: the exception of CVE-2 in openssl by ada was granted']);
  });
});

describe('time', () => {
  test('an end is told once, over a restart too, and the exception stays among those that are shown', async () => {
    writeFileSync(file, policy('a', excepting('2026-06-01')));
    stores.grant(exception());
    const inForce = await begin();
    await inForce.refresh();
    stores.told();
    clock = start + day;
    await inForce.refresh();
    expect(stores.told()).toEqual([
      'exception: the exception of CVE-1 by ada ended on 2026-06-01',
      expect.stringContaining('ended a/CVE-1/'),
    ]);
    clock = start + 3 * day;
    const after = await begin();
    await after.refresh();
    expect(stores.told()).toEqual([
      'exception: the exception of CVE-2 in openssl by ada ended on 2026-06-03',
      'ended ex-1',
    ]);
    await after.refresh();
    expect([stores.told(), causes]).toEqual([[], []]);
    expect(after.policies()[0]?.exceptions.map(({ advisory }) => advisory)).toEqual(['CVE-1', 'CVE-2']);
  });

  test('a clock that jumps makes nothing repeat without end, and what holds again is there', async () => {
    writeFileSync(file, policy('a'));
    stores.grant(exception());
    const inForce = await begin();
    await inForce.refresh();
    const revision = inForce.revision;
    clock = start + 4000 * day;
    stores.version += 1;
    await inForce.refresh();
    expect(inForce.revision).not.toBe(revision);
    clock = start;
    await inForce.refresh();
    expect(inForce.revision).toBe(revision);
    stores.told();
    causes = [];
    for (let look = 0; look < 20; look += 1) await inForce.refresh();
    expect([stores.told(), causes]).toEqual([[], []]);
  });
});

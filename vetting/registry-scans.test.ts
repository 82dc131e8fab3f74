import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import { PratiqueError } from '../core/errors.ts';
import type { ScanSource } from '../core/ports/scans.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import { createAddressing } from '../registry/addressing.ts';
import { anybody, createWorld, team, type World } from './samples.ts';
import { image, index } from './samples-images.ts';

const source = (digest: Digest, more: Partial<ScanSource> = {}): ScanSource => ({
  registry: 'https://harbor.corp',
  insecure: false,
  authorization: { kind: 'basic', username: 'robot$1', password: 'secret' },
  repository: 'team/app',
  digest,
  ...more,
});
const silent = (): void => undefined;
const good = image('good');
const bad = image('bad');
const downloads = (world: World, digest: Digest): number =>
  world.asked.filter((line) => line.startsWith('GET blob') && line.endsWith(digest)).length;
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('a scan', () => {
  it.each([
    ['a clean image', good, 'pass', 0],
    ['a vulnerable one', bad, 'fail', 1],
  ] as const)('of %s says all that is known of it', async (_what, built, status, findings) => {
    const world = createWorld();
    world.put(team, null, built);
    const { digest } = built.stored;
    expect(await world.scans.known(source(digest))).toBeNull();
    const progress: [number, number][] = [];
    const scanned = await world.scans.scan(source(digest), (done, total) => progress.push([done, total]));
    expect(scanned.verdict.status).toBe(status);
    expect(scanned.match.findings).toHaveLength(findings);
    expect(scanned.inventory.packages).toHaveLength(1);
    expect(progress).toEqual([[1, 1]]);
    expect(await world.scans.known(source(digest))).toEqual(scanned);
  });

  it('is one for all who ask for a digest, and all are told how far it is', async () => {
    const world = createWorld();
    world.put(team, null, good);
    const told: string[] = [];
    const all = await Promise.all(
      ['a', 'b', 'c'].map((who) => world.scans.scan(source(good.stored.digest), () => told.push(who))),
    );
    expect(new Set(all.map(({ inventory }) => inventory)).size).toBe(1);
    expect(told).toEqual(['a', 'b', 'c']);
    expect(world.reached).toHaveLength(1);
    expect(downloads(world, good.layer)).toBe(1);
  });

  it('asks no registry for what is recorded', async () => {
    const world = createWorld();
    world.put(team, null, good);
    await world.ask(team, good.stored.digest, 1000);
    await world.scans.scan(source(good.stored.digest), silent);
    expect(world.reached).toEqual([]);
  });

  it('leaves nothing to a gate from a registry that announces an image as something else', async () => {
    const world = createWorld();
    world.put(team, null, good);
    const { digest } = good.stored;
    const lie = { ...good.stored, mediaType: 'application/vnd.oci.image.index.v1+json' };
    world.manifests.set(`team/other ${digest}`, lie);
    const other = source(digest, { repository: 'team/other' });
    await expect(world.scans.scan(other, silent)).rejects.toMatchObject({ code: 'manifest-invalid' });
    expect(await world.ask(team, digest, 1000)).toContain('pass');
  });

  it('and a gate that inspect one image at the same time share its downloads', async () => {
    const world = createWorld();
    world.put(team, null, good);
    const open = world.block(good.layer);
    const asking = world.ask(team, good.stored.digest, 1000);
    const scanning = world.scans.scan(source(good.stored.digest), silent);
    await settle();
    open();
    expect(await asking).toBe('pass');
    expect((await scanning).verdict.status).toBe('pass');
    expect(downloads(world, good.layer)).toBe(1);
  });

  it('uses its own rights where those of the one that it had joined were refused', async () => {
    const refuse = new PratiqueError('upstream-refused', 'no');
    const world = createWorld({
      admit: ({ credentials }) => {
        if (credentials !== null && 'password' in credentials && credentials.password === 'old') throw refuse;
      },
    });
    world.put(team, null, good);
    const { digest } = good.stored;
    const authorization = { kind: 'basic', username: 'robot$1', password: 'old' } as const;
    const [old, current] = await Promise.allSettled([
      world.scans.scan(source(digest, { authorization }), silent),
      world.scans.scan(source(digest), silent),
    ]);
    expect(old).toMatchObject({ status: 'rejected', reason: { code: 'upstream-refused' } });
    expect(current).toMatchObject({ status: 'fulfilled', value: { verdict: { status: 'pass' } } });
  });

  it('fails by name when a blob cannot be had, and says so again only after another try', async () => {
    const world = createWorld();
    world.put(team, null, good);
    world.failing.set(good.layer, new PratiqueError('blob-truncated', 'cut'));
    const scan = () => world.scans.scan(source(good.stored.digest), silent);
    await expect(scan()).rejects.toMatchObject({ code: 'blob-truncated' });
    world.failing.clear();
    expect((await scan()).verdict.status).toBe('pass');
  });

  it('of an index is refused by name', async () => {
    const world = createWorld();
    const both = index([good.stored, 'linux/amd64']);
    world.put(team, null, good, both);
    await expect(world.scans.scan(source(both.digest), silent)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: expect.stringContaining('is an index'),
    });
  });

  it('without advisories fetches nothing', async () => {
    const world = createWorld();
    world.put(team, null, good);
    world.revision = null;
    expect(world.scans.revision()).toBeNull();
    await expect(world.scans.scan(source(good.stored.digest), silent)).rejects.toMatchObject({
      code: 'advisories-missing',
    });
    expect(downloads(world, good.layer)).toBe(0);
  });

  it('is judged again under other advisories, without its registry', async () => {
    const world = createWorld();
    world.put(team, null, good);
    const before = world.scans.revision();
    await world.scans.scan(source(good.stored.digest), silent);
    world.revision = 'r2';
    world.vulnerable.add('good');
    expect(world.scans.revision()).not.toBe(before);
    expect((await world.scans.known(source(good.stored.digest)))?.verdict.status).toBe('fail');
    expect(world.reached).toHaveLength(1);
  });
});

describe('what scans record opens no gate', () => {
  it('because no configured upstream can have their name', () => {
    const url = 'https://harbor.corp';
    const config = { name: 'harbor:harbor.corp', namespace: 'harbor.corp', url, credentials: null };
    expect(() => createAddressing({ upstreams: [config], publicNames: [] })).toThrow();
  });

  it('and a repository of the same host still asks its own upstream', async () => {
    const world = createWorld();
    world.put(team, null, good);
    await world.scans.scan(source(good.stored.digest), silent);
    const configured: RepositoryAddress = { upstream: 'corp', namespace: 'harbor.corp', path: 'team/app' };
    world.manifests.clear();
    await expect(world.ask(configured, good.stored.digest, 100)).rejects.toMatchObject({
      code: 'manifest-unknown',
    });
    expect(await world.records.isProven(configured, good.layer)).toBe(false);
    expect((await world.vetting.blob(configured, good.layer, anybody, 100)).status).toBe('error');
  });

  it('and exceptions look at the name under which it was scanned too', async () => {
    const except = `
version: 1
name: p
rules:
  - { id: any, title: t, action: deny, when: { severity: { atLeast: high, unknown: false } } }
exceptions:
  - { advisory: CVE-2026-1, image: registry.corp/**, reason: r, author: a, expires: 2026-06-30 }
`;
    const world = createWorld({ policy: except });
    world.put(team, null, bad);
    expect(await world.ask(team, bad.stored.digest, 1000)).toBe('pass');
    const fresh = createWorld({ policy: except });
    fresh.put(team, null, bad);
    await fresh.scans.scan(source(bad.stored.digest), silent);
    expect(await fresh.ask(team, bad.stored.digest, 1000)).toBe('fail');
  });
});

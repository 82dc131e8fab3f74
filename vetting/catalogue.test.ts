import { describe, expect, it } from '@jest/globals';
import type { ManifestPointer } from '../core/repository.ts';
import { createWorld, keyOf, other, team } from './samples.ts';
import { image, index } from './samples-images.ts';

const good = image('good');
const next = image('next');
const latest: ManifestPointer = { kind: 'tag', tag: 'latest' };
const byDigest = (digest = good.stored.digest): ManifestPointer => ({ kind: 'digest', digest });

describe('a manifest', () => {
  it('is known only to the repository whose upstream gave it', async () => {
    const { catalogue, records, put } = createWorld();
    put(team, 'latest', good);
    await catalogue.resolve(team, latest);
    expect(catalogue.held(team, good.stored.digest)?.bytes).toEqual(good.stored.bytes);
    expect(catalogue.held(other, good.stored.digest)).toBeNull();
    await expect(catalogue.resolve(other, byDigest())).rejects.toMatchObject({ code: 'manifest-unknown' });
    expect(await records.imagesOf(good.stored.digest)).toEqual(['registry.corp/team/app']);
  });

  it('is given byte for byte, and recorded with the blobs it refers to', async () => {
    const { catalogue, records, put } = createWorld();
    put(team, 'latest', good);
    expect(await catalogue.resolve(team, latest)).toEqual(good.stored);
    expect(await records.getManifest(team, good.stored.digest)).toMatchObject({
      mediaType: good.stored.mediaType,
      bytes: good.stored.bytes,
      blobs: [
        { digest: good.config, size: 10 },
        { digest: good.layer, size: 20 },
      ],
    });
    expect(await records.getTag(team, 'latest')).toBe(good.stored.digest);
  });

  it('by digest is asked of the upstream once', async () => {
    const { catalogue, asked, put } = createWorld();
    put(team, null, good);
    await Promise.all(Array.from({ length: 20 }, () => catalogue.resolve(team, byDigest())));
    await catalogue.resolve(team, byDigest());
    expect(asked).toEqual([`GET manifest team/app ${good.stored.digest}`]);
  });

  it('that was not there is asked for again once an index names it', async () => {
    const { catalogue, put } = createWorld();
    await expect(catalogue.resolve(team, byDigest())).rejects.toMatchObject({ code: 'manifest-unknown' });
    put(team, null, good);
    await expect(catalogue.resolve(team, byDigest())).rejects.toMatchObject({ code: 'manifest-unknown' });
    const both = index([good.stored, 'linux/amd64']);
    put(team, null, both);
    await catalogue.resolve(team, byDigest(both.digest));
    expect(await catalogue.resolve(team, byDigest())).toEqual(good.stored);
  });

  it('that is recorded is not asked of the upstream after a restart', async () => {
    const first = createWorld();
    first.put(team, null, good);
    await first.catalogue.resolve(team, byDigest());
    const record = await first.records.getManifest(team, good.stored.digest);
    const second = createWorld();
    if (record !== null) await second.records.putManifest(team, record);
    expect(await second.catalogue.resolve(team, byDigest())).toEqual(good.stored);
    expect(second.asked).toEqual([]);
  });
});

describe('a tag', () => {
  it('is asked by HEAD each time, and fetched only when it moved', async () => {
    const { catalogue, asked, put } = createWorld();
    put(team, 'latest', good);
    await catalogue.resolve(team, latest);
    await catalogue.resolve(team, latest);
    put(team, 'latest', next);
    expect((await catalogue.resolve(team, latest)).digest).toBe(next.stored.digest);
    expect(asked).toEqual([
      'HEAD manifest team/app latest',
      `GET manifest team/app ${good.stored.digest}`,
      'HEAD manifest team/app latest',
      'HEAD manifest team/app latest',
      `GET manifest team/app ${next.stored.digest}`,
    ]);
  });

  it('asked for by many at once is asked once', async () => {
    const { catalogue, asked, put } = createWorld();
    put(team, 'latest', good);
    const found = await Promise.all(Array.from({ length: 20 }, () => catalogue.resolve(team, latest)));
    expect(new Set(found.map(({ digest }) => digest)).size).toBe(1);
    expect(asked).toHaveLength(2);
  });

  it('that is gone is unknown, though its manifest is recorded', async () => {
    const { catalogue, manifests, put } = createWorld();
    put(team, 'latest', good);
    await catalogue.resolve(team, latest);
    manifests.delete('team/app latest');
    await expect(catalogue.resolve(team, latest)).rejects.toMatchObject({ code: 'manifest-unknown' });
    manifests.delete(keyOf(team, good.stored.digest));
    expect((await catalogue.resolve(team, byDigest())).digest).toBe(good.stored.digest);
  });
});

describe('a manifest that is not there', () => {
  it('by digest is not asked for again for a short time, but when it has come by a push', async () => {
    const world = createWorld();
    const asked = () => world.asked.filter((one) => one.startsWith('GET manifest')).length;
    await expect(world.catalogue.resolve(team, byDigest())).rejects.toMatchObject({
      code: 'manifest-unknown',
    });
    world.put(team, null, good);
    await expect(world.catalogue.resolve(team, byDigest())).rejects.toMatchObject({
      code: 'manifest-unknown',
    });
    expect(asked()).toBe(1);
    await expect(world.catalogue.resolve(other, byDigest())).rejects.toMatchObject({
      code: 'manifest-unknown',
    });
    expect(asked()).toBe(2);
    world.clock += 10_000;
    expect((await world.catalogue.resolve(team, byDigest())).digest).toBe(good.stored.digest);
  });
});

describe('a manifest that is pushed and deleted at once', () => {
  it('is not held in memory, whichever of both is heard of first', async () => {
    const { catalogue } = createWorld();
    const hosted = { upstream: 'hosted', namespace: 'hosted', path: 'team/app' };
    const { digest } = good.stored;
    // The records' answers to both come in one message: the deletion may be heard of first.
    const pushed = catalogue.accept(hosted, good.stored);
    catalogue.forget(hosted, digest);
    await pushed;
    expect(catalogue.held(hosted, digest)).toBeNull();
  });
});

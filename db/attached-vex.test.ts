import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mostAttachingRepositories } from '../core/ports/attached-vex.ts';
import type { AttachedVex } from '../core/vex.ts';
import { at, digest } from './samples.ts';
import { type Engine, engines, type Stores } from './samples-engines.ts';

const found = (repository: string, minute: number, given: Partial<AttachedVex> = {}): AttachedVex => ({
  repository,
  lookedAt: at(minute),
  problem: null,
  documents: [{ manifest: digest(9), envelope: '{"payload":"ä"}', problem: null }],
  ...given,
});

describe.each(engines)('what is attached to images in %s', (_name, open) => {
  let engine: Engine;
  let stores: Stores;
  beforeEach(async () => {
    engine = await open();
    ({ stores } = engine);
  });
  afterEach(() => engine.remove());

  it('is kept by image and repository, the last look in place of the one before', async () => {
    await stores.putAttachedVex(digest(1), found('b.example/app', 1));
    await stores.putAttachedVex(digest(1), found('a.example/app', 1, { problem: 'away', documents: [] }));
    await stores.putAttachedVex(digest(2), found('a.example/app', 1));
    await stores.putAttachedVex(digest(1), found('b.example/app', 2, { documents: [] }));
    expect(await stores.attachedVex(digest(1))).toEqual([
      found('a.example/app', 1, { problem: 'away', documents: [] }),
      found('b.example/app', 2, { documents: [] }),
    ]);
    expect(await stores.attachedVex(digest(2))).toEqual([found('a.example/app', 1)]);
    expect(await stores.attachedVex(digest(3))).toEqual([]);
  });

  it('counts for nothing where more repositories hold the image than are read', async () => {
    for (let one = 0; one < mostAttachingRepositories; one += 1) {
      await stores.putAttachedVex(digest(1), found(`${String(one).padStart(3, '0')}.example/app`, 1));
    }
    const all = await stores.attachedVex(digest(1));
    expect(all).toHaveLength(mostAttachingRepositories);
    expect(all.every(({ documents }) => documents.length > 0)).toBe(true);
    await stores.putAttachedVex(digest(1), found('zzz.example/app', 1));
    for (const { documents, problem } of await stores.attachedVex(digest(1))) {
      expect([documents, problem]).toEqual([[], expect.stringContaining('more than 64 repositories')]);
    }
  });
});

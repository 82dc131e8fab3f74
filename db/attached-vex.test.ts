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

  it('is read of so many repositories, those that come first by name', async () => {
    for (let one = 0; one < mostAttachingRepositories + 4; one += 1) {
      await stores.putAttachedVex(digest(1), found(`${String(one).padStart(3, '0')}.example/app`, 1));
    }
    const names = (await stores.attachedVex(digest(1))).map(({ repository }) => repository);
    expect([names.length, names[0]]).toEqual([mostAttachingRepositories, '000.example/app']);
  });
});

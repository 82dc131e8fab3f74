import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import { silentLogger } from '../core/ports/logger.ts';
import type { Policy } from '../policy/policy.ts';
import { AttachedLooks } from './attached-looks.ts';
import type { AttachmentSource } from './attached-source.ts';
import { other, team } from './samples.ts';
import { sha256, start } from './samples-images.ts';
import { memoryRecords } from './samples-records.ts';

const image = sha256('image');
const hour = 3_600_000;
const key = { name: 'k', pem: '', fingerprint: '', repositories: null };
const believing = {
  vex: { documents: [], statements: [], keys: [key], referrers: true },
} as unknown as Policy;

let clock: number;
let asked: number;
let failing: boolean;
let changed: Digest[];
let policies: readonly Policy[];
let records: ReturnType<typeof memoryRecords>;

beforeEach(() => {
  [clock, asked, failing, changed, policies, records] = [start, 0, false, [], [believing], memoryRecords()];
});

const bare = JSON.stringify({
  _type: 'https://in-toto.io/Statement/v1',
  predicateType: 'https://openvex.dev/ns',
  predicate: {},
});
const mediaType = 'application/vnd.in-toto+json';
let attachedNow: string[] = [];
const source: AttachmentSource = {
  referrers: () => {
    asked += 1;
    if (failing) return Promise.reject(new Error('away'));
    return Promise.resolve(
      attachedNow.map((text) => ({
        mediaType: 'm',
        digest: sha256(text),
        size: 1,
        artifactType: null,
        predicateType: 'https://openvex.dev/ns',
      })),
    );
  },
  manifest: (pointer) => {
    if (pointer.kind === 'tag') return Promise.resolve(null);
    const layers = [{ mediaType, digest: sha256(bare), size: bare.length }];
    return Promise.resolve({ digest: pointer.digest, bytes: Buffer.from(JSON.stringify({ layers })) });
  },
  blob: () => Promise.resolve(Buffer.from(bare)),
};

const looks = () =>
  new AttachedLooks({
    records,
    source: () => source,
    policies: () => policies,
    onChange: (digest) => changed.push(digest),
    now: () => clock,
    logger: silentLogger,
  });
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('when VEX is looked for', () => {
  it('never where no policy believes it', async () => {
    policies = [];
    const all = looks();
    await all.before(team, image);
    all.noticed(team, image);
    all.attached(team, image);
    await settle();
    expect(asked).toBe(0);
  });

  it('once before an image is judged, and again an hour later, behind the answer', async () => {
    attachedNow = [];
    const all = looks();
    await all.before(team, image);
    await all.before(team, image);
    all.noticed(team, image);
    await settle();
    expect(asked).toBe(1);
    attachedNow = ['a'];
    clock += hour;
    all.noticed(team, image);
    all.noticed(team, image);
    await settle();
    expect([asked, changed]).toEqual([2, [image]]);
    clock += hour;
    all.noticed(team, image);
    await settle();
    expect([asked, changed]).toEqual([3, [image]]);
  });

  it('in each repository by itself', async () => {
    const all = looks();
    await all.before(team, image);
    await all.before(other, image);
    expect(asked).toBe(2);
    expect((await records.attachedVex(image)).map(({ repository }) => repository)).toEqual([
      'registry.corp/team/app',
      'registry.corp/team/other',
    ]);
  });

  it('not anew after a restart within the hour, and at once where something was just attached', async () => {
    await looks().before(team, image);
    const again = looks();
    await again.before(team, image);
    again.noticed(team, image);
    await settle();
    expect(asked).toBe(1);
    again.attached(team, image);
    await settle();
    expect(asked).toBe(2);
  });

  it('soon again after a failure, which keeps what was found and is told', async () => {
    attachedNow = ['a'];
    const all = looks();
    await all.before(team, image);
    const [found] = await records.attachedVex(image);
    failing = true;
    clock += hour;
    all.noticed(team, image);
    await settle();
    expect(await records.attachedVex(image)).toEqual([
      { ...found, problem: 'away', lookedAt: new Date(clock).toISOString() },
    ]);
    failing = false;
    clock += 60_000;
    all.noticed(team, image);
    await settle();
    expect(await records.attachedVex(image)).toMatchObject([{ problem: null }]);
    expect(asked).toBe(3);
  });

  it('though the clock was set back', async () => {
    const all = looks();
    await all.before(team, image);
    clock -= 10 * hour;
    all.noticed(team, image);
    await settle();
    expect(asked).toBe(2);
  });

  it('and what cannot be written ends nothing', async () => {
    records.putAttachedVex = () => Promise.reject(new Error('the disk is full'));
    await expect(looks().before(team, image)).resolves.toBeUndefined();
  });
});

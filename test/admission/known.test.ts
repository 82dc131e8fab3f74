import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { plainContext } from '../../core/context.ts';
import type { Digest } from '../../core/digest.ts';
import { silentLogger } from '../../core/ports/logger.ts';
import type { ReplicaStore } from '../../core/ports/replica.ts';
import type { ReplicaVerdict } from '../../core/replica.ts';
import type { ManifestPointer } from '../../core/repository.ts';
import type { Verdict } from '../../core/verdict.ts';
import { openReplica } from '../../db/replica.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import type { Rulebook } from '../../policy/bindings/rulebook.ts';
import { cve, granted, setFrom } from '../../policy/bindings/samples.ts';
import { parsePolicySources } from '../../policy/bindings/sources.ts';
import { createAddressing } from '../../registry/addressing.ts';
import { createWorld, team, type World } from '../../vetting/samples.ts';
import { image } from '../../vetting/samples-images.ts';
import { imageGateOf } from '../../webhook/image-gate.ts';
import { Asking } from '../../webhook/replica/asking.ts';
import { Breaker } from '../../webhook/replica/breaker.ts';
import { Contact } from '../../webhook/replica/contact.ts';
import { ReplicaGate } from '../../webhook/replica/gate.ts';
import { Knowledge } from '../../webhook/replica/knowledge.ts';

/** What reviews are answered by without waiting is what stands at that moment: whatever changes it is seen by the next one. */

const asker = { ...plainContext('admission'), namespace: 'shop' };
const byDigest = (digest: Digest): ManifestPointer => ({ kind: 'digest', digest });

describe('the gate of a proxy in the same process', () => {
  const good = image('good');
  const { digest } = good.stored;
  let world: World;
  const known = (gate = imageGateOf(world.vetting)): string => {
    const found = gate.known(team, byDigest(digest), asker);
    return found === null ? 'to be found out' : `${found.clearance.status} ${found.clearance.allowed}`;
  };
  /** As a review does that finds nothing known. */
  const look = async (): Promise<string> => {
    const gate = imageGateOf(world.vetting);
    const { settled } = await gate.find(team, byDigest(digest), 5000, asker);
    return (await settled(asker, 5000)).status;
  };
  beforeEach(async () => {
    world = createWorld();
    world.put(team, 'latest', good);
    expect(known()).toBe('to be found out');
    expect(await look()).toBe('pass');
    expect(known()).toBe('pass true');
  });

  it('asks for a tag each time', () => {
    expect(imageGateOf(world.vetting).known(team, { kind: 'tag', tag: 'latest' }, asker)).toBeNull();
  });

  it.each<[string, () => void]>([
    [
      'other advisories',
      () => {
        world.revision = 'r2';
      },
    ],
    [
      'the end of its time',
      () => {
        world.clock += 400 * 86_400_000;
      },
    ],
    [
      'a clock that was set back',
      () => {
        world.clock -= 86_400_000;
      },
    ],
    ['another ground', () => world.vetting.groundChanged()],
    ['another verdict', () => world.vetting.verdictsChanged([digest])],
    ['another holder', () => world.vetting.holdersChanged(digest)],
    ['its removal', () => world.vetting.forget(team, digest)],
  ])('does not go by what it said before %s', (_what, change) => {
    change();
    expect(known()).toBe('to be found out');
  });

  it('says what the other one says', async () => {
    world.vulnerable.add('good');
    world.revision = 'r2';
    expect(await look()).toBe('fail');
    expect(known()).toBe('fail false');
  });
});

describe('the gate of a replica', () => {
  const { digest } = image('good').stored;
  const start = Date.parse('2026-11-30T10:00:00Z');
  let [dir, now]: [string, number] = ['', start];
  let store: ReplicaStore;
  let rulebook: Rulebook;
  let gate: ReplicaGate;

  const verdict = (status: 'pass' | 'fail', fields: Partial<Verdict> = {}): ReplicaVerdict => ({
    ...{ digest, policy: 'baseline', since: new Date(now).toISOString(), images: ['registry.corp/team/app'] },
    verdict: {
      ...{ status, policy: 'baseline', policyRevision: revision(), advisoriesRevision: 'a', scanner: '' },
      ...{ rules: [], reasons: [`it is ${status}`], coverage: [], suppressed: [] },
      summary: {
        counts: { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 },
        ...{ fixable: 0, worst: [] },
      },
      blockers: { complete: true, list: [] },
      ...{ evaluatedAt: new Date(now).toISOString(), validUntil: null, next: null },
      ...fields,
    },
  });
  const revision = (): string => rulebook.set.policies.get('baseline')?.revision ?? '';
  const read = { records: 'one', cursor: 1, isLast: true };
  const held = { repository: team, digest, platforms: [{ platform: null, digest }], unfit: [], tags: ['1'] };
  const said = (pointer: ManifestPointer = byDigest(digest)): string => {
    const found = gate.known(team, pointer, asker);
    return found === null ? 'to be found out' : `${found.clearance.status} ${found.clearance.allowed}`;
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pratique-known-'));
    now = start;
    store = openReplica({ file: join(dir, 'replica.db'), proxy: 'https://proxy', logger: silentLogger });
    rulebook = makeRulebook(parsePolicySources({ source: null, texts: {} }), []);
    const clock = (): number => now;
    const knowledge = new Knowledge(store, clock);
    const contact = new Contact({ now: clock, logger: silentLogger });
    const breaker = new Breaker(clock);
    // Nobody is asked here.
    const client = {} as unknown as ConstructorParameters<typeof Asking>[0]['client'];
    const ground = () => ({ revision: '1', rulebook, addressing, text: '' });
    const addressing = createAddressing({ upstreams: [], publicNames: [] });
    gate = new ReplicaGate({
      ...{ store, knowledge, contact, ground, now: clock, tagsFor: 60_000 },
      asking: new Asking({
        client,
        store,
        knowledge,
        contact,
        breaker,
        unread: { add: () => undefined },
        now: clock,
      }),
    });
    expect(said()).toBe('to be found out');
    store.putImages([held], [], read, now);
    store.putChanges([verdict('pass')], [], read);
    store.putHeardAt(now);
    expect([said(), said()]).toEqual(['pass true', 'pass true']);
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });

  it.each<[string, () => void, string]>([
    ['another verdict', () => store.putChanges([verdict('fail')], [], read), 'fail false'],
    ['an answer of the proxy', () => store.putVetted(held, [verdict('fail')], null), 'fail false'],
    ['the forgetting of its policy', () => store.putChanges([], ['baseline'], read), 'to be found out'],
    ['its removal', () => store.putImages([], [held], read, now), 'to be found out'],
    [
      'other platforms',
      () => {
        const other = image('other').stored.digest;
        store.putImages(
          [{ ...held, platforms: [{ platform: 'linux/amd64', digest: other }] }],
          [],
          read,
          now,
        );
      },
      'to be found out',
    ],
    [
      'what makes it unfit',
      () => store.putImages([{ ...held, unfit: ['it nests too deep'] }], [], read, now),
      'error false',
    ],
    [
      'another policy set',
      () => {
        rulebook = makeRulebook(setFrom(denying), []);
      },
      'to be found out',
    ],
    [
      'another binding',
      () => {
        rulebook = makeRulebook(setFrom(lenient), []);
      },
      'to be found out',
    ],
    [
      'the end of its time',
      () => {
        store.putChanges([verdict('pass', { validUntil: new Date(now + 1000).toISOString() })], [], read);
        now += 1000;
      },
      'to be found out',
    ],
    [
      'what was said to follow',
      () => {
        const next = { at: new Date(now + 1000).toISOString(), status: 'fail' } as const;
        store.putChanges([verdict('pass', { next })], [], read);
        now += 1000;
      },
      'fail false',
    ],
  ])('does not go by what it said before %s', (_what, change, then) => {
    change();
    expect(said()).toBe(then);
  });

  it('lets in by an exception from the moment that it is granted, and not after it has ended or is revoked', () => {
    const blockers = { complete: true, list: [{ rule: 'critical', finding: cve }] };
    store.putChanges([verdict('fail', { blockers })], [], read);
    expect(said()).toBe('fail false');
    const scope = { policies: [], gates: [], clusters: [], namespaces: ['shop'] };
    const exception = granted({ scope, endsAt: now + 1000 });
    const { set } = rulebook;
    rulebook = makeRulebook(set, [exception]);
    expect(said()).toBe('warn true');
    now += 1000;
    expect(said()).toBe('fail false');
    now -= 1000;
    expect(said()).toBe('warn true');
    rulebook = makeRulebook(set, [{ ...exception, revoked: { at: '2026-11-30', by: 'ada', reason: 'no' } }]);
    expect(said()).toBe('fail false');
  });

  it('knows a tag for as long as it was heard of lately, and its next meaning at once', () => {
    const tag = { kind: 'tag', tag: '1' } as const;
    expect(said(tag)).toBe('to be found out');
    store.putVetted(held, [], { tag: '1', heardAt: now });
    expect(said(tag)).toBe('pass true');
    const bad = image('bad').stored.digest;
    const moved = { ...held, digest: bad, platforms: [{ platform: null, digest: bad }] };
    store.putVetted(moved, [{ ...verdict('fail'), digest: bad }], { tag: '1', heardAt: now });
    expect(said(tag)).toBe('fail false');
    now += 60_000;
    expect(said(tag)).toBe('to be found out');
    store.dropTag(team, '1');
    now -= 60_000;
    expect(said(tag)).toBe('to be found out');
  });
});

const denying = `
version: 1
name: baseline
rules:
  - { id: any-fix, title: A fix exists, action: deny, when: { fixAvailable: true } }
`;
const lenient = `
version: 1
name: other
bindings:
  - { id: shop, namespaces: [shop], policy: strict }
  - { id: default, policy: baseline }
`;

import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '../core/verdict.ts';
import { verdictForHarbor } from './harbor-verdict.ts';
import { createWorld, rulebookOf, team } from './samples.ts';
import { image, start } from './samples-images.ts';

const set = (more: string): string => `
version: 1
name: set
${more}
bindings:
  - { id: team, gates: [harbor], images: [registry.corp/team/*], policy: strict }
  - { id: counted, gates: [harbor], images: [registry.corp/count/*], policy: audit, mode: audit, context: [
      { id: none, action: deny, when: { counts: { critical: 1 } } } ] }
  - { id: rest, policy: audit, mode: audit }
`;

async function judged(text: string) {
  const world = createWorld({ policy: text });
  const bad = image('bad');
  world.put(team, null, bad);
  const { digest, manifest } = bad.stored;
  if (manifest.kind !== 'image') throw new Error('no image');
  await world.catalogue.resolve(team, { kind: 'digest', digest });
  return world.judge.vet(team, digest, manifest, () => undefined);
}

describe('what Harbor is told of an image with a critical finding', () => {
  it.each<readonly [string, string, string, Verdict['status']]>([
    ['is what the policy says that is bound for its repository', '', 'registry.corp/team/app', 'fail'],
    ['follows the context rules of the binding', '', 'registry.corp/count/app', 'fail'],
    ['is the last binding’s elsewhere', '', 'registry.corp/other/app', 'warn'],
    [
      'is not decided before the scan that it asked for',
      'beforeScan: [{ id: p, images: [registry.corp/team/*], action: pass, reason: r }]',
      'registry.corp/team/app',
      'fail',
    ],
  ])('%s', async (_what, more, repository, status) => {
    const text = set(more);
    const verdict = verdictForHarbor(rulebookOf(text), repository, await judged(text), start);
    expect(verdict.status).toBe(status);
    expect(verdict.reasons.join('\n')).toMatch(/CVE-2026-1|critical/);
  });

  it('is nothing where the policy has changed since', async () => {
    const before = await judged(set(''));
    const after = rulebookOf(set('').replaceAll('policy: strict', 'policy: known-exploited'));
    expect(() => verdictForHarbor(after, 'registry.corp/team/app', before, start)).toThrow(/try again/);
  });
});

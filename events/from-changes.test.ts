import { describe, expect, test } from '@jest/globals';
import type { Change } from '../core/change.ts';
import { mostSightingsOf, noCluster } from '../core/ports/sightings.ts';
import { eventsOf, type Grounds, groundsAfter } from './from-changes.ts';
import { digestOf, sighting, verdictChange } from './samples.ts';

const nowhere = () => [];
const groupOf = (change: Change, grounds: Grounds = {}) => eventsOf(change, grounds, nowhere)[0]?.group;

describe('what is told', () => {
  test.each([
    ['a first verdict', { from: null, to: 'fail' }, []],
    ['pass to warn', { from: 'pass', to: 'warn' }, []],
    ['fail to error', { from: 'fail', to: 'error' }, []],
    ['pass to fail', { from: 'pass', to: 'fail' }, ['warning']],
    ['warn to error', { from: 'warn', to: 'error' }, ['warning']],
    ['fail to pass', { from: 'fail', to: 'pass' }, ['notice']],
    ['error to warn', { from: 'error', to: 'warn' }, ['notice']],
    ['malware', { newlyDenying: ['MAL-2026-9'] }, ['critical']],
    ['known-exploited', { reasons: ['known-exploited: CVE-2026-1'] }, ['critical']],
    ['a missing catalogue', { reasons: ['no known-exploited catalogue was imported'] }, ['warning']],
  ] as const)('%s', (_, over, severities) => {
    expect(eventsOf(verdictChange(over), {}, nowhere).map(({ severity }) => severity)).toEqual(severities);
  });

  test('nothing of renewals and grounds', () => {
    const at = '2026-11-24T08:00:00.000Z';
    const renewal: Change = { kind: 'renewal', cursor: 1, at, digest: digestOf(1), policy: 'baseline' };
    const ground: Change = { kind: 'policy', cursor: 2, at, subject: 'r1', note: 'a policy' };
    expect([renewal, ground].flatMap((change) => eventsOf(change, {}, nowhere))).toEqual([]);
  });

  test('where an image runs that passes no longer', () => {
    const seen = [sighting(), sighting({ namespace: 'bank', workload: 'CronJob/pay' })];
    const [changed, running] = eventsOf(verdictChange(), {}, () => seen);
    expect(changed?.kind).toBe('verdict-changed');
    expect(running).toMatchObject({
      kind: 'running-image-bad',
      subject: { cluster: 'prod', namespace: null, workload: null },
    });
    expect(running?.title).toContain('prod/shop: Deployment/web, prod/bank: CronJob/pay');
  });

  test('an image that runs everywhere: as many places as are known of', () => {
    const places = (count: number) =>
      Array.from({ length: count }, (_, index) => sighting({ workload: `Deployment/${index}` }));
    const told = (count: number) => eventsOf(verdictChange(), {}, () => places(count))[1];
    expect(told(mostSightingsOf - 1)?.title).toMatch(/ and 94 more$/);
    expect(told(mostSightingsOf - 1)?.subject.cluster).toBe('prod');
    expect(told(mostSightingsOf)?.title).toMatch(/ and at least 95 more$/);
    expect(told(mostSightingsOf)?.subject.cluster).toBeNull();
  });

  test('where no cluster is configured, none is named', () => {
    const [, running] = eventsOf(verdictChange(), {}, () => [sighting({ cluster: noCluster })]);
    expect(running?.subject.cluster).toBeNull();
    expect(running?.title).toMatch(/it runs as shop: Deployment\/web$/);
  });
});

describe('what is told together', () => {
  test('one advisory under the names of several distributions, by policy and direction', () => {
    const debian = groupOf(verdictChange({ newlyDenying: ['DEBIAN-CVE-2026-1'] }));
    expect(groupOf(verdictChange({ newlyDenying: ['ALPINE-CVE-2026-1'], digest: digestOf(2) }))).toBe(debian);
    expect(groupOf(verdictChange({ policy: 'strict' }))).not.toBe(debian);
    expect(groupOf(verdictChange({ from: 'fail', to: 'pass' }))).not.toBe(debian);
    expect(groupOf(verdictChange({ newlyDenying: ['CVE-2026-2'] }))).not.toBe(debian);
  });

  test.each(['policy', 'exception'] as const)('what a new %s refuses', (kind) => {
    const grounds = groundsAfter({}, { kind, cursor: 1, at: '', subject: 's1', note: '' });
    const one = groupOf(verdictChange({ cause: kind, newlyDenying: ['CVE-2026-1'] }), grounds);
    expect(groupOf(verdictChange({ cause: kind, newlyDenying: ['CVE-2026-2'] }), grounds)).toBe(one);
    expect(groupOf(verdictChange({ cause: kind }), { [kind]: 's2' })).not.toBe(one);
  });

  test('without an advisory: the first reason', () => {
    const old = { cause: 'time', newlyDenying: [], reasons: ['the advisories are 9 days old'] } as const;
    expect(groupOf(verdictChange(old))).toBe('the advisories are 9 days old baseline refused');
  });
});

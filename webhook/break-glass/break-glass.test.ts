import { describe, expect, it } from '@jest/globals';
import type { AdmissionRequest, Decision } from '../review.ts';
import { acceptGlass, type GlassRules } from './accept.ts';
import { type Glass, glassLabel, isOpen, readGlass, signatureOf, signingKey } from './glass.ts';
import { glassEvent, openedBy } from './open.ts';

const hour = 3_600_000;
const at = Date.UTC(2026, 10, 30, 12);
const iso = (ahead: number): string => new Date(at + ahead).toISOString();
const rules: GlassRules = {
  groups: ['oncall', 'admins'],
  longest: 4 * hour,
  namespace: 'pratique',
  key: signingKey('a-key-of-the-tests-that-is-long-enough'),
};
const name = 'pratique-break-glass-1';
const asks = { namespaces: 'shop,billing', for: '1h', reason: 'incident 4711, the fix cannot wait' };
const labels = { [glassLabel]: 'true' };

type Json = Record<string, unknown>;
const object = (data: unknown = asks, metadata: Json = { name, labels }): Json => ({ metadata, data });
function request(given: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'u-1',
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    operation: 'CREATE',
    namespace: 'pratique',
    name,
    subResource: null,
    dryRun: false,
    user: 'ann',
    groups: ['system:authenticated', 'oncall'],
    object: object(),
    oldObject: null,
    ...given,
  };
}

/** What is stored after the webhook has had its say. */
function stored(asked = request()): { readonly metadata: Json; readonly data: Record<string, string> } {
  const { patch, decision } = acceptGlass(rules, asked, at);
  expect(decision.message).toBeNull();
  const { metadata, data } = asked.object as { metadata: Json; data: Record<string, string> };
  const set = Object.fromEntries(patch.map(({ path, value }) => [path.replace('/data/', ''), value]));
  return { metadata, data: { ...data, ...set } };
}

const glass: Glass = {
  name,
  namespaces: ['billing', 'shop'],
  reason: asks.reason,
  user: 'ann',
  acceptedAt: iso(0),
  until: iso(hour),
};

describe('a break-glass', () => {
  it('is accepted from a member, with who it is by the API server and until when by the clock here', () => {
    const { decision, glass: accepted } = acceptGlass(rules, request(), at);
    expect(decision).toMatchObject({
      allowed: true,
      audit: { 'break-glass': expect.stringMatching(/^ann until 2026-11-30T13:00:00/) },
    });
    expect(accepted).toEqual(glass);
    expect(readGlass(rules.key, stored())).toEqual(glass);
  });

  it('does not take from the object who made it, since when and until when', () => {
    const lies = { ...asks, user: 'root', acceptedAt: iso(hour), until: iso(100 * hour), signature: 'x' };
    expect(readGlass(rules.key, stored(request({ object: object(lies) })))).toEqual(glass);
  });

  it.each<readonly [string, Partial<AdmissionRequest>, RegExp]>([
    ['by one who is in no such group', { groups: ['developers'] }, /in none of the groups/],
    ['by one without groups', { groups: [] }, /in none of the groups/],
    ['by nobody', { user: null }, /in none of the groups/],
    ['with a group in another spelling', { groups: ['Oncall', 'oncall '] }, /in none of the groups/],
    [
      'under another name',
      { object: object(asks, { name: 'mine', labels }) },
      /begins with pratique-break-glass-/,
    ],
    [
      'under a name that is still to be made up',
      { name: null, object: object(asks, { generateName: name, labels }) },
      /begins with/,
    ],
    ['for longer than is allowed', { object: object({ ...asks, for: '5h' }) }, /at most 240 minutes/],
    ['for no time', { object: object({ ...asks, for: '0m' }) }, /data\.for/],
    ['for what is no time', { object: object({ ...asks, for: '-1h' }) }, /data\.for/],
    ['for a very long time', { object: object({ ...asks, for: '999999w' }) }, /data\.for/],
    ['without a reason', { object: object({ ...asks, reason: '   x    ' }) }, /data\.reason/],
    [
      'with a reason of more lines',
      { object: object({ ...asks, reason: 'all is well here\nuntil: never' }) },
      /data\.reason/,
    ],
    ['for all namespaces', { object: object({ ...asks, namespaces: '*' }) }, /data\.namespaces/],
    ['for none', { object: object({ ...asks, namespaces: '' }) }, /data\.namespaces/],
    [
      'for too many',
      { object: object({ ...asks, namespaces: Array.from({ length: 21 }, (_, n) => `n${n}`).join(',') }) },
      /data\.namespaces/,
    ],
    ['with more than it needs', { object: object({ ...asks, cluster: 'prod' }) }, /cluster/],
    ['that is very long', { object: object({ ...asks, reason: 'x'.repeat(1_000_000) }) }, /data\.reason/],
    ['with bytes', { object: { ...object(), binaryData: {} } }, /binaryData/],
    ['without data', { object: { metadata: { name, labels } } }, /data/],
    ['that is a list', { object: [] }, /cannot be read/],
  ])('%s is refused', (_what, given, message) => {
    const { decision, patch, glass: accepted } = acceptGlass(rules, request(given), at);
    expect([decision.allowed, patch, accepted]).toEqual([false, [], null]);
    expect(decision.message).toMatch(message);
    expect(decision.message?.length).toBeLessThan(2001);
  });

  it('is refused from everybody where no group is named', () => {
    expect(acceptGlass({ ...rules, groups: [] }, request(), at).decision.message).toMatch(/no group/);
  });

  it.each<readonly [string, Partial<AdmissionRequest>]>([
    ['a ConfigMap without the label', { object: object(asks, { name }) }],
    ['with another value of the label', { object: object(asks, { name, labels: { [glassLabel]: 'yes' } }) }],
    ['of another namespace', { namespace: 'shop' }],
    ['of another kind', { kind: { group: '', version: 'v1', kind: 'Secret' } }],
    ['a deletion by anybody', { operation: 'DELETE', groups: [], object: null, oldObject: object() }],
    ['a dry run', { dryRun: true }],
  ])('is not what %s is: it passes, and nothing is signed', (_what, given) => {
    expect(acceptGlass(rules, request(given), at)).toMatchObject({
      decision: { allowed: true },
      patch: [],
      glass: null,
    });
  });

  it('may lose its label and get others, and is not changed', () => {
    const before = stored();
    const update = (after: unknown, groups: readonly string[] = []) =>
      acceptGlass(
        rules,
        request({ operation: 'UPDATE', oldObject: before, object: after, groups }),
        at + hour,
      );
    expect(update({ ...before, metadata: { name, labels: { ...labels, team: 'a' } } }).decision.allowed).toBe(
      true,
    );
    expect(update({ ...before, metadata: { name } }).decision.allowed).toBe(true);
    for (const change of [{ for: '4h' }, { until: iso(9 * hour) }, { namespaces: 'shop,kube-system' }]) {
      const answer = update({ ...before, data: { ...before.data, ...change } }, ['oncall']);
      expect([answer.decision.allowed, answer.patch]).toEqual([false, []]);
    }
  });

  it('that gets its label later is accepted from members alone', () => {
    const copy = stored();
    const update = (groups: readonly string[]) =>
      acceptGlass(
        rules,
        request({ operation: 'UPDATE', oldObject: { ...copy, metadata: { name } }, object: copy, groups }),
        at,
      );
    expect(update(['developers']).decision.allowed).toBe(false);
    expect(update(['admins']).glass).not.toBeNull();
  });
});

describe('what is read', () => {
  it.each<readonly [string, Record<string, string>, string?]>([
    ['under another name', {}, `${name}1`],
    ['for other namespaces', { namespaces: 'billing,shop,kube-system' }],
    ['until later', { until: iso(2 * hour) }],
    ['since later', { acceptedAt: iso(hour) }],
    ['by somebody else', { user: 'bob' }],
    ['for another reason', { reason: 'incident 4712, the fix cannot wait' }],
    ['without a signature', { signature: '' }],
    [
      'with a signature of another key',
      { signature: signatureOf(signingKey('another-key-that-is-long-enough-too'), glass) },
    ],
  ])('opens nothing %s', (_what, change, called = name) => {
    const { data } = stored();
    expect(readGlass(rules.key, { metadata: { name: called }, data: { ...data, ...change } })).toBeNull();
  });

  it.each([
    null,
    1,
    'x',
    [],
    {},
    { metadata: {}, data: null },
    { metadata: { name }, data: { signature: 1 } },
  ])('opens nothing where it is %j', (found) => expect(readGlass(rules.key, found)).toBeNull());

  it.each<readonly [string, number, number, boolean]>([
    ['from the beginning', 0, 4 * hour, true],
    ['to a clock that is a little behind', -59_000, 4 * hour, true],
    ['not to one that is far behind', -61_000, 4 * hour, false],
    ['to its last moment', hour - 1, 4 * hour, true],
    ['not at its end', hour, 4 * hour, false],
    ['not beyond a bound that was made shorter', 0.6 * hour, hour / 2, false],
  ])('holds %s', (_what, ahead, longest, expected) => {
    expect(isOpen(glass, at + ahead, longest)).toBe(expected);
  });
});

describe('a refusal', () => {
  const refusal: Decision = {
    allowed: false,
    message: 'Blocked by Pratique: x: CVE-2026-1',
    warnings: [],
    audit: { 'image-0': 'x fail' },
  };
  const pod = request({
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace: 'shop',
    name: 'web',
    user: 'eve',
  });

  it('becomes a warning that says by whom, an audit annotation and an event where the glass is broken', () => {
    const opened = openedBy([glass], pod, refusal);
    expect(opened.decision).toEqual({
      allowed: true,
      message: null,
      warnings: [expect.stringMatching(/break-glass pratique-break-glass-1 of ann until .*: x: CVE-2026-1/)],
      audit: {
        'image-0': 'x fail',
        'break-glass': expect.stringContaining(asks.reason),
        'would-refuse': refusal.message,
      },
    });
    expect(glassEvent(pod, opened, 'prod', iso(0))).toMatchObject({
      kind: 'break-glass',
      severity: 'critical',
      subject: { cluster: 'prod', namespace: 'shop', user: 'eve' },
    });
    expect(glassEvent({ ...pod, dryRun: true }, opened, 'prod', iso(0))).toBeNull();
  });

  it.each<readonly [string, Partial<AdmissionRequest>]>([
    ['in another namespace', { namespace: 'shop2' }],
    ['of what is in none', { namespace: null }],
    ['whatever the object says', { namespace: 'other', object: object(stored().data) }],
  ])('stays one %s', (_what, given) => {
    const opened = openedBy([glass], { ...pod, ...given }, refusal);
    expect([opened.decision, opened.glass]).toEqual([refusal, null]);
  });

  it('is all that is opened: what is let in is let in as ever', () => {
    const letIn: Decision = { allowed: true, message: null, warnings: ['w'], audit: {} };
    expect(openedBy([glass], pod, letIn)).toEqual({ decision: letIn, glass: null, refused: null });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parsePolicySet } from '../policy/bindings/parse.ts';
import { makeRulebook } from '../policy/bindings/rule.ts';
import { admit } from './admission.ts';
import { clusterKinds } from './kinds.ts';
import { parseReview } from './review.ts';
import { addressing, gate, podOf, review, startTestServer, type TestServer } from './samples.ts';

let at: TestServer;
beforeAll(async () => {
  at = await startTestServer();
});
afterAll(async () => {
  await at.close();
});

const long = (length: number): string => 'n'.repeat(length);

describe('names that no cluster gives', () => {
  it.each<[what: string, fields: object]>([
    ['a namespace of megabytes', { namespace: long(3_900_000) }],
    ['a namespace of 64 characters', { namespace: long(64) }],
    ['a namespace that is no label', { namespace: 'Shop' }],
    ['a namespace of two labels', { namespace: 'shop.example' }],
    ['a namespace with a line break', { namespace: 'shop\n' }],
    ['an empty namespace', { namespace: '' }],
    ['a long name', { name: long(254) }],
    ['a long group', { kind: { group: long(254), version: 'v1', kind: 'Pod' } }],
    ['a long version', { kind: { group: '', version: long(64), kind: 'Pod' } }],
    ['a long kind', { kind: { group: '', version: 'v1', kind: long(64) } }],
    ['a long subresource', { subResource: long(64) }],
  ])('%s: the review is unreadable, and nothing is kept of it', async (_what, fields) => {
    const outcomes = at.outcomes.length;
    const reply = await at.send('/validate', JSON.stringify(review(fields)));
    expect(reply.status).toBe(400);
    expect(reply.text.length).toBeLessThan(300);
    expect([at.outcomes.length, at.admitted]).toEqual([outcomes, []]);
  });

  it.each<[what: string, fields: object]>([
    ['the longest names', { name: long(253), namespace: long(63), subResource: long(63) }],
    ['no namespace', { namespace: null }],
  ])('%s are read', async (_what, fields) => {
    expect((await at.send('/validate', JSON.stringify(review(fields)))).status).toBe(200);
  });
});

const of = (fields: object): object => ({ userInfo: { username: 'ada', groups: [], ...fields } });
const labelled = (labels: object): object => ({
  object: { ...podOf('reg.corp/app/good'), metadata: { labels } },
});
const account = (name: string): object => ({
  object: { spec: { ...podOf('reg.corp/app/good').spec, serviceAccountName: name } },
});
const labels = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

describe('an asker that is too much to compare is refused in every mode', () => {
  it.each<[what: string, fields: object, told: string | null]>([
    ['a user', of({ username: long(1025) }), 'the name of its user has 1025 characters'],
    ['a user at the bound', of({ username: long(1024) }), null],
    ['groups', of({ groups: Array.from({ length: 501 }, () => 'g') }), 'its user has 501 groups'],
    ['groups at the bound', of({ groups: Array.from({ length: 500 }, () => long(256)) }), null],
    ['a group', of({ groups: [long(257)] }), 'a group of its user has 257 characters'],
    ['a service account', account(long(254)), 'its service account has 254 characters'],
    ['labels', labelled(labels(1001)), 'it has 1001 labels'],
    ['labels at the bound', labelled(labels(1000)), null],
    ['the key of a label', labelled({ [long(318)]: 'v' }), 'the key of a label has 318 characters'],
    ['the value of a label', labelled({ app: long(64) }), 'the value of a label has 64 characters'],
  ])('%s', async (_what, fields, told) => {
    for (const namespace of ['default', 'audited', 'lenient']) {
      const { response } = await at.reviewed({ ...fields, namespace });
      expect([namespace, response.allowed]).toEqual([namespace, told === null]);
      if (told !== null) expect(response.status?.message).toContain(told);
    }
  });
});

it('a hundred images for an asker at the bounds take little time, whatever patterns of groups there are', async () => {
  const bindings = Array.from(
    { length: 100 },
    (_, index) =>
      `  - { id: b${index}, groups: ["ops-${index}-*z", "*x*y-adm-${index}"], policy: baseline }\n`,
  );
  const set = `version: 1\nname: many\nbindings:\n${bindings.join('')}  - { id: rest, policy: baseline }\n`;
  const rulebook = makeRulebook(
    parsePolicySet(set, 'set.yaml', () => ''),
    [],
  );
  const groups = Array.from({ length: 500 }, (_, index) => `ops-${index}-xy`.padEnd(256, 'xy-adm-'));
  const images = Array.from({ length: 100 }, (_, index) => `unknown.example/a${index}`);
  const body = JSON.stringify(review({ object: podOf(...images), ...of({ groups }) }));
  const { request } = parseReview(Buffer.from(body));
  if (request === null) throw new Error('the review cannot be read');
  const rules = { rulebook: () => rulebook, kinds: clusterKinds };
  const ports = { gate, addressing, ...rules, cluster: null, namespaces: null };
  const before = process.cpuUsage();
  const { decision } = await admit(ports, request, 9000, Date.now);
  const { user, system } = process.cpuUsage(before);
  expect(decision.allowed).toBe(false);
  expect((user + system) / 1000).toBeLessThan(200);
});

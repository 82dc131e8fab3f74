import { describe, expect, test } from '@jest/globals';
import { PratiqueError } from '../../core/errors.ts';
import { baselineText } from '../ready/baseline.ts';
import { parsePolicySet } from './parse.ts';
import { setFrom, strictText } from './samples.ts';

const head = 'version: 1\nname: test\n';

function problem(text: string, files: Readonly<Record<string, string>> = {}): string {
  try {
    setFrom(head + text, files);
  } catch (error) {
    if (error instanceof PratiqueError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('a policy set with a mistake', () => {
  test.each<readonly [string, string, string, string, Readonly<Record<string, string>>?]>([
    [
      'a policy that is not there',
      'bindings: [{ id: a, policy: basline }]',
      '3:29 bindings[0].policy: found "basline"',
      'did you mean "baseline"',
    ],
    [
      'one id twice',
      'bindings: [{ id: a, users: [x], policy: baseline }, { id: a, policy: baseline }]',
      'found "a", which is the id of bindings[0] too',
      'an id of its own',
    ],
    [
      'a word that is no gate',
      'bindings: [{ id: a, gates: [proxi], policy: baseline }]',
      'bindings[0].gates[0]: found "proxi"',
      'did you mean "proxy"',
    ],
    [
      'a key that nobody knows',
      'bindings: [{ id: a, namespace: [x], policy: baseline }]',
      'found the unknown key "namespace"',
      'did you mean "namespaces"',
    ],
    [
      'a mode that is none',
      'bindings: [{ id: a, policy: baseline, mode: enforced }]',
      'found "enforced"',
      'did you mean "enforce"',
    ],
    [
      'an age that is no time',
      'bindings: [{ id: a, policy: baseline, maxAge: 90 }]',
      'bindings[0].maxAge: found 90',
      'a number and m, h, d or w',
    ],
    [
      'the same selector twice',
      'bindings: [{ id: a, users: [x, y], policy: baseline }, { id: b, users: [y, x], policy: baseline, mode: audit }]',
      '3:56 bindings[1]: found "b", which holds for the same as "a"',
      'make them one',
    ],
    [
      'one that can never hold',
      'bindings: [{ id: a, namespaces: ["shop-*"], policy: baseline }, { id: b, namespaces: [shop-eu], users: [x], policy: baseline }]',
      'found "b", which can never hold: "a" (bindings[0]) comes first',
      'it before "a", or not at all',
    ],
    [
      'one after everything',
      'bindings: [{ id: a, policy: baseline }, { id: b, images: ["docker.io/**"], policy: baseline }]',
      'found "b", which can never hold',
      'it before "a"',
    ],
    [
      'labels of a workload after everything',
      'bindings: [{ id: a, policy: baseline }, { id: b, workloadLabels: { x: y }, policy: baseline }]',
      'found "b", which can never hold',
      'labels of a workload in the last binding',
    ],
    [
      'a rule that its policy lacks',
      'bindings: [{ id: a, policy: baseline, context: [{ id: r, action: deny, when: { rules: [malwar] } }] }]',
      'context[0].when.rules[0]: found "malwar", allowed a rule of "baseline"',
      'did you mean "malware"',
    ],
    [
      'a context rule without a condition',
      'bindings: [{ id: a, policy: baseline, context: [{ id: r, action: deny, when: {} }] }]',
      'when: found an empty map',
      'at least one of status',
    ],
    [
      'a context rule about images',
      'bindings: [{ id: a, policy: baseline, context: [{ id: r, action: deny, when: { where: { images: [docker.io/x] } } }] }]',
      'found the unknown key "images"',
      'gates',
    ],
    [
      'everything passes',
      'beforeScan: [{ id: a, action: pass, reason: x }]',
      '3:14 beforeScan[0]: found a rule that lets everything through',
      'mode: audit',
    ],
    [
      'a whole gate passes',
      'beforeScan: [{ id: a, gates: [proxy], action: pass, reason: x }]',
      'lets everything through without a look',
      'images',
    ],
    [
      'everything passes in other words',
      'beforeScan: [{ id: a, images: ["*/**"], action: pass, reason: x }]',
      'lets everything through without a look',
      'images',
    ],
    [
      'a pass for who labels it',
      'beforeScan: [{ id: a, images: [docker.io/x], workloadLabels: { a: b }, action: pass, reason: x }]',
      'found labels of a workload',
      'refuse',
    ],
    [
      'a before-scan rule without a reason',
      'beforeScan: [{ id: a, images: [docker.io/x], action: refuse }]',
      'beforeScan[0].reason: found nothing',
      'a text',
    ],
    [
      'a service account without namespace',
      'bindings: [{ id: a, serviceAccounts: [ci], policy: baseline }]',
      'found "ci"',
      'namespace/name',
    ],
    [
      'the name of the implied binding',
      'bindings: [{ id: default, users: [x], policy: baseline }]',
      'bindings[0].id: found "default"',
      'another id',
    ],
    [
      'a policy with a ready name',
      'policies: [p.yaml]\nbindings: []',
      'found the policy "baseline", a name that a ready policy has too',
      'a name of its own',
      { 'p.yaml': baselineText },
    ],
    [
      'two policies of one name',
      'policies: [p.yaml, q.yaml]\nbindings: []',
      'policies[1]: found the policy "strict-one", a name that p.yaml has too',
      'a name of its own',
    ],
  ])('%s', (_name, text, found, allowed, files = {}) => {
    const message = problem(text, files);
    expect(message).toContain('policy-invalid: set.yaml:');
    expect(message).toContain(found);
    expect(message).toContain(allowed);
  });

  test('tells everything at once, of the policy files too', () => {
    const message = problem(
      'policies: [p.yaml]\nbindings: [{ id: a, users: [x], policy: baseline }, { id: a, users: [x], policy: baseline }]\nbeforeScan: [{ id: p, action: pass, reason: x }]',
      { 'p.yaml': 'version: 1\nname: p\nrules: [{ id: r, action: dany, when: { any: true } }]' },
    );
    expect(message.split('\n')).toHaveLength(4);
    expect(message).toContain('p.yaml:3:');
    expect(message).toContain('did you mean "deny"');
  });

  test('an unreadable policy file does not make its name unknown as well', () => {
    const read = () => {
      throw new PratiqueError('policy-invalid', 'the policy p.yaml cannot be read');
    };
    const text = `${head}policies: [p.yaml]\nbindings: [{ id: a, policy: p }]`;
    expect(() => parsePolicySet(text, 'set.yaml', read)).toThrow(/^the policy p.yaml cannot be read$/);
  });
});

describe('a policy set that is right', () => {
  test('a policy is a set of itself, for everything', () => {
    const set = setFrom(strictText);
    expect(set.name).toBe('strict-one');
    expect(set.bindings).toMatchObject([
      { id: 'default', policy: 'strict-one', mode: 'enforce', unknownImage: 'deny' },
    ]);
    expect([...set.policies.keys()]).toContain('baseline');
  });

  test('what no binding fits holds by the baseline, though the file names one policy alone', () => {
    const set = setFrom(
      `${head}policies: [p.yaml]\nbindings: [{ id: a, namespaces: [dev], policy: strict-one, mode: audit }]`,
    );
    expect(set.bindings.at(-1)).toMatchObject({ id: 'default', policy: 'baseline', mode: 'enforce' });
  });

  test('one that fits everything takes the place of the implied one', () => {
    const set = setFrom(`${head}bindings: [{ id: all, policy: baseline, mode: warn }]`);
    expect(set.bindings.map(({ id }) => id)).toEqual(['all']);
  });

  test('says how long a replica is acted on, and one with another age is another set', () => {
    const set = (age: string) => setFrom(`${head}bindings: [{ id: all, policy: baseline${age} }]`);
    expect(set(', maxAge: 90m').bindings[0]?.maxAge).toEqual({ text: '90m', milliseconds: 5_400_000 });
    expect(set('').bindings[0]?.maxAge).toBeNull();
    expect(set('').revision).not.toBe(set(', maxAge: 90m').revision);
  });

  test('narrower ones before wider ones are no contradiction', () => {
    const text = `bindings:
  - { id: a, namespaces: [shop-eu], policy: baseline }
  - { id: b, namespaces: ["shop-*"], policy: baseline }
  - { id: c, images: ["docker.io/library/*"], policy: baseline }
  - { id: d, images: ["docker.io/**"], policy: baseline }
  - { id: e, namespaceLabels: { team: a }, policy: baseline }
  - { id: f, namespaceLabels: { team: "*" }, policy: baseline }
  - { id: g, workloadLabels: { pci: "*" }, policy: baseline }
  - { id: h, workloadLabels: { pci: "yes" }, policy: baseline }
  - { id: i, gates: [ci], policy: baseline }`;
    expect(problem(text)).toBe('none');
  });

  test('the revision changes with what decides, and not with how it is written', () => {
    const one = setFrom(`${head}bindings: [{ id: a, users: [x], policy: baseline }]`);
    const same = setFrom(
      `# comment\nname: test\nversion: 1\nbindings:\n- policy: baseline\n  id: a\n  users: [ x ]`,
    );
    const other = setFrom(`${head}bindings: [{ id: a, users: [x], policy: baseline, mode: audit }]`);
    expect(one.revision).toMatch(/^[0-9a-f]{16}$/);
    expect(same.revision).toBe(one.revision);
    expect(other.revision).not.toBe(one.revision);
  });
});

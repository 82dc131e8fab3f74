import { expect, it } from '@jest/globals';
import { parsePolicySet } from '../../policy/bindings/parse.ts';
import { remarksOn, type Surroundings } from './remarks.ts';

const here: Surroundings = {
  upstreams: ['docker.io', 'corp', 'hosted'],
  cluster: 'eu-1',
  namespaceLabels: true,
  ownHosts: ['127.0.0.1:5000'],
};

it.each<readonly [string, string, Partial<Surroundings>, RegExp | null]>([
  ['an upstream that is none', 'upstreams: [nosuch]', {}, /names the upstreams nosuch; there are docker\.io/],
  ['an upstream by a pattern', 'upstreams: [docker.*]', {}, null],
  ['another cluster', 'clusters: [us-*]', {}, /for the clusters us-\*; this one has the name eu-1/],
  ['a cluster without a name', 'clusters: [eu-1]', { cluster: null }, /no name: give it one with "cluster"/],
  ['this cluster', 'clusters: [eu-*]', {}, null],
  ['the own address', 'images: ["127.0.0.1:5000/**"]', {}, /this proxy's own address/],
  [
    'labels that nobody reads',
    'namespaceLabels: { a: b }',
    { namespaceLabels: false },
    /webhook\.kubeconfig/,
  ],
  ['labels at another gate', 'gates: [ci], namespaceLabels: { a: b }', { namespaceLabels: false }, null],
  ['labels that are read', 'namespaceLabels: { a: b }', {}, null],
])('a binding that names %s', (_what, selector, surroundings, remark) => {
  const text = `version: 1\nname: s\nbindings:\n  - { id: one, ${selector}, policy: strict }\n`;
  const set = parsePolicySet(text, 'p.yaml', () => '');
  const remarks = remarksOn(set, { ...here, ...surroundings });
  expect(remarks).toEqual(remark === null ? [] : [expect.stringMatching(remark)]);
  for (const one of remarks) expect(one).toMatch(/^the binding one /);
});

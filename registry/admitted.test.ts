import { expect, it } from '@jest/globals';
import { createAddressing } from './addressing.ts';
import { admittedOnly } from './admitted.ts';

const upstreams = [
  {
    name: 'docker.io',
    namespace: 'docker.io',
    repositories: { allow: ['library/*', 'team/**'], deny: ['team/secret/**', 'library/alp*'] },
  },
  { name: 'corp', namespace: 'registry.corp' },
];
const addressing = admittedOnly(createAddressing({ upstreams, publicNames: ['proxy'] }), upstreams);

it.each<[string, string | null, RegExp | null]>([
  ['docker.io/nginx', null, null],
  ['docker.io/library/nginx', null, null],
  ['nginx', 'docker.io', null],
  ['docker.io/team/a/b', null, null],
  ['docker.io/alpine', null, /library\/alpine of the upstream docker.io.*deny list names "library\/alp\*"/],
  ['library/alpine', 'docker.io', /deny list/],
  ['alpine', 'index.docker.io', /deny list/],
  ['docker.io/team/secret/x', null, /deny list/],
  ['docker.io/other/x', null, /not on its allow list/],
  ['corp/any/thing', null, null],
])('%s of %s', (name, ns, refusal) => {
  const found = addressing.addressOf(name, ns);
  if (refusal === null) expect(found).toHaveProperty('path');
  else expect(found).toMatchObject({ status: 403, code: 'DENIED', message: expect.stringMatching(refusal) });
});

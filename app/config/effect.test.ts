import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { parseRoles } from '../roles.ts';
import { givenKeys, withoutEffect } from './effect.ts';

const file = join(temporaryDirectory(), 'pratique.yaml');

it.each<readonly [text: string, roles: string | null, found: readonly string[]]>([
  ['', null, []],
  ['[1]', null, []],
  ['{ data: a, policy: b, listen: { registry: c, webhook: d }, webhook: { names: [] } }', null, []],
  ['webhook: { proxy: { url: u }, running: { kubeconfig: k } }', null, ['webhook.proxy']],
  ['webhook: { proxy: { url: u }, running: { kubeconfig: k } }', 'webhook', []],
  ['webhook: { proxy: { url: u } }', 'proxy,webhook', ['webhook.proxy']],
  ['{ cluster: c, teamLabel: t, shutdown: {}, log: { level: info } }', 'webhook', []],
  ['{ policy: p, log: { access: true }, events: {} }', 'webhook', ['policy', 'log.access', 'events']],
  [
    '{ listen: { registry: r, management: m, gates: g }, gates: {} }',
    'webhook',
    ['listen.registry', 'listen.gates', 'gates'],
  ],
  [
    '{ webhook: { names: [], running: {} }, listen: { webhook: w } }',
    'proxy',
    ['webhook.names', 'listen.webhook'],
  ],
  ['{ harborAdapter: {}, listen: { harborAdapter: h } }', 'proxy', ['harborAdapter', 'listen.harborAdapter']],
  ['{ listen: { registry: r }, prefetch: [], policy: p }', 'harbor-adapter', ['listen.registry', 'prefetch']],
  ['gates: { tokens: [] }', null, ['gates']],
  ['{ gates: { tokens: [] }, listen: { gates: g } }', null, []],
])('%s with the roles %s has no effect in %j', (text, roles, found) => {
  writeFileSync(file, text);
  expect(withoutEffect(givenKeys(file), parseRoles(roles))).toEqual(found);
});

it('has no keys where there is no file', () => expect(givenKeys(null)).toEqual([]));

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { loadConfig, parseConfig } from './load.ts';

const rule = (text: string) => `auth: { users: u, access: [{ ${text} }] }`;

const wrong: [string, string, RegExp][] = [
  ['no users', 'auth: {}', /auth.users: found nothing, allowed a text/],
  ['an unknown key', 'auth: { users: u, open: true }', /auth.open: found the unknown key "open"/],
  ['a word for a switch', 'auth: { users: u, anonymousPull: "no" }', /found "no", allowed true or false/],
  ['a realm without path', 'auth: { users: u, realm: "https://x" }', /ends in \/auth\/token/],
  ['a realm with another path', 'auth: { users: u, realm: "https://x/auth/token/.." }', /ends in/],
  ['a realm with a query', 'auth: { users: u, realm: "https://x/auth/token?y" }', /ends in/],
  ['a realm with a user', 'auth: { users: u, realm: "https://a:b@x/auth/token" }', /ends in/],
  ['a realm with a quotation mark', `auth: { users: u, realm: 'https://x/"/auth/token' }`, /ends in/],
  ['a realm that is no address', 'auth: { users: u, realm: x }', /ends in/],
  ['a service with a quotation mark', `auth: { users: u, service: 'a"b' }`, /letters, digits and/],
  [
    'rules and a switch',
    `${rule('users: ["*"], repositories: ["**"], actions: [pull]').slice(0, -2)}, anonymousPull: false }`,
    /access or anonymousPull: with access, a rule for "anonymous"/,
  ],
  [
    'a push by nobody',
    rule('users: [anonymous], repositories: ["**"], actions: [pull, push]'),
    /access\[0\]: .*pull alone for "anonymous"/,
  ],
  [
    'an action that is none',
    rule('users: [bob], repositories: ["**"], actions: [write]'),
    /found "write", allowed pull, push, delete/,
  ],
  ['a rule for no one', rule('users: [], repositories: ["**"], actions: [pull]'), /not empty/],
  ['no rule', 'auth: { users: u, access: [] }', /a list of rules that is not empty/],
  [
    'a pattern in upper case',
    rule('users: [bob], repositories: ["Hosted/**"], actions: [pull]'),
    /repositories\[0\]: found "Hosted\/\*\*", allowed a pattern of repository names/,
  ],
  ['a user with a colon', rule('users: ["a:b"], repositories: ["**"], actions: [pull]'), /a user name/],
];

describe('auth in the configuration', () => {
  it.each(wrong)('refuses %s', (_what, text, message) => {
    expect(() => parseConfig(text, 'pratique.yaml')).toThrow(message);
  });
  const read = (text: string) => {
    const file = join(temporaryDirectory(), 'pratique.yaml');
    writeFileSync(file, text);
    return { file, auth: loadConfig({ file, data: null, env: {} }).auth };
  };
  it('is off where it is not named', () => {
    expect(read('data: x').auth).toBeNull();
  });
  it('lets everybody pull where only users are named, whose file lies beside the configuration', () => {
    const { file, auth } = read('auth: { users: ./users.htpasswd }');
    expect(auth).toEqual({
      users: join(file, '../users.htpasswd'),
      anonymousPull: true,
      realm: null,
      service: 'pratique',
      access: null,
    });
  });
  it('reads rules', () => {
    const { auth } = read(`
auth:
  users: /etc/pratique/users
  realm: https://registry.corp.example/auth/token
  service: registry.corp.example
  access:
    - { users: [anonymous], repositories: [docker.io/**], actions: [pull] }
    - { users: ["*"], repositories: ["**"], actions: [pull] }
    - { users: [alice, ci], repositories: [hosted/team-a/**], actions: [pull, push, delete] }
`);
    expect(auth?.access).toHaveLength(3);
    expect(auth?.realm).toBe('https://registry.corp.example/auth/token');
  });
});

import { describe, expect, it } from '@jest/globals';
import { compilePattern, isRepositoryPattern } from '../../registry/repository-pattern.ts';
import { type AccessRule, type Action, createAccess, defaultRules } from './access.ts';

describe('compilePattern', () => {
  it.each([
    ['**', 'docker.io/library/nginx', true],
    ['hosted/**', 'hosted/a', true],
    ['hosted/**', 'hosted/a/b/c', true],
    ['hosted/**', 'hosted-not/a', false],
    ['hosted/**', 'docker.io/hosted/a', false],
    ['hosted/team-a/**', 'hosted/team-ab/x', false],
    ['hosted/*', 'hosted/a', true],
    ['hosted/*', 'hosted/a/b', false],
    ['hosted/team-*/app', 'hosted/team-a/app', true],
    ['hosted/team-*/app', 'hosted/team-a/b/app', false],
    ['hosted/*-ci-*', 'hosted/a-ci-b', true],
    ['hosted/*ab*ab', 'hosted/ab', false],
    ['hosted/*ab*ab', 'hosted/abab', true],
    ['hosted/a*a', 'hosted/a', false],
    ['**/app', 'hosted/team/app', true],
    ['**/app', 'hosted/team/apps', false],
    ['a/**/b/**/c', 'a/x/b/y/b/z/c', true],
    ['a/**/b/**/c', 'a/x/y/z/c', false],
    ['docker.io/library/nginx', 'docker.io/library/nginx', true],
    ['docker.io/library/nginx', 'dockerxio/library/nginx', false],
  ])('%s over %s: %s', (pattern, name, fits) => {
    expect(compilePattern(pattern)(name)).toBe(fits);
  });
  it.each(['', '/', 'a//b', 'Hosted/**', 'hosted/***', 'hosted/a**', 'a/../b/ ', 'a:b', 'x'.repeat(256)])(
    'refuses %j',
    (pattern) => {
      expect(isRepositoryPattern(pattern)).toBe(false);
      expect(() => compilePattern(pattern)).toThrow(/is not a pattern of repository names/);
    },
  );
  it('takes no longer for a hostile pattern', () => {
    const pattern = compilePattern(`${'**/a*a*a/'.repeat(20)}b`);
    const started = performance.now();
    expect(pattern(`${'aaaaaaa/'.repeat(30)}c`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(100);
  });
});

describe('createAccess', () => {
  const team: AccessRule[] = [
    { users: ['anonymous'], repositories: ['docker.io/**'], actions: ['pull'] },
    { users: ['*'], repositories: ['hosted/**'], actions: ['pull'] },
    { users: ['alice'], repositories: ['hosted/team-a/**'], actions: ['push'] },
  ];
  const open = defaultRules({ anonymousPull: true, pushPrefixes: ['hosted', 'corp'] });
  const closed = defaultRules({ anonymousPull: false, pushPrefixes: ['hosted'] });
  it.each<[string, AccessRule[], string | null, Action, string, boolean]>([
    ['open', open, null, 'pull', 'docker.io/library/nginx', true],
    ['open', open, null, 'push', 'hosted/a', false],
    ['open', open, 'alice', 'push', 'hosted/a', true],
    ['open', open, 'alice', 'push', 'corp/a', true],
    ['open', open, 'alice', 'delete', 'hosted/a', true],
    ['open', open, 'alice', 'push', 'docker.io/a/b', false],
    ['closed', closed, null, 'pull', 'docker.io/library/nginx', false],
    ['closed', closed, 'alice', 'pull', 'docker.io/library/nginx', true],
    ['rules', team, null, 'pull', 'docker.io/a/b', true],
    ['rules', team, 'bob', 'pull', 'docker.io/a/b', true],
    ['rules', team, null, 'pull', 'hosted/a', false],
    ['rules', team, 'bob', 'pull', 'hosted/a', true],
    ['rules', team, 'bob', 'push', 'hosted/team-a/x', false],
    ['rules', team, 'alice', 'push', 'hosted/team-a/x', true],
    ['rules', team, 'alice', 'delete', 'hosted/team-a/x', false],
    ['rules', team, 'Alice', 'push', 'hosted/team-a/x', false],
    ['no rules', [], 'alice', 'pull', 'hosted/a', false],
  ])('%s: %# %j may %s %s', (_what, rules, user, action, name, may) => {
    expect(createAccess(rules).may(user, action, name)).toBe(may);
  });
  const managed: AccessRule[] = [
    { users: ['anonymous'], repositories: ['**'], actions: ['pull'] },
    { users: ['alice'], repositories: ['hosted/team-a/**'], actions: ['admin'] },
  ];
  it.each<[string | null, Action, string, boolean]>([
    ['alice', 'pull', 'hosted/team-a/x', true],
    ['alice', 'push', 'hosted/team-a/x', true],
    ['alice', 'delete', 'hosted/team-a/x', true],
    ['alice', 'admin', 'hosted/team-a/x', true],
    ['alice', 'delete', 'hosted/team-b/x', false],
    ['bob', 'admin', 'hosted/team-a/x', false],
    [null, 'admin', 'hosted/team-a/x', false],
  ])('an admin has every right, where he is one: %j may %s %s', (user, action, name, may) => {
    expect(createAccess(managed).may(user, action, name)).toBe(may);
  });
  it.each<[string | null, string, boolean]>([
    [null, 'corp/app', false],
    [null, 'corp/a/b', false],
    [null, 'corp-open/app', true],
    [null, 'docker.io/library/nginx', true],
    ['bob', 'corp/app', true],
  ])('of a private upstream nobody gets anything who did not log in: %j, %s', (user, name, may) => {
    expect(createAccess(managed, ['corp']).may(user, 'pull', name)).toBe(may);
  });
  it('knows whether anything is open to who did not log in', () => {
    expect([open, closed, team, []].map((rules) => createAccess(rules).servesAnonymous)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { compileRights, parseRights } from './rights.ts';

describe('rights of an access token', () => {
  it.each([
    ['pull:docker.io/**', [{ action: 'pull', pattern: 'docker.io/**' }]],
    [
      'pull:**,push:hosted/team/**',
      [
        { action: 'pull', pattern: '**' },
        { action: 'push', pattern: 'hosted/team/**' },
      ],
    ],
  ])('reads %s', (text, rights) => {
    expect(parseRights(text)).toEqual(rights);
  });
  it.each(['', 'pull', ':**', 'pull:', 'write:**', 'pull:Hosted/**', 'pull:**,', 'pull: **', 'pull:a:b'])(
    'refuses %j and says what is allowed',
    (text) => {
      expect(parseRights(text)).toMatch(/allowed ACTION:PATTERN/);
    },
  );
  it('refuses more than a hundred', () => {
    expect(parseRights(new Array<string>(101).fill('pull:**').join(','))).toMatch(/at most 100/);
  });
  it('gives what is named, all of it to an admin, and nothing for what another version knew', () => {
    const rights = parseRights('pull:docker.io/**,admin:hosted/team/**');
    if (typeof rights === 'string') throw new Error(rights);
    const may = compileRights([...rights, { action: 'own', pattern: '**' }]);
    expect([
      may('pull', 'docker.io/library/nginx'),
      may('push', 'docker.io/library/nginx'),
      may('push', 'hosted/team/app'),
      may('delete', 'hosted/team/app'),
      may('pull', 'hosted/other/app'),
    ]).toEqual([true, false, true, true, false]);
  });
});

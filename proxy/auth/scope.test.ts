import { describe, expect, it } from '@jest/globals';
import { createAccess, defaultRules } from './access.ts';
import { grantOf } from './grant.ts';
import { resolveSample } from './samples.ts';
import { parseScopes } from './scope.ts';

describe('parseScopes', () => {
  it.each([
    ['nothing', [], []],
    ['an empty one', [''], []],
    ['one', ['repository:hosted/app:pull,push'], [{ name: 'hosted/app', actions: ['pull', 'push'] }]],
    [
      'everything',
      ['repository:hosted/app:*'],
      [{ name: 'hosted/app', actions: ['pull', 'push', 'delete', 'admin'] }],
    ],
    ['an action twice', ['repository:a/b:pull,pull'], [{ name: 'a/b', actions: ['pull'] }]],
    ['an unknown action', ['repository:a/b:pull,read'], [{ name: 'a/b', actions: ['pull'] }]],
    [
      'two in one parameter',
      ['repository:a:pull repository:b:push'],
      [
        { name: 'a', actions: ['pull'] },
        { name: 'b', actions: ['push'] },
      ],
    ],
    ['another action on the catalog', ['registry:catalog:pull'], []],
    ['a class', ['repository(plugin):a/b:pull'], []],
  ])('reads %s', (_what, parameters, scopes) => {
    expect(parseScopes(parameters)).toEqual({ repositories: scopes, lists: false });
  });
  it('reads the catalog', () => {
    expect(parseScopes(['registry:catalog:*'])).toEqual({ repositories: [], lists: true });
  });
  it.each([
    ['no actions', 'repository:a/b'],
    ['empty actions', 'repository:a/b:'],
    ['no name', 'repository::pull'],
    ['no type', ':a:pull'],
    ['a colon in the name', 'repository:a:push,pull:a/b:pull'],
    ['a host with a port', 'repository:proxy:5000/a:pull'],
    ['a comma in the name', 'repository:a,b:pull'],
    ['upper case', 'repository:Hosted/App:pull'],
    ['dots that climb', 'repository:hosted/../corp/app:pull'],
    ['percent signs', 'repository:hosted%2fapp:pull'],
    ['a slash at the end', 'repository:hosted/app/:pull'],
    ['a star for a name', 'repository:*:pull'],
    ['a quotation mark', 'repository:a":pull'],
    ['an empty action', 'repository:a:pull,,push'],
    ['a tab between', 'repository:a:pull\trepository:b:push'],
    ['a long name', `repository:${'a'.repeat(256)}:pull`],
  ])('refuses %s', (_what, text) => {
    expect(parseScopes([text])).toMatchObject({ status: 400, message: /is not a scope/ });
  });
  it.each([
    ['too many', new Array<string>(51).fill('repository:a:pull'), /more than 50 scopes/],
    ['too many in one', ['repository:a:pull '.repeat(51)], /more than 50 scopes/],
    ['too long', new Array<string>(40).fill(`repository:${'a'.repeat(100)}:pull`), /more than 4096/],
  ])('refuses %s', (_what, parameters, why) => {
    expect(parseScopes(parameters)).toMatchObject({ status: 400, message: expect.stringMatching(why) });
  });
});

describe('grantOf', () => {
  const access = createAccess(defaultRules({ anonymousPull: true, pushPrefixes: ['hosted'] }));
  const granted = (user: string | null, ...scopes: string[]) => {
    const asked = parseScopes(scopes);
    if ('status' in asked) throw new Error(asked.message);
    return grantOf(asked.repositories, {
      holder: { may: (action, name) => access.may(user, action, name) },
      resolve: resolveSample,
    }).map(({ name, actions }) => `${name}:${actions.join()}`);
  };
  it.each([
    ['a user, what he may', 'bob', 'repository:hosted/a:pull,push', ['hosted/a:pull,push']],
    ['a user, no more than he asked for', 'bob', 'repository:hosted/a:pull', ['hosted/a:pull']],
    ['a user, no more than he may', 'bob', 'repository:docker.io/a/b:*', ['docker.io/a/b:pull']],
    ['nobody, the pull alone', null, 'repository:hosted/a:pull,push', ['hosted/a:pull']],
    ['nobody, no push', null, 'repository:hosted/a:push', []],
    [
      'the one name of a repository',
      null,
      'repository:docker.io/nginx:pull',
      ['docker.io/library/nginx:pull'],
    ],
    [
      'one grant for two spellings',
      'bob',
      'repository:docker.io/nginx:pull repository:docker.io/library/nginx:push,pull',
      ['docker.io/library/nginx:pull'],
    ],
    ['nothing for a name that means nothing here', 'bob', 'repository:library/nginx:pull', []],
  ])('gives %s', (_what, user, scope, grants) => {
    expect(granted(user, scope)).toEqual(grants);
  });
});

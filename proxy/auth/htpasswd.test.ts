import { describe, expect, it } from '@jest/globals';
import { parseHtpasswd } from './htpasswd.ts';
import { htpasswdLine } from './samples.ts';

const body = 'a'.repeat(53);
const wrong: [string, string, RegExp][] = [
  ['MD5', 'bob:$apr1$abc$def\n', /^users:1 has a hash that is not bcrypt .*htpasswd -nB/],
  ['SHA-1', 'bob:{SHA}abc=\n', /not bcrypt/],
  ['a plain password', 'bob:secret\n', /not bcrypt/],
  ['the broken $2x$', `bob:$2x$10$${body}\n`, /not bcrypt/],
  ['a hash that was cut', 'bob:$2y$10$abc\n', /not bcrypt/],
  ['something behind the hash', `bob:$2y$10$${body}:x\n`, /not bcrypt/],
  ['a hash that takes seconds', `bob:$2y$15$${body}\n`, /cost of 15: above 14 a login would take seconds/],
  ['a cost that is none', `bob:$2y$03$${body}\n`, /cost of 3/],
  ['no colon', 'bob\n', /users:1 has no colon/],
  ['no name', `:$2y$10$${body}\n`, /no user name/],
  ['a name that is too long', `${'é'.repeat(128)}:$2y$10$${body}\n`, /more than 255 bytes/],
  ['a control character', `bo\u0007b:$2y$10$${body}\n`, /control characters/],
  ['no UTF-8', `bo\ufffdb:$2y$10$${body}\n`, /not UTF-8/],
  [
    'a user twice',
    `bob:$2y$10$${body}\n# a comment\nbob:$2y$10$${body}\n`,
    /users:3 names the user "bob" a second/,
  ],
  ['the word anonymous', `anonymous:$2y$10$${body}\n`, /a word with a meaning in rules/],
  ['the word *', `*:$2y$10$${body}\n`, /a word with a meaning in rules/],
  ['nothing', '', /holds no user/],
  ['comments alone', '# bob\n\n', /holds no user/],
];

describe('parseHtpasswd', () => {
  it.each(wrong)('refuses %s and says where', (_what, text, message) => {
    expect(() => parseHtpasswd(text, 'users')).toThrow(message);
  });
  it('tells all problems at once, and no hash', () => {
    const read = () => parseHtpasswd('bob:s3cret\n:x\nbob\n', 'users');
    expect(read).toThrow(/users:1[\s\S]*users:2[\s\S]*users:3/);
    expect(read).not.toThrow(/s3cret/);
  });
  it.each(['a', 'b', 'y'])(
    'reads bcrypt $2%s$, with comments, empty lines and Windows line ends',
    (minor) => {
      const users = parseHtpasswd(`# team\r\n\r\nbob:$2${minor}$12$${body}\r\n`, 'users');
      expect([...users]).toEqual([
        ['bob', { hash: `$2b$12$${body}`, cost: 12, version: expect.any(String) }],
      ]);
    },
  );
  it('gives another version to another password', () => {
    const versions = [htpasswdLine('bob', 'a'), htpasswdLine('bob', 'b')].map(
      (line) => parseHtpasswd(line, 'users').get('bob')?.version,
    );
    expect(new Set(versions).size).toBe(2);
  });
  it('stops at a bound', () => {
    const text = Array.from({ length: 10_002 }, (_, index) => `u${index}:$2y$10$${body}`).join('\n');
    expect(() => parseHtpasswd(text, 'users')).toThrow(/more than 10000 users/);
  });
});

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Logger, silentLogger } from '../../core/ports/logger.ts';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { htpasswdLine } from './samples.ts';
import { openUsersFile, type UsersFile } from './users-file.ts';

describe('openUsersFile', () => {
  const [alice, bob] = [htpasswdLine('alice', 'a'), htpasswdLine('bob', 'b')];
  let path = '';
  let now = 0;
  let errors: object[] = [];
  let file: UsersFile;
  const logger: Logger = { ...silentLogger, error: (fields) => errors.push(fields) };
  const names = () => {
    const current = file.current();
    return current.open ? [...current.users.keys()] : current.why;
  };
  beforeEach(() => {
    path = join(temporaryDirectory(), 'users');
    now = 1_000_000;
    errors = [];
    writeFileSync(path, alice);
    file = openUsersFile({ path, logger, now: () => now });
  });

  it('reads a changed file again, at most once a second', () => {
    writeFileSync(path, alice + bob);
    expect(names()).toEqual(['alice']);
    now += 1000;
    expect(names()).toEqual(['alice', 'bob']);
  });
  it.each([
    ['is gone', () => rmSync(path), /cannot be read: .*ENOENT/],
    [
      'has a broken line',
      () => writeFileSync(path, `${alice}bob:plain\n`),
      /users:2 has a hash that is not bcrypt/,
    ],
    ['is empty', () => writeFileSync(path, ''), /holds no user/],
    ['is too large', () => writeFileSync(path, '#'.repeat(5 * 1024 ** 2)), /larger than/],
  ])('closes when the file %s, says so once, and opens when it is right again', (_what, damage, why) => {
    damage();
    now += 1000;
    expect(names()).toMatch(why);
    now += 1000;
    expect(names()).toMatch(why);
    expect(errors).toHaveLength(1);
    writeFileSync(path, bob);
    now += 1000;
    expect(names()).toEqual(['bob']);
  });
  it('refuses to start on a file that is none', () => {
    const open = (where: string) => () => openUsersFile({ path: where, logger, now: () => now });
    expect(open(join(path, 'nothing'))).toThrow(/cannot be read/);
    expect(open(temporaryDirectory())).toThrow(/it is not a file/);
  });
});

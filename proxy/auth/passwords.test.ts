import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { parseHtpasswd } from './htpasswd.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import { htpasswdLine } from './samples.ts';
import { createThrottle, networkOf } from './throttle.ts';
import type { UsersNow } from './users-file.ts';

const here = '192.0.2.1';

describe('createPasswords', () => {
  let now = 0;
  let hashed = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  let current: UsersNow;
  let passwords: Passwords;
  const users = (...lines: string[]): UsersNow => ({
    open: true,
    users: parseHtpasswd(lines.join(''), 'users'),
  });
  const kind = async (user: string, password: string, address = here) =>
    (await passwords.check(user, password, address)).kind;
  beforeEach(() => {
    now = 1_000_000;
    hashed = 0;
    mostAtOnce = 0;
    current = users(htpasswdLine('alice', 'right'), htpasswdLine('bob', 'pässwörd'));
    passwords = createPasswords({
      users: { current: () => current },
      throttle: createThrottle({ window: 60_000, perUser: 3, perAddress: 8 }, () => now),
      now: () => now,
      atOnce: 2,
      compare: async (password, hash) => {
        hashed += 1;
        atOnce += 1;
        mostAtOnce = Math.max(mostAtOnce, atOnce);
        try {
          return await bcrypt.compare(password, hash);
        } finally {
          atOnce -= 1;
        }
      },
    });
  });

  it.each([
    ['alice', 'right', 'user'],
    ['bob', 'pässwörd', 'user'],
    ['alice', 'wrong', 'wrong'],
    ['alice', 'pässwörd', 'wrong'],
    ['Alice', 'right', 'wrong'],
    ['nobody', 'right', 'wrong'],
    ['__proto__', 'right', 'wrong'],
    ['alice', 'x'.repeat(73), 'too-long'],
    ['alice', 'é'.repeat(37), 'too-long'],
  ])('%s with %j: %s', async (user, password, outcome) => {
    expect(await kind(user, password)).toBe(outcome);
  });
  it('hashes as long for a user who does not exist, at the highest cost of the file', async () => {
    const costs: string[] = [];
    const spying = createPasswords({
      users: { current: () => users(htpasswdLine('alice', 'a', 4), htpasswdLine('bob', 'b', 6)) },
      throttle: createThrottle({ window: 1, perUser: 9, perAddress: 9 }, () => now),
      now: () => now,
      compare: (password, hash) => {
        costs.push(hash.slice(0, 7));
        return bcrypt.compare(password, hash);
      },
    });
    await spying.check('nobody', 'x', here);
    await spying.check('bob', 'x', here);
    expect(costs).toEqual(['$2b$06$', '$2b$06$']);
  });
  it('hashes a right password once a minute, and at once when it has changed', async () => {
    await kind('alice', 'right');
    await kind('alice', 'right');
    expect(hashed).toBe(1);
    now += 60_001;
    await kind('alice', 'right');
    expect(hashed).toBe(2);
    current = users(htpasswdLine('alice', 'other'));
    expect(await kind('alice', 'right')).toBe('wrong');
  });
  it('shares a hash among those who ask at the same time, and counts them once', async () => {
    const kinds = await Promise.all(Array.from({ length: 20 }, () => kind('alice', 'right')));
    expect(new Set(kinds)).toEqual(new Set(['user']));
    expect(hashed).toBe(1);
  });
  it('refuses a user from an address after wrong passwords, the right one too, until the window ends', async () => {
    await kind('alice', 'right');
    for (const guess of ['a', 'b', 'c']) expect(await kind('alice', guess)).toBe('wrong');
    expect(await passwords.check('alice', 'right', here)).toEqual({
      kind: 'later',
      why: 'too many wrong passwords: try again in 60 s',
      retryAfter: 60,
    });
    expect(await kind('alice', 'right', '192.0.2.2')).toBe('user');
    expect(await kind('bob', 'pässwörd')).toBe('user');
    now += 60_001;
    expect(await kind('alice', 'right')).toBe('user');
  });
  it('counts guesses that are not decided yet', async () => {
    const kinds = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((guess) => kind('alice', guess)));
    expect(kinds.filter((outcome) => outcome === 'later')).toHaveLength(2);
  });
  it('refuses an address that tries many users', async () => {
    for (let user = 0; user < 8; user += 1) await kind(`user${user}`, 'x');
    expect(await kind('bob', 'pässwörd')).toBe('later');
  });
  it('hashes so many at a time, lets a bounded number wait and refuses the others', async () => {
    const tries = Array.from({ length: 80 }, (_, index) => kind(`user${index}`, 'x', `192.0.2.${index}`));
    const kinds = await Promise.all(tries);
    expect(mostAtOnce).toBe(2);
    expect(kinds.filter((outcome) => outcome === 'later')).toHaveLength(80 - 66);
    await sleep(0);
    expect(await kind('alice', 'right')).toBe('user');
  });
  it('is closed when the users file is', async () => {
    await kind('alice', 'right');
    current = { open: false, why: 'gone' };
    expect(await kind('alice', 'right')).toBe('closed');
  });
});

describe('networkOf', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import type { CredentialsFile, PlainCredentials } from './config.ts';
import { credentialSource } from './credentials.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a file of credentials', () => {
  const read = (holds: CredentialsFile['holds'], text: string): PlainCredentials | null => {
    const file = join(temporaryDirectory(), 'secret');
    writeFileSync(file, text);
    return credentialSource({ file, holds }, () => 0).current();
  };
  const docker = { kind: 'docker', registry: 'docker.io' } as const;
  const pair = { username: 'u', password: 'p:q' };
  it.each<[string, CredentialsFile['holds'], string, PlainCredentials]>([
    ['a password', { kind: 'password', username: 'u' }, 'p:q\n', pair],
    ['a pair', { kind: 'pair' }, 'u:p:q\n', pair],
    ['a token', { kind: 'token' }, 'abc.def\n', { bearer: 'abc.def' }],
    [
      "docker's, by the old name",
      docker,
      JSON.stringify({ auths: { 'https://index.docker.io/v1/': { auth: base64('u:p:q') } } }),
      pair,
    ],
    [
      "docker's, of a port",
      { kind: 'docker', registry: 'r.test:5000' },
      JSON.stringify({ auths: { 'r.test': {}, 'r.test:5000': { auth: base64('u:p:q') } } }),
      pair,
    ],
  ])('%s', (_what, holds, text, expected) => {
    expect(read(holds, text)).toEqual(expected);
  });

  it.each<[string, CredentialsFile['holds'], string, RegExp]>([
    ['empty', { kind: 'pair' }, '\n', /has no secret/],
    ['no pair', { kind: 'pair' }, 'hidden', /USER:PASSWORD/],
    ['a token with a line in it', { kind: 'token' }, 'hidden\nX-Other: 1', /not one token/],
    ['no JSON', docker, '{"hidden', /not as it has to be/],
    ['a helper', docker, JSON.stringify({ credHelpers: { 'docker.io': 'ecr-login' } }), /"ecr-login"/],
    ['another registry', docker, JSON.stringify({ auths: { 'r.test': {} } }), /no entry for docker.io/],
  ])('that is %s is an error, and shows nothing of it', (_what, holds, text, message) => {
    expect(() => read(holds, text)).toThrow(message);
    expect(() => read(holds, text)).not.toThrow(/hidden/);
  });

  it('is read again when it has changed, looked at once a second', () => {
    const dir = temporaryDirectory();
    const file = join(dir, 'secret');
    let now = 0;
    const { current } = credentialSource({ file, holds: { kind: 'pair' } }, () => now);
    expect(current).toThrow(/secret/);
    writeFileSync(file, 'u:1');
    const first = current();
    expect(first).toEqual({ username: 'u', password: '1' });
    writeFileSync(join(dir, 'next'), 'u:2');
    renameSync(join(dir, 'next'), file);
    expect(current()).toBe(first);
    now += 1000;
    expect(current()).toEqual({ username: 'u', password: '2' });
    now += 1000;
    rmSync(file);
    expect(current).toThrow(/ENOENT/);
  });
});

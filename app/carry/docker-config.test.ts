import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../test/support/temp.ts';
import { dockerLogin } from './docker-config.ts';

const pair = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
const me = { username: 'me', password: 'a:b' };

function loginAt(registry: string, file: unknown) {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'config.json'), typeof file === 'string' ? file : JSON.stringify(file));
  return dockerLogin(registry, { DOCKER_CONFIG: dir });
}

describe('what docker login left behind', () => {
  const found: readonly [what: string, registry: string, file: unknown][] = [
    ['a pair', 'r.test:5000', { auths: { 'r.test:5000': pair('me:a:b') } }],
    ['an address', 'r.test', { auths: { 'https://r.test/v2/': pair('me:a:b') } }],
    ['Docker Hub', 'docker.io', { auths: { 'https://index.docker.io/v1/': pair('me:a:b') } }],
    ['two texts', 'r.test', { auths: { 'r.test': { username: 'me', password: 'a:b' } }, credsStore: 'x' }],
  ];
  it.each(found)('is used: %s', (_what, registry, file) => {
    expect(loginAt(registry, file)).toEqual({ credentials: me, note: null });
  });

  const none: readonly [what: string, file: unknown][] = [
    ['nothing', {}],
    ['another registry', { auths: { 'other.test': pair('me:a:b') } }],
    ['another port', { auths: { 'r.test:5000': pair('me:a:b') } }],
    ['a name that begins alike', { auths: { 'r.test.evil.test': pair('me:a:b') } }],
    ['no pair', { auths: { 'r.test': pair('me') } }],
    ['a store for others', { auths: {}, credsStore: 'desktop' }],
  ];
  it.each(none)('is nothing: %s', (_what, file) => {
    expect(loginAt('r.test', file)).toEqual({ credentials: null, note: null });
  });

  const noted: readonly [what: string, file: unknown, told: RegExp][] = [
    ['a store', { auths: { 'r.test': {} }, credsStore: 'desktop' }, /leaves them to "desktop"/],
    ['a helper', { credHelpers: { 'r.test': 'ecr-login' } }, /leaves them to "ecr-login"/],
    ['a token', { auths: { 'r.test': { identitytoken: 't' } } }, /has an identity token/],
  ];
  it.each(noted)('is not used, and that is said: %s', (_what, file, told) => {
    expect(loginAt('r.test', file)).toEqual({ credentials: null, note: expect.stringMatching(told) });
  });

  it.each(['{ secret', '[]', '{"auths": {"r.test": "secret"}}'])(
    'is an error without its text: %s',
    (file) => {
      expect(() => loginAt('r.test', file)).toThrow(
        expect.objectContaining({ code: 'config-invalid', message: expect.not.stringContaining('secret') }),
      );
    },
  );

  it('is nothing where there is no file', () => {
    const dir = join(temporaryDirectory(), 'none');
    expect(dockerLogin('r.test', { DOCKER_CONFIG: dir })).toEqual({ credentials: null, note: null });
    mkdirSync(dir);
  });
});

import { checksumOf } from './measure.ts';

/** Secrets for tests. They are put together when they are asked for, so that no scanner takes this file for a leak. */

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
export const alphabets = {
  base62: letters + digits,
  base64: `${letters + digits}+/`,
  base64url: `${letters + digits}-_`,
};

/** The same text for the same seed, without a pattern. */
export function randomText(length: number, alphabet: string = alphabets.base62, seed = 1): string {
  let state = seed * 2_654_435_761;
  return Array.from({ length }, () => {
    // Numerical Recipes' linear congruential generator; its upper bits are the random ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return alphabet[(state >>> 8) % alphabet.length];
  }).join('');
}

/** A token with the checksum that GitHub and npm give theirs. */
export function checked(prefix: string, seed = 1): string {
  const body = randomText(30, alphabets.base62, seed);
  return prefix + body + checksumOf(body);
}

export const githubToken = (seed = 1): string => checked('ghp_', seed);
export const awsSecret = (seed = 1): string => randomText(40, alphabets.base64, seed);

export function jwtOf(header: object = { alg: 'HS256', typ: 'JWT' }, seed = 1): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [part(header), part({ sub: 'somebody', iat: 1 }), randomText(43, alphabets.base64url, seed)].join(
    '.',
  );
}

/** A PEM block of a key; its body is what DER begins with, and then anything. */
export function pem(kind: string, start = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', headers = ''): string {
  const body = start + randomText(600, alphabets.base64);
  const lines = body.match(/.{1,64}/g) ?? [];
  const name = `${kind === '' ? '' : `${kind} `}PRIVATE${' '}KEY${kind === 'PGP' ? ' BLOCK' : ''}`;
  return [
    `-----BEGIN ${name}-----`,
    ...(headers === '' ? [] : [headers, '']),
    ...lines,
    `-----END ${name}-----`,
    '',
  ].join('\n');
}

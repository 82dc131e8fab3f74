import { entropyOf } from './measure.ts';
import type { SecretRule } from './rule.ts';

/** Characters of a header at most; those that name certificates have some thousand. */
const longestHeader = 8192;
const rest = /\.([A-Za-z0-9_-]{10,16384})\.([A-Za-z0-9_-]{20,2048})(?![A-Za-z0-9_-])/y;

/** The signature of the token that jwt.io shows, which half of all documentation does too. */
const example = 'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c';

/**
 * A signed token (RFC 7519), at the point before its claims. Whether it was ever valid, or for whom, its bytes do not tell.
 */
export const jwt: SecretRule = {
  id: 'jwt',
  what: 'a JSON web token',
  certain: false,
  // The claims begin with `{"`; a point and these are rarer than the same three characters anywhere.
  anchors: ['.eyJ'],
  find: (text, at) => {
    let start = at;
    while (start > 0 && at - start < longestHeader && isBase64Url(text.charCodeAt(start - 1))) start -= 1;
    if (!text.startsWith('eyJ', start)) return null;
    rest.lastIndex = at;
    const found = rest.exec(text);
    if (found === null || found[2] === example || entropyOf(found[2] ?? '') < 3) return null;
    if (!isHeader(text.slice(start, at))) return null;
    return { start, end: at + found[0].length };
  },
};

function isHeader(base64url: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(base64url, 'base64url').toString('utf8'));
    if (typeof header !== 'object' || header === null || !('alg' in header)) return false;
    return typeof header.alg === 'string' && header.alg.toLowerCase() !== 'none';
  } catch {
    return false;
  }
}

function isBase64Url(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2d ||
    code === 0x5f
  );
}

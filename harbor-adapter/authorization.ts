import type { RegistryAuthorization } from '../core/ports/scans.ts';

const longest = 16 * 1024;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** What can stand in a header (RFC 9110, section 5.5), without spaces. */
const bearerToken = /^[\x21-\x7e]+$/;

/**
 * Reads the value of an `Authorization` header. Empty text is no authorization; null is one that cannot be read,
 * or of a kind other than Basic and Bearer. A robot's name may hold anything but a colon, its secret colons too
 * (RFC 7617, section 2).
 */
export function parseAuthorization(text: string): RegistryAuthorization | null {
  const value = text.trim();
  if (value === '') return { kind: 'none' };
  if (value.length > longest) return null;
  const space = value.search(/[ \t]/);
  const scheme = value.slice(0, Math.max(space, 0)).toLowerCase();
  const credentials = value.slice(space + 1).trim();
  if (scheme === 'bearer') {
    return bearerToken.test(credentials) ? { kind: 'bearer', token: credentials } : null;
  }
  return scheme === 'basic' ? parseBasic(credentials) : null;
}

function parseBasic(credentials: string): RegistryAuthorization | null {
  if (!base64.test(credentials)) return null;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(credentials, 'base64'),
    );
  } catch {
    return null;
  }
  const colon = text.indexOf(':');
  if (colon < 0 || /\p{Cc}/u.test(text)) return null;
  return { kind: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** What stands in an `Authorization` header. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'invalid'; readonly why: string };

/** Characters; the longest token that is made here fits in. */
const longestHeader = 8192;
const longestUser = 255;
const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;
const controlPattern = /\p{Cc}/u;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the header (RFC 7617 for Basic, always UTF-8; RFC 6750 for Bearer). Never throws. */
export function parseAuthorization(header: string | undefined): Credentials {
  if (header === undefined) return { kind: 'none' };
  if (header.length > longestHeader) return invalid(`have more than ${longestHeader} characters`);
  const space = header.indexOf(' ');
  const scheme = (space < 0 ? header : header.slice(0, space)).toLowerCase();
  const value = space < 0 ? '' : header.slice(space + 1).trim();
  if (scheme === 'bearer') return value === '' ? invalid('have no token') : { kind: 'bearer', token: value };
  if (scheme === 'basic') return parseBasic(value);
  return invalid('are neither Basic nor Bearer');
}

function parseBasic(value: string): Credentials {
  if (!base64Pattern.test(value)) return invalid('are not base64');
  let text: string;
  try {
    text = utf8.decode(Buffer.from(value, 'base64'));
  } catch {
    return invalid('are not UTF-8');
  }
  const colon = text.indexOf(':');
  if (colon < 0) return invalid('have no colon between user and password');
  return namedCredentials(text.slice(0, colon), text.slice(colon + 1));
}

/** A user and a password, wherever they were read, held to the same bounds. */
export function namedCredentials(
  user: string,
  password: string,
): Extract<Credentials, { kind: 'basic' | 'invalid' }> {
  if (user === '' || password === '') return invalid('have no user or no password');
  if (user.length > longestUser) return invalid(`have a user of more than ${longestUser} characters`);
  if (controlPattern.test(user) || controlPattern.test(password)) return invalid('hold control characters');
  // What a lenient reader puts in place of wrong bytes would make different passwords one.
  if (user.includes('\ufffd') || password.includes('\ufffd')) return invalid('are not UTF-8');
  return { kind: 'basic', user, password };
}

function invalid(what: string): { readonly kind: 'invalid'; readonly why: string } {
  return { kind: 'invalid', why: `the credentials cannot be read: they ${what}` };
}

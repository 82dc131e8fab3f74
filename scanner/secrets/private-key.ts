import type { SecretRule, Span } from './rule.ts';

/** Characters before the words PRIVATE KEY at most: `-----BEGIN ENCRYPTED `. */
const longestHead = 24;
const head = /-----BEGIN ((?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?)PRIVATE KEY(?: BLOCK)?-----/y;
/** RFC 1421 headers of encrypted keys, and OpenPGP's. A line ends as it does, or as JSON and variables write it. */
const headers = /(?:(?:\r?\n|(?:\\r)?\\n)[A-Za-z-]{1,40}: [^\r\n\\]{1,200})*/y;
const lines = /(?:[A-Za-z0-9+/=\r\n \t]|\\[nr])*/y;
/** Characters that are looked at; an RSA key of 16,384 bits has 12,600. */
const longestBody = 16 * 1024;
/** Base64 characters of the smallest key there is, Ed25519 in PKCS #8. */
const shortestKey = 64;

/** A PEM or OpenPGP private key that is whole enough to be one, at the words PRIVATE KEY. */
interface KeyFound extends Span {
  readonly encrypted: boolean;
  readonly account: boolean;
}

function keyAt(text: string, at: number): KeyFound | null {
  const before = text.slice(Math.max(0, at - longestHead), at).lastIndexOf('-----BEGIN ');
  if (before < 0) return null;
  const start = Math.max(0, at - longestHead) + before;
  head.lastIndex = start;
  const begun = head.exec(text);
  if (begun === null) return null;
  const part = text.slice(head.lastIndex, head.lastIndex + longestBody);
  headers.lastIndex = 0;
  const said = headers.exec(part)?.[0] ?? '';
  lines.lastIndex = said.length;
  const body = lines.exec(part)?.[0] ?? '';
  const base64 = body.replace(/\\[nr]|[^A-Za-z0-9+/]/g, '');
  const ciphered = begun[1] === 'ENCRYPTED ' || said.includes('ENCRYPTED');
  if (base64.length < shortestKey || !(ciphered || isKey(begun[1] ?? '', base64))) return null;
  // Of one that is longer than what is looked at there is no end to be seen.
  const rest = part.slice(said.length + body.length);
  if (!rest.startsWith('-----END ') && (rest !== '' || part.length < longestBody)) return null;
  const openssh = Buffer.from(base64.slice(0, 200), 'base64').toString('latin1');
  // PROTOCOL.key of OpenSSH: the magic, then the name of the cipher behind its length.
  const encrypted = ciphered || (openssh.startsWith('openssh-key-v1') && !openssh.startsWith('none', 19));
  const account = text.slice(Math.max(0, start - 600), start).includes('"service_account"');
  return { start, end: start + begun[0].length + said.length + body.length, encrypted, account };
}

/** What is no key (documentation, a template) does not begin as DER's sequences, OpenSSH's or OpenPGP's packets do. */
function isKey(kind: string, base64: string): boolean {
  if (/^(.)\1+$/.test(base64.slice(20, 60))) return false;
  if (kind === 'PGP ') return /^[lx]/.test(base64);
  return kind === 'OPENSSH ' ? base64.startsWith('b3BlbnNzaC1rZXktdjE') : /^M[A-P]/.test(base64);
}

const rule = (id: string, what: string, certain: boolean, fits: (key: KeyFound) => boolean): SecretRule => ({
  id,
  what,
  certain,
  anchors: ['PRIVATE KEY'],
  find: (text, at) => {
    const key = keyAt(text, at);
    return key !== null && fits(key) ? key : null;
  },
});

export const privateKeys: readonly SecretRule[] = [
  rule('private-key', 'a private key', true, (key) => !key.encrypted && !key.account),
  rule('gcp-service-account-key', 'the key of a Google service account', true, (key) => key.account),
  rule(
    'encrypted-private-key',
    'a private key that is encrypted',
    false,
    (key) => key.encrypted && !key.account,
  ),
];

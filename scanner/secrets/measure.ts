/** Bits per character (Shannon): 0 for one character over and over, 6 at most for base64. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const checksumLength = 6;

/**
 * Whether the last six characters are the CRC-32 of those before them, in base 62: GitHub's and npm's tokens
 * ("Behind GitHub's new authentication token formats", 2021). A made-up token fits once in four thousand million.
 */
export function hasChecksum(body: string): boolean {
  return body.slice(-checksumLength) === checksumOf(body.slice(0, -checksumLength));
}

/** @param text of ASCII */
export function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let index = 0; index < checksumLength; index += 1) {
    digits = (base62[rest % base62.length] ?? '') + digits;
    rest = Math.floor(rest / base62.length);
  }
  return digits;
}

/** As zlib's, which Node 20.19 does not have yet; tokens are short and few. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Bytes of a body whose values are counted; those of a shorter one are no harm, however many they are. */
const shortest = 16 * 1024;
/** Bytes in memory of what begins with each of these, rounded up: `{}` in a list, a list, a further value, a key of its own name. */
const weights = new Uint8Array(256);
weights[0x7b] = 64;
weights[0x5b] = 32;
weights[0x2c] = 32;
weights[0x3a] = 96;

const quote = 0x22;
const backslash = 0x5c;

/**
 * Bytes that a body of JSON counts for, before it is read: its own, or what its values take in memory. Three bytes (`{},`) become
 * sixty of them. Texts are jumped over, so that what stands in them does not count; what is no JSON counts for something.
 */
export function weightOf(body: Buffer): number {
  return body.length <= shortest ? body.length : Math.max(body.length, weightOfValues(body));
}

function weightOfValues(body: Buffer): number {
  let weight = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte === quote) at = endOfText(body, at);
    else weight += weights[byte] ?? 0;
  }
  return weight;
}

/** Where the quote stands that ends the text which begins there; where none does, the end of the body. */
function endOfText(body: Buffer, begin: number): number {
  for (let end = body.indexOf(quote, begin + 1); end >= 0; end = body.indexOf(quote, end + 1)) {
    let escapes = 0;
    while (body[end - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return body.length;
}

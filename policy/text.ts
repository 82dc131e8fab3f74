/** Control and format characters (line breaks, escape sequences, bidirectional marks): an image chose them. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const notAscii = /[^\x20-\x7e]/gu;
/** What nearly every text is; told without looking for each character of another kind. */
const plain = /^[\x20-\x7e]*$/;

/** Text from an image or a file, made fit for one line of a terminal, log or message. `limit` in characters. */
export function oneLine(text: string, limit: number): string {
  if (text.length <= limit && plain.test(text)) return text;
  // Cut before replacing: a hostile text may be megabytes long.
  return shorten(text.slice(0, limit * 2 + 2).replace(unprintable, '?'), limit);
}

/** As `oneLine`, for places that take ASCII alone (an HTTP reason phrase, RFC 9112 section 4). */
export function asciiLine(text: string, limit: number): string {
  if (text.length <= limit && plain.test(text)) return text;
  return shorten(text.slice(0, limit * 2 + 2).replace(notAscii, '?'), limit);
}

function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 3)}...`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `a, b or c` */
export function listOf(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

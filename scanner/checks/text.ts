/** Controls, and what turns the direction of writing: what an image's author names must not redraw a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const longest = 200;

/** A name from an image for a sentence. */
export function printable(text: string): string {
  const clean = text.slice(0, longest + 1).replace(unprintable, '?');
  return clean.length <= longest ? clean : `${clean.slice(0, longest)}…`;
}

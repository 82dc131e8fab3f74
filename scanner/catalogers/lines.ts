/** The lines of a text one by one, without the newline: a large database is never split into an array at once. */
export function* linesOf(content: Buffer): Generator<string> {
  for (let start = 0; start < content.length; ) {
    const newline = content.indexOf(0x0a, start);
    const end = newline < 0 ? content.length : newline;
    yield content.toString('utf8', start, end);
    start = end + 1;
  }
}

/** Notes of ELF lie at the start of the file; elsewhere the build ID is the first of the code. */
const looked = 16 * 1024;

/** Length of the name, any length of the ID, type 4, the name: of an ELF note, in either order of bytes. */
const notes = [
  { start: Buffer.from('04000000', 'hex'), end: Buffer.from('04000000476f0000', 'hex') },
  { start: Buffer.from('00000004', 'hex'), end: Buffer.from('00000004476f0000', 'hex') },
] as const;
const text = Buffer.from('\xff Go build ID: "', 'latin1');

/**
 * Whether a program says of itself that Go built it, apart from its build record: before Go 1.13 there was none, and
 * linkers that drop what nobody refers to drop it.
 */
export class BuildId {
  readonly #head = Buffer.alloc(looked);
  #filled = 0;

  take(bytes: Buffer): void {
    if (this.#filled < looked) this.#filled += bytes.copy(this.#head, this.#filled);
  }

  isThere(): boolean {
    const head = this.#head.subarray(0, this.#filled);
    return head.includes(text) || notes.some(({ start, end }) => hasNote(head, start, end));
  }
}

function hasNote(head: Buffer, start: Buffer, end: Buffer): boolean {
  for (let at = head.indexOf(end); at >= 0; at = head.indexOf(end, at + 1)) {
    if (at >= 8 && head.subarray(at - 8, at - 4).equals(start)) return true;
  }
  return false;
}

/** Bytes that tell programs apart. */
export const programHead = 8;

/** Universal binaries hold a handful of architectures; a Java class file has a version of 45 or more there. */
const mostArchitectures = 42;

/**
 * What a system would take a file for that begins with these bytes, `programHead` of them where there are as many:
 * ELF, PE and Mach-O (thin and universal) are `binary`, a `#!` line is a `script`.
 */
export function programKind(head: Buffer): 'binary' | 'script' | null {
  if (head.length < 2) return null;
  const two = head.readUInt16BE(0);
  if (two === 0x2321) return 'script';
  if (two === 0x4d5a) return 'binary';
  if (head.length < 4) return null;
  switch (head.readUInt32BE(0)) {
    case 0x7f454c46:
    case 0xfeedface:
    case 0xfeedfacf:
    case 0xcefaedfe:
    case 0xcffaedfe:
      return 'binary';
    case 0xcafebabe:
    case 0xcafebabf:
      return head.length >= programHead && head.readUInt32BE(4) <= mostArchitectures ? 'binary' : null;
    default:
      return null;
  }
}

export type Range =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

const pattern = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * One byte range of a body of `size` bytes (RFC 9110, 14.1.2); `end` is inclusive. Several ranges or what is no
 * range at all may be ignored by a server, and are: the whole body is sent. One that ends before it begins may be
 * ignored or refused (14.2), and is refused, as the distribution specification's conformance suite asks.
 */
export function parseRange(header: string | undefined, size: number): Range {
  const match = header === undefined ? null : pattern.exec(header);
  if (match === null) return { kind: 'whole' };
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start >= size || end < start ? { kind: 'unsatisfiable' } : { kind: 'part', start, end };
}

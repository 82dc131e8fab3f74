/**
 * By what a program is known: `python3.11` is `python`, `libcrypto.so.3` is `libcrypto.so`, `perl5.36.0` is `perl`. Also the
 * text that was cut off, without the points around it.
 */
export function plainName(base: string): { readonly name: string; readonly numbers: string } {
  const library = base.indexOf('.so');
  const whole = library > 0 ? base.slice(0, library) : base;
  let end = whole.length;
  // `libpython3.7m.so.1.0`: a build of Python with another memory allocator.
  if (library > 0 && /[0-9][a-z]$/.test(whole)) end -= 1;
  const cut = end;
  while (end > 0 && isNumberPart(whole.charCodeAt(end - 1))) end -= 1;
  const numbers = whole.slice(end, cut).replace(/^[-.]+/, '');
  return { name: `${whole.slice(0, end)}${library > 0 ? '.so' : ''}`, numbers };
}

/** Digits, points, hyphens. */
function isNumberPart(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2e || code === 0x2d;
}

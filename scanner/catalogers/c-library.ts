/** Base names of the C library and of the loader that starts programs: glibc's, musl's, uClibc's. */
const name =
  /^(?:ld-(?:linux|musl|uclibc|[0-9])|ld(?:64)?\.so\.|libc\.so\.[0-9]|libc-[0-9]|libc\.musl-|libuclibc)/i;

/** Whether a program of this base name is one that no program on an empty root needs. */
export function isCLibrary(base: string): boolean {
  return base.startsWith('l') && name.test(base);
}

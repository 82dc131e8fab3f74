/** `go1.22.3`, `go1.22rc1`, and what builders append: ` X:boringcrypto`, ` (Red Hat …)`, `-1`, `b7`. */
const release = /^go([0-9]+)\.([0-9]+)(?:\.([0-9]+))?(?:(rc|beta)([0-9]+))?(?:b[0-9]+)?([^0-9A-Za-z._].*)?$/;

/**
 * The version of the standard library as advisories write it (Semantic Versioning): `1.22.3`, `1.22.0-rc.1`. What a
 * toolchain between releases calls itself is no version, and stays as it is.
 */
export function libraryVersion(toolchain: string): string {
  const match = release.exec(toolchain);
  if (match === null) return toolchain;
  const [, major, minor, patch, stage, number, rest] = match;
  // `go1.22-20240101`: some day on the way to or from 1.22.
  if (patch === undefined && stage === undefined && /^[-+]/.test(rest ?? '')) return toolchain;
  const preRelease = stage === undefined ? '' : `-${stage}.${number ?? ''}`;
  return `${major ?? ''}.${minor ?? ''}.${patch ?? '0'}${preRelease}`;
}

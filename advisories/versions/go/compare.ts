import { compareSemverVersions } from '../semver/compare.ts';

/** How Go's own pre-releases are called: `1.22rc1`, where advisories write `1.22.0-rc.1`. */
const ownPreRelease = /^([0-9]+)\.([0-9]+)(?:\.([0-9]+))?(rc|beta)([0-9]+)$/;

/**
 * Versions of modules, with their `v` or without, pseudo-versions included (golang.org/ref/mod, "Versions"), and of Go
 * itself. `+incompatible` and `+dirty` say nothing of the order. Null for what is no version, such as `(devel)`.
 */
export function compareGoVersions(a: string, b: string): number | null {
  const left = semanticOf(a);
  const right = semanticOf(b);
  return left === null || right === null ? null : compareSemverVersions(left, right);
}

function semanticOf(text: string): string | null {
  const version = text.replace(/^(?:v|go)/, '');
  if (!/^[0-9]/.test(version)) return null;
  const own = ownPreRelease.exec(version);
  if (own === null) return version;
  const [, major, minor, patch, stage, number] = own;
  return `${major ?? ''}.${minor ?? ''}.${patch ?? '0'}-${stage ?? ''}.${number ?? ''}`;
}

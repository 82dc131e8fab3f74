import type { FoundPackage } from '../cataloger.ts';
import type { Header } from './header.ts';
import { tags } from './tags.ts';

/** A longer licence is cut: it is for people to read, and the package counts all the same. */
const longestLicense = 1000;
/** Keys that packages are signed with are kept among the packages. */
const keyName = 'gpg-pubkey';

/** The package of a header; null for a signing key, a sentence for what is no package. */
export function packageOf(header: Header): FoundPackage | null | string {
  const name = header.text(tags.name) ?? '';
  const arch = header.text(tags.arch) ?? '';
  if (name === keyName && arch === '') return null;
  const version = header.text(tags.version) ?? '';
  const release = header.text(tags.release) ?? '';
  const label = header.text(tags.modularityLabel) ?? '';
  if (![name, version, release].every(isWord)) {
    return `a header has no valid name, version and release (name: "${name.slice(0, 100)}")`;
  }
  const epochs = header.has(tags.epoch) ? header.numbers(tags.epoch) : [];
  if (epochs === null) return `package "${name}" has an epoch that is no number`;
  if (header.has(tags.modularityLabel) && label === '') {
    return `package "${name}" has a modularity label that cannot be read`;
  }
  const epoch = epochs[0] ?? 0;
  const full = `${epoch > 0 ? `${epoch}:` : ''}${version}-${release}`;
  const license = header.text(tags.license) ?? '';
  return {
    type: 'rpm',
    name,
    version: full,
    arch: arch === '' ? null : arch,
    source: sourceOf(header.text(tags.sourceRpm) ?? '') ?? { name, version: full },
    licenses: license === '' ? [] : [shortened(license)],
    ...(label === '' ? {} : { modularityLabel: label }),
  };
}

/** Not empty, and without spaces and control characters, which rpm refuses to build. */
function isWord(text: string): boolean {
  return /^[^\s\p{Cc}]+$/u.test(text);
}

/** `NAME-VERSION-RELEASE.src.rpm`; the epoch is not in it. */
export function sourceOf(file: string): FoundPackage['source'] | null {
  const match = /^([^\s/]+)-([^\s/-]+-[^\s/-]+)\.(?:no)?src\.rpm$/.exec(file);
  const [, name, version] = match ?? [];
  return name === undefined || version === undefined ? null : { name, version };
}

function shortened(license: string): string {
  return license.length > longestLicense ? `${license.slice(0, longestLicense - 1)}…` : license;
}

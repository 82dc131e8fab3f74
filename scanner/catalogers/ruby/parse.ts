import { unknownVersion } from '../../../core/inventory.ts';
import { baseOf } from '../../archive/tar-path.ts';
import { type FileFacts, type FoundPackage, noFacts, onlyIncomplete } from '../cataloger.ts';
import { isFromGit, matchRuby } from './match.ts';
import { specificationOf } from './specification.ts';

/** Gem::Specification::VALID_NAME_PATTERN. */
const gemName = /^[a-zA-Z0-9._-]+$/;
/** Gem::Version::VERSION_PATTERN. */
const gemVersion = /^[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
/** `NAME-VERSION` or `NAME-VERSION-PLATFORM`; the version is the first part that begins like one and goes on like one. */
const startsVersion = /^[0-9]+(?:\.[0-9a-zA-Z]+)*$/;
const ending = '.gemspec';
/** Gem::Platform::RUBY: it runs everywhere. */
const anywhere = 'ruby';

/** The specification of an installed gem, as RubyGems wrote it. It is read, never run. */
export function parseGemspec(path: string, content: Buffer): FileFacts {
  const file = baseOf(path).slice(0, -ending.length);
  const isCandidate = matchRuby(path) === null;
  const told = specificationOf(content);
  const inFile = isFromGit(path) ? null : namedIn(file);
  const name = told.name !== null && gemName.test(told.name) ? told.name : (inFile?.name ?? null);
  const version =
    told.version !== null && gemVersion.test(told.version.trim()) ? told.version.trim() : inFile?.version;
  if (name === null) {
    return isCandidate
      ? noFacts
      : onlyIncomplete(path, 'neither its text nor its name tells which gem it is of');
  }
  const platform = told.platform === null || told.platform === anywhere ? '' : told.platform;
  const found: FoundPackage = {
    type: 'gem',
    name,
    version: version ?? unknownVersion,
    arch: null,
    source: { name, version: version ?? unknownVersion },
    licenses: told.licenses,
    ...(/^[\w.-]+$/.test(platform) ? { qualifiers: { platform } } : {}),
  };
  const agrees = inFile === null || isNamedAfter(file, found);
  const why = `its name does not say that it is of ${name} ${found.version}, as its text does`;
  return { packages: [found], os: null, incomplete: agrees ? [] : [{ what: path, why }] };
}

function namedIn(file: string): { readonly name: string; readonly version: string } | null {
  const parts = file.split('-');
  const at = parts.findIndex((part, index) => index > 0 && startsVersion.test(part));
  const name = parts.slice(0, at).join('-');
  const version = parts[at] ?? '';
  return at < 1 || !gemName.test(name) ? null : { name, version };
}

function isNamedAfter(file: string, { name, version }: FoundPackage): boolean {
  const full = `${name}-${version}`;
  return file === full || file.startsWith(`${full}-`);
}

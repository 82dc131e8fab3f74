import { baseOf } from '../../archive/tar-path.ts';

/** What an archive's file name says; `version` null: nothing in it looks like one. */
export interface NamedArchive {
  /** All of it but the ending. */
  readonly stem: string;
  readonly name: string;
  readonly version: string | null;
}

const startsVersion = /^(?:[0-9]|r[0-9])/;
/** What may stand behind a dash in a version; anything else there is a classifier, or still the name. */
const goesOn =
  /^(?:[0-9][\w.+]*|(?:alpha|beta|milestone|rc|cr|m|b|snapshot|ga|final|release|sp|pre|preview|incubating|jre|android|redhat|jbossorg|patch|p|build)[\d.]*[\w.]*)$/i;

/** Debian's `3.x` stands for any. */
const placeholder = /\.x(?:\.|$)/i;

/** Splits `name-1.2.3-classifier.jar` where the version begins (Maven's file names). */
export function namedArchive(path: string): NamedArchive {
  const base = baseOf(path);
  // A colon would make a group of what stands before it.
  const stem = base.slice(0, base.lastIndexOf('.')).replaceAll(/[:\p{Surrogate}]/gu, '_') || base;
  const parts = stem.split('-');
  let fallback: NamedArchive | null = null;
  for (let at = 1; at < parts.length; at++) {
    const name = parts.slice(0, at).join('-');
    if (name === '' || !startsVersion.test(parts[at] ?? '')) continue;
    let end = at + 1;
    while (end < parts.length && goesOn.test(parts[end] ?? '')) end++;
    const version = parts.slice(at, end).join('-');
    const found = { stem, name, version: placeholder.test(version) ? null : version };
    // `log4j-1.2-api-2.17.1`: the version is the one with nothing behind it; a classifier comes next best.
    if (end === parts.length) return found;
    fallback ??= found;
  }
  return fallback ?? { stem, name: stem, version: null };
}

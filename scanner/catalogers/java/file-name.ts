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
  /^(?:[0-9][\w.+]*|(?:alpha|beta|milestone|rc|cr|m|b|snapshot|ga|final|release|sp|pre|preview|incubating|jre|android|redhat|jbossorg|patch|p|build)[\w.]*)$/i;

/** A library in an archive may have none. */
const ending = /\.[A-Za-z]\w*$/;

/** Debian's `3.x` stands for any. */
const placeholder = /\.x(?:\.|$)/i;

/** Splits `name-1.2.3-classifier.jar` where the version begins (Maven's file names). */
export function namedArchive(path: string): NamedArchive {
  const base = baseOf(path);
  // A colon would make a group of what stands before it.
  const stem = base.replace(ending, '').replaceAll(/[:\p{Surrogate}]/gu, '_') || base;
  const parts = stem.split('-');
  const starts = parts.flatMap((part, at) =>
    at > 0 && !(at === 1 && parts[0] === '') && startsVersion.test(part) ? [at] : [],
  );
  const lastOther = parts.findLastIndex((part) => !goesOn.test(part));
  // `log4j-1.2-api-2.17.1`: the version is the one with nothing behind it; a classifier comes next best.
  const at = starts.find((start) => start >= lastOther) ?? starts[0];
  if (at === undefined) return { stem, name: stem, version: null };
  const behind = parts.findIndex((part, index) => index > at && !goesOn.test(part));
  const version = parts.slice(at, behind < 0 ? parts.length : behind).join('-');
  return {
    stem,
    name: parts.slice(0, at).join('-'),
    version: placeholder.test(version) ? null : version,
  };
}

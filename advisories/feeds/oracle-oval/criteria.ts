import { isForDebuggers, isRpmName, rpmVersion } from '../rpm-packages.ts';
import { childrenNamed, type XmlElement } from '../xml.ts';

/** A test of a definition: a package of a release is affected below a version. */
export interface OvalFix {
  /** `9`: of Oracle Linux. */
  readonly release: string;
  readonly name: string;
  readonly version: string;
  /** `nodejs:18`: the module that has to be enabled. */
  readonly module: string | null;
}

interface Where {
  readonly release: string | null;
  readonly module: string | null;
}

/**
 * The tests of a definition, by the words of their comments, which are the same in all of Oracle's; the tests and states
 * that they refer to say the same in more places. What an AND says of release and module holds for all below it.
 * Architectures are not kept apart (see `HighestFixes`).
 * @returns a sentence where a comment that decides cannot be read
 */
export function fixesOf(criteria: XmlElement): readonly OvalFix[] | string {
  const fixes: OvalFix[] = [];
  const problem = collect(criteria, { release: null, module: null }, fixes);
  return problem ?? fixes;
}

/** As deep as the document, which has a bound (xml.ts). */
function collect(criteria: XmlElement, outer: Where, fixes: OvalFix[]): string | null {
  let where = outer;
  const earlier: string[] = [];
  for (const criterion of childrenNamed(criteria, 'criterion')) {
    const comment = criterion.attributes.get('comment') ?? '';
    const release = /^Oracle Linux (\d{1,3})\b.* is installed$/.exec(comment)?.[1];
    const module = /^Module ([^\s:]+:[^\s:]+) is enabled$/.exec(comment)?.[1];
    if (release !== undefined) where = { ...where, release };
    else if (module !== undefined) where = { ...where, module };
    else if (comment.includes(' is earlier than ')) earlier.push(comment);
    else if (/ than /.test(comment))
      return `it compares in a way that is not known: "${comment.slice(0, 100)}"`;
    // Others (signed with a key, an architecture) only narrow what is affected: to leave them out tells too much.
  }
  for (const comment of earlier) {
    const fix = fixOf(comment, where);
    if (fix === null) return `"${comment.slice(0, 100)}" names no release, package and version`;
    if (!isForDebuggers(fix.name)) fixes.push(fix);
  }
  for (const child of childrenNamed(criteria, 'criteria')) {
    const problem = collect(child, where, fixes);
    if (problem !== null) return problem;
  }
  return null;
}

function fixOf(comment: string, { release, module }: Where): OvalFix | null {
  const [, name = '', epoch = '', version = '', rest = ''] =
    /^(\S+) is earlier than (?:(\d+):)?([^\s:-]+)-([^\s:-]+)$/.exec(comment) ?? [];
  const full = rpmVersion(epoch, version, rest);
  if (full === null || release === null || !isRpmName(name)) return null;
  return { release, name, version: full, module };
}

import { caselessName } from '../../../core/package-name.ts';
import type { AffectedPackage, RangeEvent } from '../../../core/ports/advisories.ts';
import { normalisedPythonName } from '../../../core/python-name.ts';
import type { Severity } from '../../../core/severity.ts';
import { fieldOf, isObject, Malformed, stringsOf, textOf } from './fields.ts';
import { type Graded, gradeOf, severityOfWord } from './severity.ts';
import { builtPackages } from './suse-binaries.ts';

/** What a record says of one package, and the grade it gives for that package alone. */
export interface ParsedAffected {
  readonly affected: AffectedPackage;
  readonly grade: Graded;
}

/**
 * Reads `affected[]`. Ranges of Git commits are left out: no package has a commit for a version. An entry
 * without a package is about a source repository.
 * @throws Malformed where what decides cannot be read
 */
export function parseAffected(list: unknown): readonly ParsedAffected[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new Malformed('"affected" is not a list');
  const result: ParsedAffected[] = [];
  for (const entry of list as readonly unknown[]) {
    if (!isObject(entry)) throw new Malformed('an entry of "affected" is not an object');
    const named = fieldOf(entry, 'package');
    const ranges = parseRanges(fieldOf(entry, 'ranges'));
    if (named === undefined || named === null) {
      if (ranges.length > 0) throw new Malformed('an entry of "affected" has version ranges but no package');
      continue;
    }
    if (!isObject(named)) throw new Malformed('"affected[].package" is not an object');
    const grade = gradeOf(fieldOf(entry, 'severity'));
    const affected: AffectedPackage = {
      ecosystem: textOf(named, 'ecosystem'),
      name: nameOf(named),
      ranges,
      versions: stringsOf(entry, 'versions'),
      severity: grade.severity ?? urgencyOf(entry),
    };
    for (const one of builtPackages(entry, affected)) result.push({ affected: one, grade });
  }
  return result;
}

/** Some names are filed in more than one spelling; matching asks for the normalised one. */
function nameOf(named: object): string {
  const name = textOf(named, 'name');
  // `Packagist:https://packages.drupal.org/8`: a repository beside the main one.
  const [family = ''] = textOf(named, 'ecosystem').split(':');
  switch (family) {
    case 'PyPI':
      return normalisedPythonName(name);
    case 'NuGet':
    case 'Packagist':
      return caselessName(name);
    default:
      return name;
  }
}

/**
 * A distribution's word for one package. Only `unimportant` and its like say more than a score does: that the
 * fault does no harm as packaged. Others are given where the record has no severity (see parse.ts).
 */
function urgencyOf(entry: object): Severity | null {
  for (const field of ['ecosystem_specific', 'database_specific']) {
    const specific = fieldOf(entry, field);
    if (!isObject(specific)) continue;
    for (const key of ['severity', 'urgency', 'ubuntu_priority']) {
      const severity = severityOfWord(fieldOf(specific, key));
      if (severity !== null) return severity;
    }
  }
  return null;
}

function parseRanges(list: unknown): readonly (readonly RangeEvent[])[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new Malformed('"ranges" is not a list');
  const ranges: (readonly RangeEvent[])[] = [];
  for (const range of list as readonly unknown[]) {
    if (!isObject(range)) throw new Malformed('a range is not an object');
    const type = textOf(range, 'type');
    if (type === 'GIT') continue;
    if (type !== 'SEMVER' && type !== 'ECOSYSTEM')
      throw new Malformed(`a range is of unknown type "${type}"`);
    ranges.push(parseEvents(fieldOf(range, 'events')));
  }
  return ranges;
}

function parseEvents(list: unknown): readonly RangeEvent[] {
  if (!Array.isArray(list)) throw new Malformed('a range has no list of events');
  const events: RangeEvent[] = [];
  let introduced = false;
  for (const event of list as readonly unknown[]) {
    if (!isObject(event)) throw new Malformed('an event is not an object');
    const before = events.length;
    // Records of early schemas hold two of these in one event.
    if (Object.hasOwn(event, 'introduced')) {
      events.push({ introduced: textOf(event, 'introduced') });
      introduced = true;
    }
    if (Object.hasOwn(event, 'fixed')) events.push({ fixed: textOf(event, 'fixed') });
    if (Object.hasOwn(event, 'last_affected')) events.push({ lastAffected: textOf(event, 'last_affected') });
    if (Object.hasOwn(event, 'limit')) events.push({ limit: textOf(event, 'limit') });
    if (events.length === before) throw new Malformed('an event says neither introduced nor fixed');
  }
  if (!introduced) throw new Malformed('a range is nowhere introduced');
  return events;
}

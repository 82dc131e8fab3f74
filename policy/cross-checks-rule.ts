import { compile } from './expressions/program.ts';
import type { Place } from './expressions/vocabulary.ts';
import { field, type Problem } from './problem.ts';
import { subjectKeys } from './schema-rule.ts';

type Path = readonly (string | number)[];

/** What is wrong with a rule as a whole, and with its expressions. */
export function ruleChecks(rule: unknown, path: Path): readonly Problem[] {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return [];
  return [
    ...subject(rule, path),
    ...besides(rule, path),
    ...condition(rule, path),
    ...label(rule, path),
    ...expressionAt(field(field(rule, 'when'), 'expression'), 'finding', [...path, 'when', 'expression']),
    ...expressionAt(field(field(rule, 'packages'), 'expression'), 'package', [
      ...path,
      'packages',
      'expression',
    ]),
    ...expressionAt(field(rule, 'expression'), 'image', [...path, 'expression']),
  ];
}

function subject(rule: object, path: Path): readonly Problem[] {
  const given = subjectKeys.filter((key) => field(rule, key) !== undefined);
  const allowed = `exactly one of ${subjectKeys.join(', ')}`;
  if (given.length === 0) return [{ path, found: 'a rule about nothing', allowed, atKey: false }];
  return given.slice(1).map((key) => ({
    path: [...path, key],
    found: `"${key}" beside "${given[0] ?? ''}"`,
    allowed,
    atKey: true,
  }));
}

function besides(rule: object, path: Path): readonly Problem[] {
  const about = field(rule, 'when') === undefined;
  const problems: Problem[] = [];
  for (const key of ['count', 'grace']) {
    if (field(rule, key) === undefined || !about) continue;
    problems.push({
      path: [...path, key],
      found: `"${key}"`,
      allowed: 'it beside "when" alone',
      atKey: true,
    });
  }
  const action = field(rule, 'action');
  if (field(rule, 'grace') !== undefined && (action === 'warn' || action === 'info')) {
    const allowed = 'it where the action is deny';
    problems.push({ path: [...path, 'grace'], found: '"grace"', allowed, atKey: true });
  }
  return problems;
}

function condition(rule: object, path: Path): readonly Problem[] {
  const problems: Problem[] = [];
  for (const key of ['when', 'packages', 'image']) {
    const value = field(rule, key);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    if (Object.keys(value).length > 0) continue;
    const allowed = `at least one condition${key === 'when' ? ', or "any: true" for every finding' : ''}`;
    problems.push({ path: [...path, key], found: 'no condition', allowed, atKey: false });
  }
  const kind = field(field(rule, 'when'), 'kind');
  if (field(rule, 'action') === 'deny' && Array.isArray(kind) && kind.includes('bugfix')) {
    const allowed = 'vulnerability or malware where the action is deny (a bugfix is no reason to deny)';
    const at = [...path, 'when', 'kind', kind.indexOf('bugfix')];
    problems.push({ path: at, found: null, allowed, atKey: false });
  }
  return problems;
}

function label(rule: object, path: Path): readonly Problem[] {
  const value = field(field(rule, 'image'), 'label');
  if (typeof value !== 'object' || value === null) return [];
  if ((field(value, 'value') === undefined) !== (field(value, 'absent') === undefined)) return [];
  const at = [...path, 'image', 'label'];
  return [{ path: at, found: 'a label', allowed: 'either value or absent beside its name', atKey: false }];
}

function expressionAt(text: unknown, place: Place, path: Path): readonly Problem[] {
  if (typeof text !== 'string' || text.trim() === '') return [];
  const compiled = compile(place, text);
  if (!('fault' in compiled)) return [];
  const { offset, found, allowed } = compiled.fault;
  return [{ path, found, allowed, atKey: false, inside: offset }];
}

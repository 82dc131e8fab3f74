import { checkGuides } from '../core/check.ts';
import type { Package } from '../core/inventory.ts';
import { matchesName } from './bindings/glob.ts';
import { always } from './condition.ts';
import { compile } from './expressions/program.ts';
import { PackageView } from './expressions/views.ts';
import type { Ground } from './ground.ts';
import { imageFaults } from './image-rule.ts';
import { licenceMatcher } from './licences.ts';
import type { CheckRule, ExpressionRule, PackageCondition, WholeRule } from './policy.ts';
import { listOf, oneLine } from './text.ts';

/** A rule about the image as a whole that holds, or of which nobody can tell, from an instant on. */
export interface Hold {
  readonly rule: WholeRule;
  readonly certain: boolean;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** What was found, or why nobody can tell: a sentence without the rule's title. */
  readonly because: string;
}

type Outcome = Omit<Hold, 'rule'> | null;

/** Those rules about the whole that hold or will. What is no image is not asked. */
export function wholeHolds(rules: readonly WholeRule[], ground: Ground): readonly Hold[] {
  if (ground.inventory.content === 'artifact') return [];
  return rules.flatMap((rule) => {
    const outcome = hold(rule, ground);
    return outcome === null ? [] : [{ rule, ...outcome }];
  });
}

function hold(rule: WholeRule, ground: Ground): Outcome {
  switch (rule.subject) {
    case 'image':
      return imageFaults(rule.image, ground);
    case 'checks':
      return checks(rule, ground);
    case 'packages':
      return packages(rule.packages, ground);
    case 'expression':
      return expression(rule, ground);
  }
}

function checks(rule: CheckRule, { inventory }: Ground): Outcome {
  const found = inventory.checks.filter(({ id }) => rule.checks.includes(id));
  if (found.length > 0) {
    const because = oneLine(found.map(({ detail }) => detail).join('; '), 400);
    return { certain: true, from: always, because };
  }
  const off = rule.checks.filter((id) => inventory.unchecked?.includes(id));
  if (off.length > 0) {
    const because = `${listOf(off)}: not looked for (scanner.checks in the configuration, or only a bill of materials was scanned)`;
    return { certain: false, from: always, because };
  }
  if (inventory.facts !== null || !rule.checks.some((id) => checkGuides[id].needsConfig)) return null;
  return { certain: false, from: always, because: 'its config could not be read' };
}

function expression(rule: ExpressionRule, ground: Ground): Outcome {
  const compiled = compile('image', rule.expression);
  if ('fault' in compiled) throw new Error('an expression of a policy that was read cannot be compiled');
  const answer = compiled.program(ground.values, ground.meter);
  if (answer.kind === 'no') return null;
  if (answer.kind === 'undecided') return { certain: false, from: always, because: answer.why };
  return { certain: true, from: always, because: 'the image is what the rule describes' };
}

function packages(condition: PackageCondition, ground: Ground): Outcome {
  const matches = packageMatcher(condition, ground);
  const caught: string[] = [];
  let count = 0;
  let doubt: string | null = null;
  for (const one of ground.inventory.packages()) {
    const answer = matches(one);
    if (answer === false) continue;
    if (answer !== true) {
      doubt ??= answer;
      continue;
    }
    count += 1;
    if (caught.length < 3) caught.push(`${oneLine(one.name, 80)} ${oneLine(one.version, 60)}`);
  }
  if (count > 0) {
    const more = count > caught.length ? ` and ${count - caught.length} more` : '';
    return { certain: true, from: always, because: `it holds ${caught.join(', ')}${more}` };
  }
  return doubt === null ? null : { certain: false, from: always, because: doubt };
}

/** A text: why nobody can tell. */
function packageMatcher(
  { names, ecosystems, licences, versions, expression: text }: PackageCondition,
  { values, meter }: Ground,
): (one: Package) => boolean | string {
  const any = (patterns: readonly string[], value: string) =>
    patterns.some((pattern) => matchesName(pattern, value));
  const compiled = text === null ? null : compile('package', text);
  if (compiled !== null && 'fault' in compiled) {
    throw new Error('an expression of a policy that was read cannot be compiled');
  }
  const licensed = licences === null ? null : licenceMatcher(licences);
  return (one) => {
    if (ecosystems !== null && !ecosystems.includes(one.type)) return false;
    if (names !== null && !any(names, one.name) && !any(names, one.source.name)) return false;
    if (versions !== null && !any(versions, one.version)) return false;
    if (licensed !== null && !licensed(one.licenses)) return false;
    if (compiled === null) return true;
    const { image, os, now } = values;
    const answer = compiled.program({ pkg: new PackageView(one), image, os, now }, meter);
    return answer.kind === 'undecided' ? answer.why : answer.kind === 'yes';
  };
}

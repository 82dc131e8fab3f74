import { oneLine } from '../../policy/text.ts';
import type { Check } from '../harbor/check.ts';
import type { Step } from '../harbor/register.ts';
import { formatTable } from './table.ts';

const longest = 500;

/** One step of `harbor register`, as it is done. */
export function stepText({ step, result, detail }: Step): string {
  return `${result.padEnd(9)}  ${step.padEnd(12)}  ${oneLine(detail, longest)}`;
}

/** What a person still has to do after `harbor register`, worst first. */
export function todoText(todo: readonly Check[]): string {
  if (todo.length === 0)
    return '\nNothing is left to do. What Harbor refuses, and what it cannot: docs/harbor.md';
  return ['', 'Left for you:', ...todo.map(itemText)].join('\n');
}

function itemText({ level, found, remedy }: Check): string {
  const text = `  - ${level === 'warning' ? '' : `${level}: `}${oneLine(found, longest)}`;
  return remedy === null ? text : `${text}\n    ${oneLine(remedy, longest)}`;
}

export function checksText(checks: readonly Check[]): string {
  return formatTable(
    ['LEVEL', 'CHECK', 'FOUND'],
    checks.flatMap(({ level, id, found, remedy }) => [
      [level, id, found],
      ...(remedy === null ? [] : [['', '', `→ ${remedy}`]]),
    ]),
  );
}

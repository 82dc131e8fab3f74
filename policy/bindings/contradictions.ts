import type { Problem } from '../problems.ts';
import { listOf } from '../text.ts';
import type { BeforeScanRule, Binding, Selector } from './binding.ts';
import { covers, isEverything, selectorKey } from './covers.ts';
import { matchesName } from './glob.ts';

/** The id of the binding that is there without being written. */
export const impliedId = 'default';

/** Bindings and before-scan rules that contradict each other or can never hold, with what to do. */
export function contradictions(
  bindings: readonly Binding[],
  beforeScan: readonly BeforeScanRule[],
): readonly Problem[] {
  return [
    ...ids(bindings, ['bindings']),
    ...bindings.flatMap((binding, index) => ids(binding.context, ['bindings', index, 'context'])),
    ...ids(beforeScan, ['beforeScan']),
    ...overlaps(bindings, 'bindings'),
    ...overlaps(beforeScan, 'beforeScan'),
    ...lastBinding(bindings),
    ...passes(beforeScan),
  ];
}

type Path = readonly (string | number)[];

function ids(entries: readonly { readonly id: string }[], path: Path): readonly Problem[] {
  const seen = new Map<string, number>();
  return entries.flatMap(({ id }, index) => {
    const first = seen.get(id);
    seen.set(id, first ?? index);
    if (first === undefined) return [];
    const found = `"${id}", which is the id of ${String(path.at(-1))}[${first}] too`;
    return [{ path: [...path, index, 'id'], found, allowed: 'an id of its own', atKey: false }];
  });
}

interface Entry {
  readonly id: string;
  readonly selector: Selector;
}

function overlaps(entries: readonly Entry[], list: string): readonly Problem[] {
  const keys = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    const key = selectorKey(entry.selector);
    const same = keys.get(key);
    keys.set(key, same ?? index);
    const path = [list, index];
    const first = same === undefined ? undefined : entries[same];
    if (first !== undefined) {
      const found = `"${entry.id}", which holds for the same as "${first.id}" (${list}[${same}])`;
      return [
        { path, found, allowed: 'one of the two; make them one, or say how they differ', atKey: false },
      ];
    }
    const wider = entries.slice(0, index).findIndex((earlier) => covers(earlier.selector, entry.selector));
    const earlier = entries[wider];
    if (earlier === undefined) return [];
    const found = `"${entry.id}", which can never hold: "${earlier.id}" (${list}[${wider}]) comes first and fits all of it`;
    return [{ path, found, allowed: `it before "${earlier.id}", or not at all`, atKey: false }];
  });
}

function lastBinding(bindings: readonly Binding[]): readonly Problem[] {
  const last = bindings.at(-1);
  const index = bindings.length - 1;
  const problems: Problem[] = [];
  if (last !== undefined && last.selector.workloadLabels !== null) {
    problems.push({
      path: ['bindings', index, 'workloadLabels'],
      found: 'labels of a workload in the last binding',
      allowed:
        'them in a binding before the one that they add to (whoever writes an object chooses its labels)',
      atKey: true,
    });
  }
  const implied = !bindings.some(({ selector }) => isEverything(selector));
  const taken = bindings.findIndex(({ id }) => id === impliedId);
  if (implied && taken >= 0) {
    problems.push({
      path: ['bindings', taken, 'id'],
      found: null,
      allowed: `another id: "${impliedId}" is the binding for everything else, unless one of the file fits everything`,
      atKey: false,
    });
  }
  return problems;
}

/** What narrows a rule that lets through without a look: where it stands is not enough. */
const narrowing = [
  'upstreams',
  'images',
  'namespaces',
  'namespaceLabels',
  'serviceAccounts',
  'users',
  'groups',
] as const;

function passes(rules: readonly BeforeScanRule[]): readonly Problem[] {
  return rules.flatMap(({ action, selector }, index): readonly Problem[] => {
    if (action !== 'pass') return [];
    if (selector.workloadLabels !== null) {
      const found = 'labels of a workload, which whoever writes it chooses, in a rule that lets through';
      const allowed = `them where the action is refuse; to let through: ${listOf(narrowing)}`;
      return [{ path: ['beforeScan', index, 'workloadLabels'], found, allowed, atKey: true }];
    }
    if (narrowing.some((key) => narrows(key, selector))) return [];
    const found = 'a rule that lets everything through without a look';
    const allowed = `one with ${listOf(narrowing)}; to refuse nothing, bind a policy with "mode: audit"`;
    return [{ path: ['beforeScan', index], found, allowed, atKey: false }];
  });
}

function narrows(key: (typeof narrowing)[number], selector: Selector): boolean {
  const value = selector[key];
  if (value === null) return false;
  if (!Array.isArray(value)) return true;
  // A name that nobody has: what fits it fits anything. Two components, for images and service accounts.
  return !value.some((pattern: string) => matchesName(pattern.replaceAll('**', '*'), '\u0000/\u0000'));
}

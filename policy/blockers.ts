import type { Blocker, Verdict } from '../core/verdict.ts';
import type { Judgement } from './judgement.ts';

const mostBlockers = 200;

/** What denies or cannot be decided, in the order of the rules and then of the findings. */
export function blockersOf({ subjects, caught, holds, unmet }: Judgement): Verdict['blockers'] {
  const list: Blocker[] = unmet
    .filter((one) => one.action !== 'warn')
    .map((one) => ({ rule: one.id, finding: null }));
  for (const { rule } of holds) if (rule.action === 'deny') list.push({ rule: rule.id, finding: null });
  let total = list.length;
  for (const { rule, denies, undecided } of caught) {
    total += denies.length + undecided.length;
    for (const position of [...denies.slice(0, mostBlockers), ...undecided.slice(0, mostBlockers)]) {
      const finding = subjects.findings[position];
      if (finding === undefined || list.length >= mostBlockers) break;
      const { id, aliases, package: name, source } = finding;
      list.push({ rule: rule.id, finding: { id, aliases, package: name, source } });
    }
  }
  return { complete: total <= mostBlockers, list: list.slice(0, mostBlockers) };
}

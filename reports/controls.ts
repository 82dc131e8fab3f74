import type { Ask } from './ask.ts';
import type { Cell, Found } from './report.ts';
import { readRunning } from './running.ts';
import { eachImage, timeIsOver } from './source.ts';
import { compareText } from './standing.ts';
import { few } from './worst.ts';

const columns = [
  { key: 'control', title: 'CONTROL' },
  { key: 'state', title: 'STATE' },
  { key: 'failed', title: 'FAILED BY' },
  { key: 'undecided', title: 'UNDECIDED' },
  { key: 'warned', title: 'WARNED' },
  { key: 'told', title: 'TOLD' },
  { key: 'images', title: 'OF IMAGES' },
  { key: 'title', title: 'TITLE' },
  { key: 'rules', title: 'RULES THAT STAND FOR IT' },
];
const mostRules = 20;

/** Worst first. */
const states = ['failed', 'undecided', 'warned', 'not assessed', 'no image judged', 'held'] as const;
type State = (typeof states)[number];

interface Tally {
  readonly id: string;
  readonly title: string;
  readonly rules: Set<string>;
  failed: number;
  undecided: number;
  warned: number;
  told: number;
}

const kinds = { deny: 'failed', error: 'undecided', warn: 'warned', info: 'told' } as const;
const order = ['failed', 'undecided', 'warned', 'told'] as const;

/** One row for each control: how many images fail a rule that stands for it. A control without a rule is not assessed. */
export async function controlsReport({ reading, ground, options, now }: Ask): Promise<Found> {
  const running = await readRunning(reading.source, now, options.namespace);
  const tallies = new Map<string, Tally>();
  const of = (id: string, title = ''): Tally => {
    const known = tallies.get(id);
    if (known !== undefined) return known;
    const made: Tally = { id, title, rules: new Set(), failed: 0, undecided: 0, warned: 0, told: 0 };
    tallies.set(id, made);
    return made;
  };
  for (const { id, title } of ground.controls) of(id, title);
  for (const policy of ground.policies) {
    if (options.policy !== null && policy.name !== options.policy) continue;
    for (const rule of policy.rules) {
      for (const control of rule.controls) of(control).rules.add(`${policy.name}/${rule.id}`);
    }
  }
  let images = 0;
  const whole = await eachImage(reading, options.policy, ({ digest, verdicts }) => {
    if (running.leavesOut(digest)) return;
    images += 1;
    // An image counts once for a control, by the worst that any rule says.
    const worst = new Map<string, (typeof order)[number]>();
    for (const { policy, verdict } of verdicts) {
      for (const outcome of verdict.rules) {
        const kind = kinds[outcome.action];
        for (const control of outcome.controls) {
          of(control).rules.add(`${policy}/${outcome.id}`);
          const before = worst.get(control);
          if (before === undefined || order.indexOf(kind) < order.indexOf(before)) worst.set(control, kind);
        }
      }
    }
    for (const [control, kind] of worst) of(control)[kind] += 1;
  });
  const rows = [...tallies.values()]
    .map((tally) => ({ tally, state: stateOf(tally, images) }))
    .sort(
      (a, b) =>
        states.indexOf(a.state) - states.indexOf(b.state) ||
        b.tally.failed - a.tally.failed ||
        b.tally.undecided - a.tally.undecided ||
        b.tally.warned - a.tally.warned ||
        compareText(a.tally.id, b.tally.id),
    )
    .map(({ tally, state }) => rowOf(tally, state, images));
  return {
    columns,
    rows: rows.slice(options.offset, options.offset + options.limit),
    total: rows.length,
    incomplete: [
      ...(whole ? [] : [timeIsOver]),
      ...(ground.problem === null ? [] : [`rules of the policies are not known: ${ground.problem}`]),
    ],
    notes: [
      'held: rules stand for the control and none of them caught anything; it says nothing of what they do not look at',
      'not assessed: no rule of these policies stands for the control',
    ],
  };
}

function stateOf({ failed, undecided, warned, rules }: Tally, images: number): State {
  if (failed > 0) return 'failed';
  if (undecided > 0) return 'undecided';
  if (warned > 0) return 'warned';
  if (rules.size === 0) return 'not assessed';
  return images === 0 ? 'no image judged' : 'held';
}

function rowOf(
  { id, title, rules, failed, undecided, warned, told }: Tally,
  state: State,
  images: number,
): Cell[] {
  const assessed = state !== 'not assessed';
  const count = (value: number): number | null => (assessed ? value : null);
  return [
    id,
    state,
    count(failed),
    count(undecided),
    count(warned),
    count(told),
    images,
    title,
    few([...rules].sort(), mostRules),
  ];
}

import type { Exception, ExceptionScope, GrantedException } from '../core/exception.ts';
import { isContextFree } from '../core/exception.ts';
import type { MatchResult } from '../core/finding.ts';
import type { Suppressed } from '../core/verdict.ts';
import type { Ask } from './ask.ts';
import type { Cell, Found } from './report.ts';
import { dayMilliseconds, type Running, readRunning } from './running.ts';
import { eachImage, matchOf, timeIsOver } from './source.ts';
import { compareText } from './standing.ts';

const columns = [
  { key: 'state', title: 'STATE' },
  { key: 'expires', title: 'UNTIL' },
  { key: 'advisory', title: 'ADVISORY' },
  { key: 'package', title: 'PACKAGE' },
  { key: 'image', title: 'IMAGE' },
  { key: 'scope', title: 'WHERE' },
  { key: 'findings', title: 'FINDINGS' },
  { key: 'images', title: 'IMAGES' },
  { key: 'running', title: 'RUNNING' },
  { key: 'author', title: 'AUTHOR' },
  { key: 'ticket', title: 'TICKET' },
  { key: 'from', title: 'FROM' },
  { key: 'reason', title: 'REASON' },
];
/** Days before its end at which an exception is said to be ending. */
const endingDays = 7;
/** For how many days one that is over is still told. */
const recentDays = 30;

const states = ['ending', 'in force', 'revoked', 'ended'] as const;
type State = (typeof states)[number];

interface Entry {
  readonly exception: Exception;
  readonly state: State;
  /** Id of a granted one, else the policy whose file holds it. */
  readonly from: string;
  /** null: it stands in no policy file. */
  readonly policy: string | null;
  /** Milliseconds since 1970: when it ended or will. */
  readonly end: number;
  findings: number;
  images: number;
  running: number;
}

/** What is let through, ending first, with how much it lets through; then those that have ended lately. */
export async function exceptionsReport({ reading, ground, options, now }: Ask): Promise<Found> {
  const entries = [
    ...(await reading.source.listExceptions(null)).map((one) => grantedEntry(one, now)),
    ...ground.policies.flatMap(({ name, exceptions }) =>
      exceptions
        .filter(({ id }) => id === null)
        .map((one) => entryOf(one, name, name, stateOf(one.endsAt, now), one.endsAt)),
    ),
  ].filter(
    ({ end, state, exception, policy }) =>
      (state === 'ending' || state === 'in force' || end > now - recentDays * dayMilliseconds) &&
      holdsFor(exception, policy, options.policy),
  );
  const running = await readRunning(reading.source, now, options.namespace);
  const counting = new Counting(entries, running);
  const whole = await eachImage(reading, options.policy, async (image) => {
    if (running.leavesOut(image.digest)) return;
    const suppressed = image.verdicts.flatMap(({ policy, verdict }) =>
      verdict.suppressed.filter(({ vex }) => vex === undefined).map((one) => ({ policy, one })),
    );
    if (suppressed.length === 0) return;
    const match = counting.needsNames(suppressed) ? await matchOf(reading.source, image) : null;
    counting.add(image.digest, suppressed, match);
  });
  entries.sort(
    (a, b) =>
      states.indexOf(a.state) - states.indexOf(b.state) ||
      (isOver(a) ? b.end - a.end : a.end - b.end) ||
      compareText(a.exception.advisory, b.exception.advisory),
  );
  return {
    columns,
    rows: entries.slice(options.offset, options.offset + options.limit).map(rowOf),
    total: entries.length,
    incomplete: [
      ...(whole ? [] : [timeIsOver]),
      ...(ground.problem === null ? [] : [`exceptions of policy files are not known: ${ground.problem}`]),
      ...(counting.unknown === 0
        ? []
        : [`${counting.unknown} findings are let through by an exception that is not listed here`]),
    ],
    notes: [
      `ending: within ${endingDays} days; ended and revoked ones are told for ${recentDays} days`,
      'what an exception for a gate, a cluster or a namespace lets through is decided there, and not counted here',
    ],
  };
}

function grantedEntry(one: GrantedException, now: number): Entry {
  if (one.revoked === null) return entryOf(one, one.id, null, stateOf(one.endsAt, now), one.endsAt);
  return entryOf(one, one.id, null, 'revoked', Date.parse(one.revoked.at));
}

function entryOf(
  exception: Exception,
  from: string,
  policy: string | null,
  state: State,
  end: number,
): Entry {
  return { exception, from, policy, state, end, findings: 0, images: 0, running: 0 };
}

function stateOf(endsAt: number, now: number): State {
  if (endsAt <= now) return 'ended';
  return endsAt - now <= endingDays * dayMilliseconds ? 'ending' : 'in force';
}

function isOver({ state }: Entry): boolean {
  return state === 'ended' || state === 'revoked';
}

function holdsFor({ scope }: Exception, policy: string | null, asked: string | null): boolean {
  if (asked === null) return true;
  return policy === null ? scope.policies.length === 0 || scope.policies.includes(asked) : policy === asked;
}

interface Let {
  readonly policy: string;
  readonly one: Suppressed;
}

/** Which entry each finding is let through by. */
class Counting {
  readonly #granted = new Map<string, Entry>();
  readonly #filed = new Map<string, Entry[]>();
  readonly #running: Running;
  unknown = 0;

  constructor(entries: readonly Entry[], running: Running) {
    this.#running = running;
    for (const entry of entries) {
      const { exception } = entry;
      if (exception.id !== null) {
        this.#granted.set(exception.id, entry);
        continue;
      }
      const key = keyOf(entry.from, exception.author, exception.reason, exception.expires);
      const known = this.#filed.get(key);
      if (known === undefined) this.#filed.set(key, [entry]);
      else known.push(entry);
    }
  }

  /** Whether the other names of findings decide which exception it is: several have the same author, reason and end. */
  needsNames(suppressed: readonly Let[]): boolean {
    return suppressed.some((one) => this.#candidates(one).length > 1);
  }

  add(digest: Parameters<Running['has']>[0], suppressed: readonly Let[], match: MatchResult | null): void {
    const touched = new Set<Entry>();
    const counted = new Set<string>();
    for (const one of suppressed) {
      const entry = this.#entryOf(one, match);
      if (entry === null) {
        this.unknown += 1;
        continue;
      }
      touched.add(entry);
      // Several policies let the same finding through by the same exception.
      const key = JSON.stringify([entry.from, entry.exception.advisory, one.one.id, one.one.package]);
      if (!counted.has(key)) entry.findings += 1;
      counted.add(key);
    }
    for (const entry of touched) {
      entry.images += 1;
      if (this.#running.has(digest)) entry.running += 1;
    }
  }

  #candidates({ policy, one }: Let): readonly Entry[] {
    if (one.exception !== null) {
      const entry = this.#granted.get(one.exception);
      return entry === undefined ? [] : [entry];
    }
    return this.#filed.get(keyOf(policy, one.by, one.reason, one.expires ?? '')) ?? [];
  }

  #entryOf(suppressed: Let, match: MatchResult | null): Entry | null {
    const candidates = this.#candidates(suppressed);
    if (candidates.length < 2) return candidates[0] ?? null;
    const { one } = suppressed;
    const names = new Set([one.id]);
    for (const { id, aliases, package: name } of match?.findings ?? []) {
      if (name !== one.package || (id !== one.id && !aliases.includes(one.id))) continue;
      for (const other of [id, ...aliases]) names.add(other);
    }
    return candidates.find(({ exception }) => names.has(exception.advisory)) ?? null;
  }
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

function rowOf(entry: Entry): Cell[] {
  const { exception } = entry;
  const counted = isContextFree(exception.scope);
  return [
    entry.state,
    exception.expires,
    exception.advisory,
    exception.package,
    exception.image,
    scopeTexts(exception.scope, entry.policy),
    counted ? entry.findings : null,
    counted ? entry.images : null,
    counted ? entry.running : null,
    exception.author,
    exception.ticket,
    entry.from,
    exception.reason,
  ];
}

/** For one cell; empty: everywhere. */
function scopeTexts(scope: ExceptionScope, policy: string | null): readonly string[] {
  const policies = policy === null ? scope.policies : [policy];
  return [
    ...policies.map((name) => `policy ${name}`),
    ...scope.gates.map((name) => `gate ${name}`),
    ...scope.clusters.map((name) => `cluster ${name}`),
    ...scope.namespaces.map((name) => `namespace ${name}`),
  ];
}

import { type GateName, gateNames } from '../../core/context.ts';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { Exception, ExceptionScope, GrantedException } from '../../core/exception.ts';
import { parsePolicy } from '../../policy/parse.ts';
import { listOf } from '../../policy/text.ts';

/** What `exception add` is given, as it was typed. */
export interface ExceptionFlags {
  readonly advisory?: string;
  readonly package?: string;
  readonly image?: string;
  readonly policy?: readonly string[];
  readonly gate?: readonly string[];
  readonly cluster?: readonly string[];
  readonly namespace?: readonly string[];
  readonly reason?: string;
  readonly author?: string;
  readonly expires?: string;
  readonly ticket?: string;
}

/** What lasts longer is granted all the same, and said to; milliseconds. */
const longTime = 366 * 86_400_000;
/** Names that a scope may list, and how long each may be. */
const most = { entries: 100, characters: 253 };

/**
 * An exception out of the options, checked as one that stands in a policy file is.
 * @param id `ex-` and 12 hex digits
 * @param at milliseconds since 1970
 * @throws PratiqueError `usage-invalid`, one line for every problem
 */
export function readException(flags: ExceptionFlags, id: string, at: number): GrantedException {
  const problems: string[] = [];
  const scope = scopeOf(flags, problems);
  const read = readAsPolicy(flags, problems);
  if (read !== null && read.endsAt <= at)
    problems.push(`--expires: found "${read.expires}", which is over: allowed is a time to come`);
  if (problems.length > 0 || read === null) throw new PratiqueError('usage-invalid', problems.join('\n'));
  return { ...read, id, scope, grantedAt: new Date(at).toISOString(), revoked: null };
}

/** Whether it holds so long that somebody should look at it again before. */
export function holdsLong(exception: Exception, at: number): boolean {
  return exception.endsAt - at > longTime;
}

/** The only exception of a policy that is written here: so that both are held to the same. */
function readAsPolicy(flags: ExceptionFlags, problems: string[]): Exception | null {
  const { advisory, package: name, image, reason, author, ticket, expires } = flags;
  const exception = { advisory, package: name, image, reason, author, ticket, expires };
  const text = JSON.stringify({ version: 1, name: 'command-line', rules: [], exceptions: [exception] });
  try {
    return parsePolicy(text, 'options').exceptions[0] ?? null;
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    problems.push(...error.message.split('\n').map(asOption));
    return null;
  }
}

/** `options:1:80 exceptions[0].expires: found nothing, allowed …` is about `--expires`. */
function asOption(problem: string): string {
  return problem.replace(/^options:\d+:\d+ exceptions\[0\]\.?([a-z]*)/, (_whole, key: string) => `--${key}`);
}

function scopeOf(flags: ExceptionFlags, problems: string[]): ExceptionScope {
  const names = (option: string, given: readonly string[] | undefined): readonly string[] => {
    const wrong = (given ?? []).find((name) => !/^\S+$/.test(name) || name.length > most.characters);
    if (wrong !== undefined)
      problems.push(`--${option}: found "${wrong}", allowed a name, or a pattern with *`);
    if ((given ?? []).length > most.entries) problems.push(`--${option}: allowed at most ${most.entries}`);
    return [...new Set(given)];
  };
  const gates = (flags.gate ?? []).filter((gate): gate is GateName =>
    gateNames.some((known) => known === gate),
  );
  const unknown = flags.gate?.find((gate) => !gateNames.some((known) => known === gate));
  if (unknown !== undefined) problems.push(`--gate: found "${unknown}", allowed ${listOf(gateNames)}`);
  return {
    policies: names('policy', flags.policy),
    gates: [...new Set(gates)],
    clusters: names('cluster', flags.cluster),
    namespaces: names('namespace', flags.namespace),
  };
}

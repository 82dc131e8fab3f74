import { errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { GrantedException } from '../../core/exception.ts';
import type { ExceptionStore } from '../../core/ports/exceptions.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { VerdictStore } from '../../core/ports/verdicts.ts';
import type { PolicySet } from '../../policy/bindings/binding.ts';
import { boundPolicies } from '../../policy/bindings/parse.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import type { Rulebook } from '../../policy/bindings/rulebook.ts';
import { type PolicySources, parsePolicySources } from '../../policy/bindings/sources.ts';
import type { Policy } from '../../policy/policy.ts';
import { EndedExceptions } from './ended.ts';
import { type GoodPolicy, parseGood } from './good.ts';
import { areChanged, type ReadAttempt, tryRead } from './read.ts';
import { goodOf, record } from './record.ts';

/** How long an exception that has ended is still told with the verdicts that it let through, milliseconds. */
const toldAfterEnd = 30 * 86_400_000;
/** After so many looks a policy that cannot be read is read again though its files seem the same. */
const looksUntilRetry = 60;

export interface InForceParts {
  /** What `policy` of the configuration names; null: the baseline. */
  readonly source: string | null;
  readonly verdicts: Pick<
    VerdictStore,
    'goodPolicy' | 'putGoodPolicy' | 'putChange' | 'followerCursor' | 'putFollowerCursor'
  >;
  readonly exceptions: Pick<ExceptionStore, 'listExceptions' | 'exceptionsVersion' | 'addAudit'>;
  /** Called after the new policy is in force. */
  readonly onChange: (cause: 'policy' | 'exception') => void;
  /** Called when what the files say cannot come into force; what was in force stays. */
  readonly onInvalid: (problem: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** What is in force, as one value that changes as a whole. */
interface InForce {
  readonly sources: PolicySources;
  /** Without granted exceptions. */
  readonly set: PolicySet;
  readonly granted: readonly GrantedException[];
  readonly rulebook: Rulebook;
  readonly policies: readonly Policy[];
  /** ISO 8601: when it came into force here. */
  readonly since: string;
}

/**
 * The policy set that gates ask, from files and from exceptions that were granted. A file that cannot be read changes
 * nothing: the last good one stays in force, over a restart too, and `problem` says why.
 */
export class PolicyInForce {
  readonly #parts: InForceParts;
  readonly #ended: EndedExceptions;
  #current: InForce;
  #prints: ReadonlyMap<string, string> = new Map();
  #version = -1;
  #problem: string | null = null;
  #lastLook = 0;
  #looksWithProblem = 0;
  #refreshing: Promise<'same' | 'changed' | 'invalid'> | null = null;

  private constructor(parts: InForceParts, current: InForce) {
    this.#parts = parts;
    this.#current = current;
    this.#ended = new EndedExceptions(parts);
  }

  /**
   * Reads the files; where they are invalid, goes on with what was last in force.
   * @throws PratiqueError `policy-invalid` where there is nothing to go on with
   */
  static async start(parts: InForceParts): Promise<PolicyInForce> {
    const kept = await parts.verdicts.goodPolicy();
    const good = kept === null ? null : parseGood(kept);
    const version = await parts.exceptions.exceptionsVersion();
    const granted = await heldGrants(parts);
    const attempt = tryRead(parts.source);
    const { sources, set, problem } = isPratiqueError(attempt.outcome)
      ? { ...lastGood(good, attempt.outcome), problem: attempt.outcome.message }
      : { ...attempt.outcome, problem: null };
    const current = assemble(sources, set, granted, parts.now());
    const inForce = new PolicyInForce(parts, current);
    await record(parts, good, current);
    inForce.#seen(attempt, version);
    if (problem !== null) inForce.#tellProblem(problem);
    return inForce;
  }

  rulebook(): Rulebook {
    return this.#current.rulebook;
  }

  /** Those that a binding names, with the exceptions that were granted for them. */
  policies(): readonly Policy[] {
    return this.#current.policies;
  }

  /** What it is made of, as one value: whoever makes the same of it has the same revision. */
  get made(): Pick<InForce, 'sources' | 'granted'> & { readonly revision: string } {
    const { sources, granted, rulebook } = this.#current;
    return { sources, granted, revision: rulebook.set.revision };
  }

  get name(): string {
    return this.#current.set.name;
  }

  get revision(): string {
    return this.#current.rulebook.set.revision;
  }

  /** ISO 8601: when it came into force, or this process began. */
  get since(): string {
    return this.#current.since;
  }

  /** Why the files are not what is in force; null: they are. */
  get problem(): string | null {
    return this.#problem;
  }

  /**
   * Looks whether files or exceptions have changed. `invalid` once for each problem, then `same` while it lasts.
   * What is new is durable before it is in force; a failure to write it changes nothing and is thrown.
   */
  async refresh(): Promise<'same' | 'changed' | 'invalid'> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<'same' | 'changed' | 'invalid'> {
    const { exceptions, now } = this.#parts;
    const before = this.#current;
    const version = await exceptions.exceptionsVersion();
    // Exceptions that had ended for a clock that ran ahead hold again.
    const turnedBack = now() < this.#lastLook;
    this.#lastLook = now();
    const attempt = this.#isFileToBeRead() ? tryRead(this.#parts.source) : null;
    const isNewVersion = version !== this.#version || turnedBack;
    let outcome: 'same' | 'changed' | 'invalid' = 'same';
    if (attempt !== null || isNewVersion) {
      const granted = isNewVersion ? await heldGrants(this.#parts) : before.granted;
      outcome = await this.#take(attempt, granted);
      this.#seen(attempt, version);
    }
    await this.#ended.tell(this.#current.policies, this.#current.granted);
    return outcome;
  }

  #isFileToBeRead(): boolean {
    if (areChanged(this.#prints)) return true;
    if (this.#problem === null) return false;
    this.#looksWithProblem += 1;
    return this.#looksWithProblem % looksUntilRetry === 0;
  }

  async #take(attempt: ReadAttempt | null, granted: readonly GrantedException[]) {
    const before = this.#current;
    const read = attempt?.outcome ?? before;
    const failed = isPratiqueError(read);
    const next = failed
      ? assemble(before.sources, before.set, granted, this.#parts.now())
      : assemble(read.sources, read.set, granted, this.#parts.now());
    await record(this.#parts, goodOf(before), next);
    const isChanged = next.rulebook.set.revision !== before.rulebook.set.revision;
    if (isChanged) {
      this.#current = next;
      this.#parts.onChange(next.set.revision === before.set.revision ? 'exception' : 'policy');
    } else {
      // The same in other words: what is compiled of it stays. Grants that concern nothing at present may do so later.
      this.#current = { ...before, sources: next.sources, granted: next.granted };
    }
    if (!failed) {
      if (attempt !== null) this.#tellSolved();
      return isChanged ? 'changed' : 'same';
    }
    const isNew = read.message !== this.#problem;
    if (isNew) this.#tellProblem(read.message);
    return isNew ? 'invalid' : isChanged ? 'changed' : 'same';
  }

  #seen(attempt: ReadAttempt | null, version: number): void {
    if (attempt !== null) this.#prints = attempt.prints;
    this.#version = version;
  }

  #tellProblem(problem: string): void {
    this.#problem = problem;
    this.#looksWithProblem = 0;
    const revision = this.revision;
    this.#parts.logger.error(
      { problem, revision },
      'the policy is invalid: the last good one stays in force',
    );
    this.#parts.onInvalid(problem);
  }

  #tellSolved(): void {
    if (this.#problem === null) return;
    this.#problem = null;
    this.#parts.logger.info({ revision: this.revision }, 'the policy is valid again, and in force');
  }
}

function assemble(
  sources: PolicySources,
  set: PolicySet,
  granted: readonly GrantedException[],
  at: number,
): InForce {
  const rulebook = makeRulebook(set, granted);
  return {
    sources,
    set,
    granted,
    rulebook,
    policies: boundPolicies(rulebook.set),
    since: new Date(at).toISOString(),
  };
}

function lastGood(good: GoodPolicy | null, problem: PratiqueError) {
  if (good === null) throw problem;
  try {
    return { sources: good.sources, set: parsePolicySources(good.sources) };
  } catch (error) {
    const message = `${problem.message}\nand what was last in force is invalid too: ${errorText(error)}`;
    throw new PratiqueError('policy-invalid', message, problem.fields, error);
  }
}

/** Granted exceptions that are not revoked, and those that ended lately, by id. */
async function heldGrants({ exceptions, now }: InForceParts): Promise<readonly GrantedException[]> {
  const from = new Date(now() - toldAfterEnd).toISOString();
  const listed = await exceptions.listExceptions(from);
  return listed.filter(({ revoked }) => revoked === null).sort((a, b) => (a.id < b.id ? -1 : 1));
}

import { type Exception, type GrantedException, isContextFree } from '../../core/exception.ts';
import { openStateReadOnly } from '../../db/state.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { effectsOf, type PlacedException } from '../recorded/suppressions.ts';
import {
  type ExceptionState,
  exceptionsJson,
  exceptionsTable,
  type ListedException,
} from '../report/exception-report.ts';
import { standingSet } from './last-good.ts';
import { withState } from './state-beside.ts';

export interface ExceptionListOptions {
  /** Those too that have ended or were revoked. */
  readonly all: boolean;
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/**
 * `pratique exception list`: those that were granted and those of policy files, what ends first comes first. While the
 * files are wrong those of the last good policy are told.
 * @returns the exit code: 0, or 3 where those of policy files had to be left out
 * @throws PratiqueError `data-unusable`
 */
export function listExceptions(
  { all, format, sources }: ExceptionListOptions,
  console: Console,
): Promise<number> {
  const config = loadConfig(sources);
  const at = Date.now();
  const { list, set, problem } = withState(dataPaths(config.data).state, openStateReadOnly, (state) => {
    const standing = standingSet(config, state.goodPolicy());
    const written = [...(standing.set?.policies.values() ?? [])].flatMap(({ name, exceptions }) =>
      exceptions.map((exception): PlacedException => ({ exception, file: name })),
    );
    const granted = state
      .listExceptions(all ? null : new Date(at).toISOString())
      .map((exception) => ({ exception, file: null }));
    const placed = [...granted, ...written.filter(({ exception }) => all || exception.endsAt > at)];
    const effects = effectsOf(placed, state);
    const told = placed.map(
      (one): ListedException => ({
        ...one,
        ...stateOf(one.exception, at),
        suppresses: isContextFree(one.exception.scope) ? (effects.get(one) ?? null) : null,
      }),
    );
    return { ...standing, list: told };
  });
  const complete = set !== null;
  const sorted = {
    at,
    complete,
    problem,
    list: list.sort((a, b) => order(a) - order(b) || a.exception.endsAt - b.exception.endsAt),
  };
  console.out(format === 'json' ? JSON.stringify(exceptionsJson(sorted), null, 2) : exceptionsTable(sorted));
  if (problem !== null) console.err(`${complete ? lastGoodTold : leftOut}: ${problem}`);
  return Promise.resolve(complete ? exitCodes.ok : exitCodes.undecided);
}

const lastGoodTold = 'the last good policy is in force, the file is not';
const leftOut = 'NOT COMPLETE: exceptions of policy files are not known';

function stateOf(
  exception: Exception | GrantedException,
  at: number,
): { readonly state: ExceptionState; readonly revoked: GrantedException['revoked'] } {
  const revoked = 'revoked' in exception ? exception.revoked : null;
  if (revoked !== null) return { state: 'revoked', revoked };
  return { state: exception.endsAt > at ? 'holds' : 'ended', revoked };
}

function order({ state }: ListedException): number {
  return state === 'holds' ? 0 : 1;
}

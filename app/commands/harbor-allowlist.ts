import { PratiqueError } from '../../core/errors.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { type AllowlistOutcome, type AllowlistPlan, planAllowlist } from '../harbor/allowlist.ts';
import type { HarborAllowlist } from '../harbor/answers.ts';
import type { HarborApi } from '../harbor/api.ts';
import { some } from '../harbor/check.ts';
import { type ConnectionOptions, connectionOf } from '../harbor/connection.ts';
import { allowlistText } from '../report/harbor-allowlist-report.ts';
import { apiOf, realTools, type Tools } from './harbor-tools.ts';
import { chosenSet, policyAt } from './policy-source.ts';

export interface AllowlistOptions {
  readonly connection: ConnectionOptions;
  /** null: the system's list. */
  readonly project: string | null;
  readonly policy: string | null;
  readonly apply: boolean;
  /** Whether entries that are not Pratique's may be taken out. */
  readonly replace: boolean;
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/**
 * `pratique harbor allowlist`; changes nothing without `apply`.
 * @throws PratiqueError `usage-invalid` where entries of others would be lost, `policy-invalid`, `harbor-…`
 */
export async function harborAllowlist(
  options: AllowlistOptions,
  console: Console,
  tools: Tools = realTools,
): Promise<number> {
  const connection = connectionOf(options.connection, options.sources.env);
  const policy = policyAt('harbor', chosenSet(options.policy, loadConfig(options.sources)));
  const api = apiOf(connection);
  const { info } = await api.systemInfo();
  const place = {
    host: info.registry_url === '' ? new URL(connection.url).host : info.registry_url,
    project: options.project,
  };
  const { list, reuses } = await currentList(api, options.project);
  const plan = planAllowlist(policy.exceptions, list, place, tools.now());
  const outcome = options.apply && !plan.unchanged ? 'done' : plan.unchanged ? 'unchanged' : 'would';
  const blocked = options.apply ? obstacle(plan, options, reuses) : null;
  if (blocked === null && outcome === 'done') await write(api, options.project, plan);
  const shown = {
    place,
    policy: policy.name,
    current: list,
    plan,
    reuses,
    outcome: blocked === null ? outcome : 'would',
  } as const;
  console.out(options.format === 'json' ? allowlistJson(shown) : allowlistText(shown));
  if (blocked !== null) throw new PratiqueError('usage-invalid', blocked, { project: options.project });
  return exitCodes.ok;
}

async function currentList(
  api: HarborApi,
  name: string | null,
): Promise<{ readonly list: HarborAllowlist; readonly reuses: boolean }> {
  if (name === null) return { list: await api.systemAllowlist(), reuses: false };
  const { cve_allowlist: list, metadata } = await api.getProject(name);
  return { list, reuses: metadata.reuse_sys_cve_allowlist };
}

async function write(api: HarborApi, project: string | null, { wanted }: AllowlistPlan): Promise<void> {
  if (project === null) await api.setSystemAllowlist(wanted);
  else await api.setProjectAllowlist(project, wanted);
}

/** Why nothing may be written; null where nothing stands against it. */
function obstacle(
  { foreign }: AllowlistPlan,
  { replace, project }: AllowlistOptions,
  reuses: boolean,
): string | null {
  if (reuses)
    return `nothing was changed: ${project} follows the system's allowlist, so its own has no effect. Choose "Project allowlist" in its Configuration (the system's entries then hold there no more), or leave --project out`;
  if (foreign.length > 0 && !replace)
    return `nothing was changed: the list holds entries that no exception of the policy stands for (${some(foreign)}). Harbor has one end for the whole list, so both cannot be kept with their own ends. Add them to the policy's exceptions, or let them be taken out with --replace`;
  return null;
}

function allowlistJson({ place, policy, current, plan, reuses, outcome }: AllowlistOutcome): string {
  const { wanted, leftOut, added, foreign } = plan;
  return JSON.stringify(
    {
      schemaVersion: 1,
      ...place,
      policy,
      outcome,
      followsSystem: reuses,
      current,
      wanted,
      added,
      foreign,
      leftOut,
    },
    null,
    2,
  );
}

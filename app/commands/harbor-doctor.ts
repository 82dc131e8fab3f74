import type { ConfigSources } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import type { Check } from '../harbor/check.ts';
import { type ConnectionOptions, connectionOf } from '../harbor/connection.ts';
import { diagnose } from '../harbor/diagnose.ts';
import { gatherFacts } from '../harbor/facts.ts';
import { parseAdapterUrl } from '../harbor/registration.ts';
import { checksText } from '../report/harbor-report.ts';
import { apiOf, realTools, type Tools, yardstickOf } from './harbor-tools.ts';

export interface HarborDoctorOptions {
  readonly connection: ConnectionOptions;
  /** How Pratique's registration is recognised; both null: by what the scanner says of itself. */
  readonly name: string | null;
  readonly adapterUrl: string | null;
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/**
 * `pratique doctor harbor`; changes nothing.
 * @returns the exit code: 0 where nothing is broken, 1 for a mistake, 3 where something could not be looked at
 * @throws PratiqueError `usage-invalid`, `harbor-…`
 */
export async function harborDoctor(
  options: HarborDoctorOptions,
  console: Console,
  tools: Tools = realTools,
): Promise<number> {
  const connection = connectionOf(options.connection, options.sources.env);
  const yardstick = yardstickOf(options.sources, tools.now());
  const facts = await gatherFacts({
    api: apiOf(connection),
    url: connection.url,
    name: options.name,
    adapterUrl: options.adapterUrl === null ? null : parseAdapterUrl(options.adapterUrl),
    now: tools.now,
  });
  const checks = diagnose(facts, yardstick);
  console.out(
    options.format === 'json'
      ? JSON.stringify({ schemaVersion: 1, harbor: connection.url, worst: worstOf(checks), checks }, null, 2)
      : checksText(checks),
  );
  return codes[worstOf(checks)];
}

const codes = {
  mistake: exitCodes.fail,
  unknown: exitCodes.undecided,
  warning: exitCodes.ok,
  ok: exitCodes.ok,
} as const;

/** @param checks worst first */
function worstOf(checks: readonly Check[]): Check['level'] {
  return checks[0]?.level ?? 'ok';
}

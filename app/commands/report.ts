import { existsSync } from 'node:fs';
import { advisoriesStatus } from '../../advisories/status.ts';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { AdvisoriesState } from '../../core/finding.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { openStateReadOnly } from '../../db/state.ts';
import { boundPolicies } from '../../policy/bindings/parse.ts';
import type { ReportAsked } from '../../proxy/management/reports.ts';
import type { ReportGround } from '../../reports/report.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { remarks } from '../report/report-text.ts';
import { parseAsked } from '../report-asked.ts';
import { formatReport, groundOf, tableOf } from '../reports.ts';
import { standingSet } from './last-good.ts';

export interface ReportCommandOptions {
  readonly name: string;
  readonly asked: ReportAsked;
  readonly sources: ConfigSources;
}

/**
 * `pratique report`: from what is recorded, beside a running server or without one; changes nothing.
 * @returns the exit code: 0, or 3 where something had to be left out
 * @throws PratiqueError `usage-invalid`, `config-invalid`, `data-unusable`
 */
export async function showReport(
  { name, asked, sources }: ReportCommandOptions,
  console: Console,
): Promise<number> {
  const wanted = parseAsked(name, asked, 'table');
  const config = loadConfig(sources);
  const paths = dataPaths(config.data);
  if (!existsSync(paths.state)) {
    throw new PratiqueError(
      'data-unusable',
      `there are no records at ${paths.state}: "pratique serve" makes them; another folder is named with --data DIR`,
      { file: paths.state },
    );
  }
  const source = openStateReadOnly(paths.state);
  try {
    const ground = readGround(config, readAdvisories(paths.advisories), source.goodPolicy());
    const table = await tableOf(wanted, { source, ground: () => ground, now: Date.now, longest: null });
    const text = formatReport(table, wanted.format);
    // The console ends what it writes with a line break of its own.
    console.out(text.endsWith('\n') ? text.slice(0, -1) : text);
    // A CSV file has no place for it.
    if (wanted.format === 'csv') for (const line of remarks(table)) console.err(line);
    return table.incomplete.length === 0 ? exitCodes.ok : exitCodes.undecided;
  } finally {
    source.close();
  }
}

/** A policy that cannot be read does not keep anybody from asking who has an advisory. */
function readGround(config: Config, advisories: AdvisoriesState | null, kept: string | null): ReportGround {
  const { set, problem } = standingSet(config, kept);
  return groundOf(set === null ? [] : boundPolicies(set), advisories, problem);
}

/** null: none were imported. */
function readAdvisories(file: string): AdvisoriesState | null {
  try {
    const index = openAdvisoryIndex(file);
    try {
      const { revision, updatedAt } = advisoriesStatus(index, Date.now());
      return { revision, updatedAt };
    } finally {
      index.close();
    }
  } catch (error) {
    if (isPratiqueError(error) && error.code === 'advisories-missing') return null;
    throw error;
  }
}

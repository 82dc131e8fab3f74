import type { Express } from 'express';
import type { Logger } from '../core/ports/logger.ts';
import type { StateRecords } from '../db/state-client.ts';
import { createManagement, type ManagementContext, type ServerStatus } from '../proxy/management.ts';
import type { ReportGround } from '../reports/report.ts';
import type { CurrentAdvisories } from './advisories.ts';
import type { PolicyInForce } from './policy/in-force.ts';
import { fileExceptionsOf, standingOf } from './policy/standing.ts';
import { groundOf } from './reports.ts';
import { createReports } from './threaded-reports.ts';
import { readVersion } from './version.ts';

/** How long a report may read, milliseconds. */
const longestReport = 20_000;

/** The management port with all that it tells of. */
export function managementApp(parts: {
  readonly records: StateRecords;
  /** Which reports read on their own. */
  readonly stateFile: string;
  /** The key of inventories (`analyzersOf`). */
  readonly analyzers: string;
  readonly inForce: PolicyInForce;
  /** What it asks for that the configuration cannot say. */
  readonly remarks: () => readonly string[];
  readonly advisories: CurrentAdvisories;
  readonly metrics: ManagementContext['metrics'];
  readonly pulls: ManagementContext['pulls'];
  readonly running: ManagementContext['running'];
  readonly status: () => Pick<ServerStatus, 'ready' | 'notReady' | 'vettings' | 'reevaluation' | 'replicas'>;
  /** Hosts by which it may be asked. */
  readonly names: readonly string[];
  readonly now: () => number;
  readonly logger: Logger;
}): Express {
  const { records, inForce, advisories, now, logger } = parts;
  const known = (): { readonly revision: string | null; readonly updatedAt: string | null } => ({
    revision: advisories.revision(),
    updatedAt: advisories.updatedAt,
  });
  const ground = (): ReportGround => {
    const { revision, updatedAt } = known();
    return groundOf(inForce.policies(), revision === null ? null : { revision, updatedAt }, inForce.problem);
  };
  return createManagement({
    records,
    verdicts: records,
    exceptions: records,
    reports: createReports({ file: parts.stateFile, ground, now, longest: longestReport }),
    names: parts.names,
    policy: () => standingOf(inForce),
    fileExceptions: () => fileExceptionsOf(inForce),
    now,
    logger,
    metrics: parts.metrics,
    pulls: parts.pulls,
    running: parts.running,
    findings: () => records.matchState(),
    analyzers: parts.analyzers,
    status: () => ({
      ...parts.status(),
      version: readVersion(),
      advisories: { ...known(), problems: advisories.problems },
      policy: {
        name: inForce.name,
        revision: inForce.revision,
        problem: inForce.problem,
        remarks: parts.remarks(),
      },
    }),
  });
}

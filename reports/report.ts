import type { Exception } from '../core/exception.ts';
import type { AdvisoriesState } from '../core/finding.ts';

/** Version of what a report's JSON says. */
export const reportSchemaVersion = 1;

export const reportNames = [
  'images',
  'namespaces',
  'teams',
  'controls',
  'advisory',
  'fixable',
  'newly-bad',
  'exceptions',
  'history',
] as const;
export type ReportName = (typeof reportNames)[number];

/** The question that each report answers. */
export const reportTitles: Readonly<Record<ReportName, string>> = {
  images: 'What is said of each image',
  namespaces: 'What runs in each namespace',
  teams: 'What each team runs',
  controls: 'Which controls are failed',
  advisory: 'Who has an advisory',
  fixable: 'What can be fixed',
  'newly-bad': 'What was allowed and is refused',
  exceptions: 'What is let through, by whom and until when',
  history: 'How many images had which status',
};

/** One value; a list is several of them, null has no meaning here. */
export type Cell = string | number | boolean | null | readonly string[];

export interface Column {
  /** Name in JSON and CSV. */
  readonly key: string;
  /** Heading for a person. */
  readonly title: string;
}

/** Which revision a policy had, for whoever reads the report later. */
export interface NamedRevision {
  readonly name: string;
  readonly revision: string;
}

/** A report, ready for every format. Rows are the worst first; each has one cell for a column. */
export interface ReportTable {
  readonly name: ReportName;
  readonly title: string;
  /** ISO 8601. */
  readonly asOf: string;
  readonly policies: readonly NamedRevision[];
  /** null: none have been imported. */
  readonly advisories: AdvisoriesState | null;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Which row of all of them is the first here, from 0. */
  readonly offset: number;
  /** How many rows there are in all. */
  readonly total: number;
  /** Why the report may leave something out, each a sentence; none: it is whole. */
  readonly incomplete: readonly string[];
  /** What a reader has to know, each a sentence. */
  readonly notes: readonly string[];
}

export interface ReportOptions {
  /** An advisory by any of its names. */
  readonly advisory: string | null;
  /** Name of a policy; null: all of them. */
  readonly policy: string | null;
  /** ISO 8601; null: what is usual for the report. */
  readonly since: string | null;
  /** Name of a namespace: only what was let in there. */
  readonly namespace: string | null;
  readonly limit: number;
  readonly offset: number;
}

/** Rows of a report where nobody says how many, and the most that may be asked for. */
export const rowLimits = { usual: 1000, most: 10_000, furthest: 100_000 } as const;

/** What a report has to know of a policy. */
export interface ReportPolicy extends NamedRevision {
  readonly rules: readonly {
    readonly id: string;
    readonly title: string;
    readonly controls: readonly string[];
  }[];
  /** Those that stand in its file. */
  readonly exceptions: readonly Exception[];
}

export interface ReportControl {
  readonly id: string;
  readonly title: string;
}

/** What the recorded verdicts were made with. */
export interface ReportGround {
  readonly policies: readonly ReportPolicy[];
  /** Why the policies are not known, one sentence; null: they are. */
  readonly problem: string | null;
  /** Why they are not what the files say by now, one sentence; null: they are. */
  readonly outdated: string | null;
  readonly advisories: AdvisoriesState | null;
  readonly controls: readonly ReportControl[];
}

/** What one report has found; `makeReport` puts title, time and ground around it. */
export interface Found {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly total: number;
  readonly incomplete: readonly string[];
  readonly notes: readonly string[];
}

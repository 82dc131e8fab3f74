import { PratiqueError } from '../core/errors.ts';
import { advisoryReport } from './advisory.ts';
import type { Ask } from './ask.ts';
import { controlsReport } from './controls.ts';
import { exceptionsReport } from './exceptions.ts';
import { fixableReport } from './fixable.ts';
import { historyReport } from './history.ts';
import { imagesReport } from './images.ts';
import { newlyBadReport } from './newly-bad.ts';
import { namespacesReport, teamsReport } from './places.ts';
import { type Found, type ReportName, type ReportTable, reportTitles } from './report.ts';

const makers: Readonly<Record<ReportName, (ask: Ask) => Promise<Found>>> = {
  images: imagesReport,
  namespaces: namespacesReport,
  teams: teamsReport,
  controls: controlsReport,
  advisory: advisoryReport,
  fixable: fixableReport,
  'newly-bad': newlyBadReport,
  exceptions: exceptionsReport,
  history: historyReport,
};

/**
 * Makes a report from what is recorded; changes nothing.
 * @throws PratiqueError `usage-invalid` where the options do not fit the report
 */
export async function makeReport(name: ReportName, ask: Ask): Promise<ReportTable> {
  const { ground, options, now } = ask;
  requireFit(name, ask);
  const found = await makers[name](ask);
  const shown = options.offset + found.rows.length;
  const policies = ground.policies
    .filter((policy) => options.policy === null || policy.name === options.policy)
    .map(({ name: policy, revision }) => ({ name: policy, revision }));
  const problems = [
    ...(ground.problem === null ? [] : [`the policies cannot be read: ${ground.problem}`]),
    ...(ground.outdated === null
      ? []
      : [`the last good policy is in force, the file is not: ${ground.outdated}`]),
  ];
  return {
    ...found,
    name,
    title: name === 'advisory' ? `Who has ${options.advisory ?? ''}` : reportTitles[name],
    asOf: new Date(now).toISOString(),
    policies,
    advisories: ground.advisories,
    offset: options.offset,
    notes: [
      ...(shown < found.total
        ? [`rows ${options.offset + 1} to ${shown} of ${found.total}; the next ones: offset ${shown}`]
        : []),
      ...(options.namespace === null ? [] : [`only what was let in to the namespace ${options.namespace}`]),
      ...found.notes,
      ...problems,
    ],
  };
}

/** Options that a report does not look at are mistakes: its answer would be taken for another one. */
function requireFit(name: ReportName, { ground, options }: Ask): void {
  if (options.advisory !== null && name !== 'advisory')
    throw new PratiqueError(
      'usage-invalid',
      `an advisory is asked for by the report "advisory", not "${name}"`,
    );
  if (options.since !== null && name !== 'newly-bad' && name !== 'history')
    throw new PratiqueError(
      'usage-invalid',
      `the report "${name}" has no "since": "newly-bad" and "history" do`,
    );
  if (options.namespace !== null && name === 'history')
    throw new PratiqueError('usage-invalid', 'the report "history" counts all images: it has no "namespace"');
  const known = ground.policies.map((policy) => policy.name);
  if (options.policy === null || name === 'history' || ground.problem !== null) return;
  if (!known.includes(options.policy))
    throw new PratiqueError(
      'usage-invalid',
      `no policy is named "${options.policy.slice(0, 200)}": there are ${known.join(', ')}`,
    );
}

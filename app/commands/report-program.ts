import { type Command, Option } from 'commander';
import { reportFormats } from '../report-asked.ts';
import { type PlaceFlags, place, runnerOf, type Surroundings } from './program-parts.ts';

/** Loaded when it is called for. */
const load = () => import('./report.ts');

interface Flags extends PlaceFlags {
  readonly advisory?: string;
  readonly policy?: string;
  readonly since?: string;
  readonly namespace?: string;
  readonly limit?: string;
  readonly offset?: string;
  readonly format?: string;
}

/** `pratique report …`. */
export function addReportCommand(program: Command, surroundings: Surroundings): void {
  const { console, judging, sourcesOf } = runnerOf(surroundings);
  place(program.command('report <name>'))
    .description('what is recorded of all images, worst first; beside a running server or without one')
    .option('--advisory <id>', 'with "advisory": which one, by any of its names')
    .option('--policy <name>', 'by this policy of the set only')
    .option('--since <date>', 'with "newly-bad" and "history": 2026-11-24, or a time in UTC')
    .option('--namespace <name>', 'only what was let in to this namespace')
    .option('--limit <rows>', 'most rows (default: 1000)')
    .option('--offset <rows>', 'leave out so many rows first')
    .addOption(new Option('--format <format>', 'how to print').choices([...reportFormats]).default('table'))
    .addHelpText('after', reportHelp)
    .action((name: string, flags: Flags) => {
      const { advisory, policy, since, namespace, limit, offset, format } = flags;
      const asked = {
        advisory: advisory ?? null,
        policy: policy ?? null,
        since: since ?? null,
        namespace: namespace ?? null,
        limit: limit ?? null,
        offset: offset ?? null,
        format: format ?? null,
      };
      const sources = sourcesOf(flags);
      return judging(async () => (await load()).showReport({ name, asked, sources }, console));
    });
}

const reportHelp = `
Reports:
  images      what is said of each image by each policy, and where it runs
  namespaces  how many images of which status run in each namespace
  teams       the same by the label of a team
  controls    which controls of NIST SP 800-190 and CIS are failed, and which no rule stands for
  advisory    who has an advisory: --advisory CVE-2026-1234
  fixable     which packages can be updated to what, those of most images first
  newly-bad   what was allowed and is refused, running ones first
  exceptions  what is let through by whom and until when, what ends first comes first
  history     how many images had which status on each day

Example:
  pratique report newly-bad --since 2026-11-01 --format html > newly-bad.html

Exit codes: 0 done, 2 usage or configuration, 3 something had to be left out (the report says what).`;
